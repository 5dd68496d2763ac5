import json
import sys
from collections import Counter
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from operations import examinations  # noqa: F401  says what there is to examine
from operations.doctor import FAIL, OK, WARN, Finding, examine

COLOURS = {OK: "SUCCESS", WARN: "WARNING", FAIL: "ERROR"}


class Command(BaseCommand):
    help = "Look at settings, services and files: what is wrong, and what to do. Exit 0 well, 1 in trouble."
    requires_system_checks = []  # it looks at them itself

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON object instead of lines")

    def handle(self, *args: Any, **options: Any) -> None:
        findings = []
        for finding in examine():
            findings.append(finding)
            if not options["json"]:
                self.say(finding)
        counts = Counter(finding.level for finding in findings)
        if options["json"]:
            told = {"well": not counts[FAIL], "findings": [asdict(finding) for finding in findings]}
            self.stdout.write(json.dumps(told, ensure_ascii=False))
        else:
            self.stdout.write(f"\n{counts[OK]} ok, {counts[WARN]} to look at, {counts[FAIL]} to mend.")
        if counts[FAIL]:
            sys.exit(1)

    def say(self, finding: Finding) -> None:
        paint = getattr(self.style, COLOURS[finding.level])
        self.stdout.write(f"{paint(f'{finding.level:<4}')} {finding.about}: {finding.says}")
        if finding.remedy:
            self.stdout.write(f"     → {finding.remedy}")
