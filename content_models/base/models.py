from content_models.base.editions import Edition, EditionRow
from content_models.base.pages import Channel, ContentPage
from content_models.base.taxonomy import Audience, Code, Topic

__all__ = ["Audience", "Channel", "Code", "ContentPage", "Edition", "EditionRow", "Topic"]
