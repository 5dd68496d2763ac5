"""What stops a piece of content from being published, and how it is said."""

from django.core.exceptions import NON_FIELD_ERRORS, FieldDoesNotExist, ValidationError
from django.utils.translation import gettext as _


class NotPublishable(ValidationError):
    """Content that may not go public; ``problems`` are plain sentences for the person who tried."""

    def __init__(self, thing, problems):
        self.thing = thing
        self.problems = [str(problem) for problem in problems]
        super().__init__(self.problems)


def field_problems(thing):
    """Field rules that ``thing`` breaks, each as a sentence that names the field."""
    try:
        thing.full_clean()
    except ValidationError as error:
        return [
            message
            if name == NON_FIELD_ERRORS
            else _("“%(field)s”：%(message)s")
            % {
                "field": label_of(thing, name),
                "message": message,
            }
            for name, messages in error.message_dict.items()
            for message in messages
        ]
    return []


def label_of(thing, name):
    try:
        return thing._meta.get_field(name).verbose_name
    except FieldDoesNotExist:
        return name


def require_publishable(thing):
    """Raise NotPublishable when ``thing`` breaks its own rules."""
    problems = thing.publish_problems()
    if problems:
        raise NotPublishable(thing, problems)
