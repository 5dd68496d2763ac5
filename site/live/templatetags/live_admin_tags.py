"""What editors learn of a page's readers, in templates."""

from django import template

from live.editors import open_words

register = template.Library()
register.simple_tag(open_words)
