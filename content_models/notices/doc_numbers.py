"""Document and index numbers as government documents carry them."""

import re


def normalise_doc_no(text):
    """The year of a document number in 〔〕: 国办发[2018]47号 → 国办发〔2018〕47号."""
    return re.sub(r"[\[［【(（〔]\s*(\d{4})\s*[\]］】)）〕]", r"〔\1〕", (text or "").strip())


def index_number(uscc, year, sequence):
    """索引号: the publisher's 18-character code, the year and a running number of five digits."""
    return f"{uscc}/{year:04d}-{sequence:05d}"
