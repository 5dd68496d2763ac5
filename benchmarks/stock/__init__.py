"""A plain Wagtail site as ``wagtail start`` makes one, with the text of one of our guides."""
