"""How often the same sender is listened to (THREATS 18): counted in the database, before anything is kept.

Where somebody sends from is kept as a digest with a key of that day alone, and for two days at most
(``staff.sign_in.upkeep``).
"""

import re

from django.utils import timezone
from django.utils.crypto import salted_hmac

from staff.sign_in.address import network_of
from staff.sign_in.guesses import Limit

MINUTE, DAY = 60, 86_400  # seconds
PER_MINUTE, PER_DAY = 1, 20


def of_sender(form: str, address: str, contact: str = "") -> list[Limit]:
    """What one more ``form`` of a sender is counted by: where it comes from, and the phone left in it."""
    senders = [f"address {network_of(address)}"]
    if phone := re.sub(r"\D", "", contact)[-11:]:
        senders.append(f"phone {phone}")
    return [
        Limit(_key(form, sender, str(within)), most, within)
        for sender in senders
        for most, within in ((PER_MINUTE, MINUTE), (PER_DAY, DAY))
    ]


def _key(*parts: str) -> str:
    of_the_day = f"feedback.limits {timezone.localdate().isoformat()}"
    return salted_hmac(of_the_day, "\0".join(parts), algorithm="sha256").hexdigest()
