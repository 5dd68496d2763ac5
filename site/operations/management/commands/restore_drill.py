from typing import Any

from operations.management.commands import restore


class Command(restore.Command):
    help = (
        "Put the newest backup in DIR back in an empty place of its own, look at it, and leave nothing. "
        "Exit 0 done, 1 refused with reasons, 2 wrong call."
    )

    def handle(self, **options: Any) -> None:
        super().handle(**options | {"drill": True})
