from .editions import Edition, EditionRow
from .pages import Channel, ContentPage
from .taxonomy import Audience, Code, Topic

__all__ = ["Audience", "Channel", "Code", "ContentPage", "Edition", "EditionRow", "Topic"]
