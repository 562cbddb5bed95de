#!/usr/bin/env python3
"""Packs scikit-learn's copy of the UCI digits into `digits.bin.gz`, which `digits.rs` embeds.

    pip install scikit-learn
    python3 pack_digits.py

Layout before gzip, unsigned bytes: 64 planes of 1797 pixels (plane i holds pixel i of every image, row by row, 0..16),
then 1797 labels (0..9). Pixels at one place resemble each other more than neighbours do, so planes compress better
than images.
"""

import gzip
import importlib.util
import pathlib
import zlib

PIXELS = 64
SAMPLES = 1797


def main():
    package = pathlib.Path(importlib.util.find_spec("sklearn").origin).parent
    with gzip.open(package / "datasets" / "data" / "digits.csv.gz", "rt") as file:
        rows = [[int(float(field)) for field in line.split(",")] for line in file]

    assert len(rows) == SAMPLES, len(rows)
    assert all(len(row) == PIXELS + 1 for row in rows)
    assert all(0 <= value <= 16 for row in rows for value in row[:PIXELS])
    assert all(0 <= row[PIXELS] <= 9 for row in rows)

    columns = bytes(row[column] for column in range(PIXELS + 1) for row in rows)
    # Window bits 31 ask for a gzip container; zlib leaves its time stamp at 0, so that a second run changes nothing.
    # Few pixels repeat in runs worth a back reference, hence the strategy (10 % smaller).
    packer = zlib.compressobj(9, zlib.DEFLATED, 31, 9, zlib.Z_FILTERED)
    packed = packer.compress(columns) + packer.flush()
    assert gzip.decompress(packed) == columns

    target = pathlib.Path(__file__).with_name("digits.bin.gz")
    target.write_bytes(packed)
    print(f"{target.name}: {len(packed)} bytes")


if __name__ == "__main__":
    main()
