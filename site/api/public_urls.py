"""Addresses for feed readers, search engines and other sites that show ours; they stand at the root."""

from django.urls import path, re_path

from api import sitemap
from api.embed import views as embed
from api.feeds import views as feeds

urlpatterns = [
    path("feeds/", feeds.index, name="feeds"),
    path("feeds/<int:pk>/", feeds.follow, name="follow"),
    re_path(r"^feeds/(?P<pk>\d{1,10})/(?P<form>rss|atom)/$", feeds.feed, name="feed"),
    path("sitemap.xml", sitemap.sitemap, name="sitemap"),
    path("sitemap-<slug:section>-<int:number>.xml", sitemap.section, name="sitemap_section"),
    path("robots.txt", sitemap.robots, name="robots"),
    path("embed/<int:pk>/", embed.channel, name="embed"),
    path("embed.js", embed.script, name="embed_script"),
]
