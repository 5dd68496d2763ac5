"""Index numbers as government documents carry them."""


def index_number(uscc, year, sequence):
    """索引号: the publisher's 18-character code, the year and a running number of five digits."""
    return f"{uscc}/{year:04d}-{sequence:05d}"
