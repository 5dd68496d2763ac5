"""What documents say: their text, read in a limited process, and the personal data in it.

``scan.look_through`` asks the reading process and remembers by a file's contents what was found; ``child``
is that process. It knows no Django.
"""
