"""Who is signed in by a session, whether that still holds, and what is still due before anything else."""

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user, update_session_auth_hash
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.contrib.sessions.backends.base import SessionBase
from django.db import OperationalError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from staff.sign_in import passwords, second_factor
from staff.sign_in.address import address_of, browser_of
from staff.sign_in.models import SignIn

NUMBER = "staff_sign_in"  # under which a session carries the number of its sign-in
NOTED_EVERY = 60  # seconds


class Due(Enum):
    """What comes before everything else, and the name of the screen for it."""

    CODE = "staff_code"
    SET_UP = "staff_set_up_second_factor"
    PASSWORD = "staff_change_password"


@dataclass(frozen=True)
class Standing:
    """What a session is good for. Only one with nothing due counts as signed in."""

    user: Any = None  # whose session it is, be they let in yet or not
    sign_in: SignIn | None = None
    due: Due | None = None
    why_over: Any = ""  # for a session that held until now

    @property
    def admitted(self) -> Any:
        """The user whom the rest of the site sees."""
        return self.user if self.user is not None and self.due is None else AnonymousUser()


NOBODY = Standing()
OVER = Standing(why_over=_("这次登录已经结束，请重新登录。"))
RAN_OUT = Standing(why_over=_("太久没有操作，登录已经自动结束。请重新登录，就会回到刚才的页面。"))


def standing_of(session: SessionBase, user: Any) -> Standing:
    """Where a session stands whose password still fits; ``user`` is what Django makes of it."""
    number = session.get(NUMBER)
    if number is None and not user.is_authenticated:
        return NOBODY
    sign_in = SignIn.objects.select_related("user").filter(pk=number or 0).first()
    if sign_in is None or sign_in.ended_at is not None or not user.is_authenticated:
        if sign_in is not None:  # of an account that is disabled: it must not come back with the account
            SignIn.objects.filter(pk=sign_in.pk).end()
        return OVER
    if sign_in.user_id != user.pk or not sign_in.user.is_active:
        return OVER
    if sign_in.has_run_out:
        SignIn.objects.filter(pk=sign_in.pk).end()
        return RAN_OUT
    return Standing(user, sign_in, _due(user, sign_in))


def _due(user: Any, sign_in: SignIn) -> Due | None:
    if not sign_in.is_verified:
        if second_factor.device_of(user) is not None:
            return Due.CODE
        if second_factor.must_have(user):
            return Due.SET_UP
    return Due.PASSWORD if passwords.is_too_old(user) else None


def standing(request: Any) -> Standing:
    """Where the session of a request stands; looked up once. One that is over is emptied."""
    found: Standing | None = getattr(request, "_staff_standing", None)
    if found is None:
        found = standing_of(request.session, get_user(request))
        if found.why_over:
            request.session.flush()
        request._staff_standing = found
    return found


def begin(sender: Any, request: Any, user: Any, **more: Any) -> None:
    """Every login makes a sign-in; an earlier one of the same session is over."""
    _end_former(request.session)
    sign_in = SignIn.objects.create(user=user, address=address_of(request), browser=browser_of(request))
    request.session[NUMBER] = sign_in.pk
    request._staff_standing = None


def leave(sender: Any, request: Any, user: Any, **more: Any) -> None:
    _end_former(request.session)
    request._staff_standing = None


def _end_former(session: SessionBase) -> None:
    if number := session.get(NUMBER):
        SignIn.objects.filter(pk=number).end()


def verify(request: Any) -> None:
    """The second factor was given: more rights, so another key for the session."""
    SignIn.objects.filter(pk=request.session[NUMBER]).update(is_verified=True)
    request.session.cycle_key()
    request._staff_standing = None


def keep(request: Any, user: Any) -> None:
    """The one session that goes on where a new password has just ended all of them."""
    SignIn.objects.filter(pk=request.session[NUMBER]).update(ended_at=None)
    request.user = user  # whom Django compares; a password that was too old had kept them out
    update_session_auth_hash(request, user)
    request._staff_standing = None


def note_activity(sign_in: SignIn) -> None:
    """Keep when somebody was last there, to the minute: not every request writes."""
    now = timezone.now()
    every = timedelta(seconds=min(NOTED_EVERY, settings.SESSION_IDLE_SECONDS / 10))
    if now - sign_in.last_active_at < every:
        return
    try:
        SignIn.objects.filter(pk=sign_in.pk, ended_at=None).update(last_active_at=now)
    except OperationalError:  # SQLite, while something long is written: readers are served all the same
        return


def connect() -> None:
    user_logged_in.connect(begin, dispatch_uid="staff.begin")
    user_logged_out.connect(leave, dispatch_uid="staff.leave")
