"""What is forgotten in time; the schedule sees to it."""

from datetime import timedelta
from importlib import import_module

from django.conf import settings
from django.utils import timezone

from staff.sign_in import guesses
from staff.sign_in.models import SignIn

KEPT = timedelta(days=30)  # from where somebody signed in: strangers elsewhere cannot lock them out there


def clear_old_sign_ins() -> int:
    """Delete sessions that have run out, sign-ins of long ago, and counts that count no longer."""
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    SignIn.objects.filter(
        user__is_active=False
    ).end()  # should an account have been disabled past every screen
    old, _by_model = SignIn.objects.filter(began_at__lt=timezone.now() - KEPT).delete()
    return old + guesses.clear_old()
