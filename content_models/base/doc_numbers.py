"""Document numbers as government documents carry them."""

import re


def normalise_doc_no(text):
    """The year of a document number in 〔〕: 国办发[2018]47号 → 国办发〔2018〕47号."""
    return re.sub(r"[\[［【(（〔]\s*(\d{4})\s*[\]］】)）〕]", r"〔\1〕", (text or "").strip())
