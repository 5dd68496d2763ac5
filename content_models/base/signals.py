"""What content tells the rest of the product, without knowing who listens."""

from django.dispatch import Signal

# An edition became the one in force: edition, replaced (edition or None). With is_one_of_many, whoever
# published them tells of all together.
edition_published = Signal()
# An edition was taken back: edition, restored (edition or None).
edition_taken_back = Signal()
# An office serves nobody until pause.until: pause (its office, reason and who set it).
office_paused = Signal()
# A pause is over, by hand (pause.ended_by) or because its time has passed: pause.
office_resumed = Signal()
# A draft is about to be shown to staff, in no other way than the public page: ``page``, ``request``.
page_previewed = Signal()
