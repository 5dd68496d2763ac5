"""What pages tell their script of keeping."""

import json
from typing import Any

from django.utils.functional import SimpleLazyObject

from saved import names


def saving(request: Any) -> dict[str, Any]:
    return {"saved_names": SimpleLazyObject(lambda: json.dumps(names.of_page(request)))}
