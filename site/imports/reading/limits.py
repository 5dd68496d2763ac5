"""How much a spreadsheet may hold and how much of the machine reading it may use."""

MB = 1 << 20

FILE = 64 * MB
OLD_FILE = 32 * MB
TEXT_FILE = 160 * MB
OBJECTS_FILE = 16 * MB  # which takes many times as much in memory
INFLATED = 160 * MB
PARTS = 512
DIRECTORY = PARTS * 1024  # bytes of a zip file's list of parts
SHEETS = 255
COLUMNS = 512  # with something in them; formatted empty ones do not count
ROWS = 1_000_000
OLD_CELLS = 3_000_000  # rows × columns of an .xls, which is held in memory
LAST_ROW = 1_048_576
LAST_COLUMN = 16_384
STYLES = 65_536
NAMES = 65_536
MERGES = 65_536
MERGES_IN_ONE_ROW = COLUMNS
SMALL_PART = 8 * MB  # of a workbook's own description
CELL_TEXT = 1 * MB


def seconds(size: int) -> int:
    """How long reading a file of this many bytes may take: 5 s, and more for what is honestly large.

    The large ones are generous, for a machine that is busy with other things.
    """
    return 5 if size < MB // 2 else min(120, 30 + 10 * size // MB)
