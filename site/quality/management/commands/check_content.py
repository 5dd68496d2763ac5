"""Check everything that is public with all rules."""

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from quality.checkup import Result, results
from quality.review import CHECKS


class Command(BaseCommand):
    help = "Check everything that is public with all rules; exit 1 where something must be mended."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, *args: Any, **options: Any) -> None:
        found = list(results())
        if options["json"]:
            self.stdout.write(json.dumps(_as_data(found), ensure_ascii=False))
        else:
            self._tell(found)
        if any(result.counts["error"] for result in found):
            sys.exit(1)

    def _tell(self, found: list[Result]) -> None:
        for result in found:
            if result.findings:
                self.stdout.write(str(result.thing))
            for finding in result.findings:
                self.stdout.write(f"  [{finding.level}] {finding.rule}: {finding.message}")
        totals = _totals(found)
        self.stdout.write(
            f"{len(found)} checked: {totals['error']} errors, {totals['warning']} warnings,"
            f" {totals['hint']} hints."
        )


def _totals(found: list[Result]) -> dict[str, int]:
    return {level: sum(result.counts[level] for result in found) for level in ("error", "warning", "hint")}


def _as_data(found: list[Result]) -> dict[str, Any]:
    return {
        "checked": len(found),
        "totals": _totals(found),
        "content": [
            {
                "kind": result.thing._meta.label_lower,
                "id": result.thing.pk,
                "title": str(result.thing),
                "percent": result.percent,
                "missing": list(result.missing),
                "findings": [
                    {
                        "rule": finding.rule,
                        "name": str(CHECKS[finding.rule].name) if finding.rule in CHECKS else "",
                        "level": finding.level,
                        "field": finding.field,
                        "row": finding.row,
                        "message": finding.message,
                    }
                    for finding in result.findings
                ],
            }
            for result in found
            if result.findings or result.percent is not None
        ],
    }
