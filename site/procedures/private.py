"""What residents may read of a case names nobody."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from quality.personal_data import find


def require_no_personal_data(text: str) -> None:
    """Raises ValidationError where a text for the public holds personal data, naming it in masked form."""
    found = find(text)
    if found:
        sentence = _("这段话会公开，里面有%(kind)s（%(masked)s），请去掉后再提交。")
        raise ValidationError(sentence % {"kind": found[0].kind.label, "masked": found[0].masked})
