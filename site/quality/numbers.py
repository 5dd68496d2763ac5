"""Numbers that name a person or an account, and the check digits that tell them from other numbers.

Everything here takes plain ASCII digits, with no separators.
"""

import datetime
from functools import lru_cache

from django.core.exceptions import ValidationError
from django.utils import timezone

from content_models.places.codes import check_uscc

# The first two digits of GB/T 2260 regions. Permits of foreigners put a 9 before them.
PROVINCES = frozenset(
    str(number)
    for area in (range(11, 16), range(21, 24), range(31, 38), range(41, 47), range(50, 55), range(61, 66))
    for number in area
) | {"71", "81", "82", "83"}
# Cities without counties give numbers that end in 00 where others have a county.
CITIES_WITHOUT_COUNTIES = frozenset({"441900", "442000", "460400", "620200"})
OLDEST_BIRTH_YEAR = 1880

ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
ID_CHECKS = "10X98765432"

# UnionPay cards have 16 to 19 digits; others only the lengths their schemes issue in China.
CARD_LENGTHS = {
    "62": (16, 17, 18, 19),
    "4": (16, 19),
    "5": (16, 19),
    "35": (16,),
    "60": (19,),
    "95588": (19,),
}


def is_resident_id(number: str) -> bool:
    """Whether these 18 characters are an identity number (GB 11643): region, birth date, check character."""
    region, born = number[:2], number[6:14]
    if number[0] == "9":
        region = number[1:3]
    if region not in PROVINCES or id_check(number[:17]) != number[17]:
        return False
    return is_birth_date(born) and not (number[0] == "9" and is_uscc(number))


def is_old_resident_id(number: str) -> bool:
    """Whether these 15 digits are an identity number as issued until 1999: no century, no check character."""
    region = number[:6]
    if region[:2] not in PROVINCES or (
        "00" in (region[2:4], region[4:]) and region not in CITIES_WITHOUT_COUNTIES
    ):
        return False
    return is_birth_date("19" + number[6:12])


def id_check(first: str) -> str:
    """The check character for the first 17 digits of an identity number."""
    return ID_CHECKS[sum(int(digit) * weight for digit, weight in zip(first, ID_WEIGHTS, strict=True)) % 11]


def is_bank_card(number: str) -> bool:
    """Whether these 16 to 19 digits are a card number: a prefix in use and the right Luhn digit."""
    if not any(number.startswith(start) and len(number) in sizes for start, sizes in CARD_LENGTHS.items()):
        return False
    # Offices number their cases by region and day: 620102 20230115 0012.
    is_case_number = number[:2] in PROVINCES and number[6:8] == "20" and is_date(number[6:14])
    return not is_case_number and luhn_check(number[:-1]) == number[-1]


def luhn_check(first: str) -> str:
    """The Luhn digit that belongs after ``first``."""
    doubled = sum(sum(divmod(2 * int(digit), 10)) for digit in first[::-2])
    return str(-(doubled + sum(map(int, first[-2::-2]))) % 10)


def is_uscc(code: str) -> bool:
    """Whether these 18 characters are a unified social credit code."""
    try:
        check_uscc(code)
    except ValidationError:
        return False
    return True


def is_birth_date(day: str) -> bool:
    """Whether the eight digits are a day on which someone alive or dead may be born."""
    return str(OLDEST_BIRTH_YEAR) <= day[:4] and is_date(day) and day <= f"{timezone.localdate():%Y%m%d}"


@lru_cache(maxsize=4096)
def is_date(day: str) -> bool:
    try:
        datetime.date(int(day[:4]), int(day[4:6]), int(day[6:]))
    except ValueError:
        return False
    return True
