"""The reading process: a spreadsheet at its standard input, what it found at its standard output.

It gives up memory, time, writing and further processes before it looks at the file, so that a crafted file
harms nobody but this process. Started by ``workbook`` as ``python -m imports.reading.child``.
"""

import io
import os
import sys
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from typing import Any, BinaryIO

import msgpack  # type: ignore[import-untyped]  # carries no types

from imports.reading import limits, objects, plain_text, xls, xlsx
from imports.reading.preflight import preflight
from imports.reading.refusals import Refused
from quality.confined import confine

BATCH = 512  # rows sent at once


def main(task: str, seconds: str, *details: str) -> None:
    out = os.fdopen(os.dup(1), "wb")
    source: BinaryIO = sys.stdin.buffer
    if not source.seekable():
        source = io.BytesIO(source.read(limits.TEXT_FILE + 1))
    else:
        source = os.fdopen(os.dup(0), "rb", buffering=1 << 16)
    b"".decode("gb18030")  # modules that codecs load on first use
    confine(seconds=int(seconds))
    try:
        if task == "survey":
            found = preflight(source, details[0])
            send(out, ["found", found.kind, found.encoding, found.sheets])
        else:
            for batch in batches(rows(source, *details)):
                numbers, values = zip(*batch, strict=True)
                send(out, ["rows", numbers, tuple(zip_longest(*values))])
        send(out, ["end", peak_memory()])
    except Refused as why:
        send(out, ["refused", why.code, why.params, peak_memory()])
    except (MemoryError, RecursionError):
        send(out, ["refused", "too_much_memory", {}, peak_memory()])
    except BrokenPipeError:
        pass  # nobody wants the rest


def peak_memory() -> int:
    """The most memory this process has held, in kB; 0 where the system does not say.

    Not ``getrusage``, which counts the site's process that it was forked from.
    """
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0
    return int(status.partition("VmHWM:")[2].split()[0])


def rows(source: BinaryIO, kind: str, encoding: str, index: str) -> Iterator[tuple[int, list]]:
    if kind == "csv":
        return plain_text.read(source, encoding)
    reader = {"xlsx": xlsx, "xls": xls, "json": objects}[kind]
    return reader.read(source, int(index))


def batches(found: Iterator[tuple[int, list]]) -> Iterator[list[tuple[int, list]]]:
    batch: list[tuple[int, list]] = []
    count = 0
    for count, row in enumerate(found, 1):
        batch.append(row)
        if len(batch) >= BATCH:
            yield batch
            batch = []
        if count > limits.ROWS:
            raise Refused("too_many_rows", sheet="", most=limits.ROWS)
    if batch:
        yield batch


def send(out: BinaryIO, message: Any) -> None:
    out.write(msgpack.packb(message))
    out.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
