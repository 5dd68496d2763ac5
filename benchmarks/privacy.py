"""How much personal data the scan finds and how seldom it errs, beside a plain regular expression.

    python -m benchmarks.privacy

10,000 valid numbers, made by other formulas than those under test, stand in ordinary sentences as people type
them: bare, in groups, full-width. The sentences themselves, with other numbers in them (codes, amounts, days,
landlines), are the paragraphs in which nothing is to be found. The plain expressions are those that are
usually copied from the web.
"""

import os
import random
import re
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NUMBERS = 10_000
PARAGRAPHS = 10_000
PLAIN = re.compile(
    r"\b\d{17}[\dXx]\b|\b\d{15}\b|(?<!\d)1[3-9]\d{9}(?!\d)|\b\d{16,19}\b|\b[EG]\d{8}\b|[\w.]+@[\w.]+\.\w+"
)
FULL_WIDTH = str.maketrans("0123456789Xx", "０１２３４５６７８９Ｘｘ")
GROUPS = {
    "mobile": {11: (3, 4, 4)},
    "resident_id": {18: (6, 8, 4)},
    "bank_card": {16: (4, 4, 4, 4), 19: (4, 4, 4, 4, 3)},
}


def measure():
    """Recall, false findings and time of the scan and of the plain expression."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
    sys.path[:0] = [str(ROOT), str(ROOT / "site")]
    import django  # noqa: PLC0415  needs the path

    django.setup()
    from quality.personal_data import find  # noqa: PLC0415  needs Django
    from tests.quality import test_personal_data as corpus  # noqa: PLC0415  needs Django

    chance = random.Random("privacy")
    sentences = ordinary_sentences()
    kinds = ["resident_id", "mobile", "bank_card"]
    hidden = [planted(corpus, chance.choice(kinds), chance, sentences) for _ in range(NUMBERS)]
    clean = [
        f"{chance.choice(sentences)}{chance.choice(corpus.ORDINARY)(chance)}，{chance.choice(sentences)}"
        for _ in range(PARAGRAPHS)
    ]
    ways = {
        "scan": lambda text: [(found.start, found.end) for found in find(text)],
        "plain expression": lambda text: [found.span() for found in PLAIN.finditer(text)],
    }
    return [row(name, way, hidden, clean) for name, way in ways.items()]


def ordinary_sentences():
    """Sentences of the demo content."""
    texts = (path.read_text() for path in sorted((ROOT / "fixtures" / "demo").glob("*.csv")))
    parts = (part for text in texts for part in re.split(r"[，。\n]", text))
    return [part for part in parts if re.search("[\u4e00-\u9fff]", part)]


def planted(corpus, kind, chance, sentences):
    """``(paragraph, where the number is)``: typed as people type."""
    number = corpus.MAKERS[kind](chance)
    typed = chance.choice([number, number, grouped(kind, number, chance), number.translate(FULL_WIDTH)])
    before = chance.choice(sentences) + chance.choice(["，号码：", " "])
    return f"{before}{typed}，{chance.choice(sentences)}", (len(before), len(before) + len(typed))


def grouped(kind, number, chance):
    sizes = GROUPS[kind].get(len(number))
    if not sizes:
        return number
    starts = [sum(sizes[:place]) for place in range(len(sizes))]
    gap = chance.choice(" -")
    return gap.join(number[start : start + size] for start, size in zip(starts, sizes, strict=True))


def row(name, way, hidden, clean):
    began = time.perf_counter()
    found = sum(where in way(text) for text, where in hidden)
    false = sum(bool(way(text)) for text in clean)
    seconds = time.perf_counter() - began
    return {
        "way": name,
        "recall": round(100 * found / len(hidden), 2),
        "false": round(100 * false / len(clean), 2),
        "microseconds": round(1e6 * seconds / (len(hidden) + len(clean))),
    }


if __name__ == "__main__":
    print(f"{'':20}{'recall %':>12}{'false %':>12}{'µs a paragraph':>18}")
    for each in measure():
        print(f"{each['way']:20}{each['recall']:>12}{each['false']:>12}{each['microseconds']:>18}")
