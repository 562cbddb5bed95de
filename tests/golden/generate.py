"""Writes every golden file but those of `LATER`: `generate.py [output directory] [theme ...]`; README.md tells the schema."""

import importlib
import pathlib
import sys

from themes import (
    attention,
    cells,
    convolution,
    curves,
    drawn,
    einsum,
    fit,
    gradients,
    initializers,
    layers,
    lora,
    losses,
    metrics,
    normalization,
    optimizers,
    precision,
    recurrent,
    scaled,
    sequence,
    spatial,
    spectral,
    stateful,
    texts,
)

THEMES = {
    "layers": layers,
    "attention": attention,
    "cells": cells,
    "convolution": convolution,
    "drawn": drawn,
    "einsum": einsum,
    "lora": lora,
    "normalization": normalization,
    "recurrent": recurrent,
    "sequence": sequence,
    "spatial": spatial,
    "spectral": spectral,
    "stateful": stateful,
    "losses": losses,
    "metrics": metrics,
    "optimizers": optimizers,
    "precision": precision,
    "curves": curves,
    "scaled": scaled,
    "fit": fit,
    "initializers": initializers,
    "gradients": gradients,
    "texts": texts,
}

# Themes of a Keras that is newer than that of the others: requirements-nightly.txt.
LATER = ["ternary"]


def main(arguments):
    out = pathlib.Path(arguments[0]) if arguments else pathlib.Path(__file__).parent
    out.mkdir(parents=True, exist_ok=True)
    for name in arguments[1:] or THEMES:
        theme = importlib.import_module(f"themes.{name}") if name in LATER else THEMES[name]
        theme.write(out)
        print("wrote", name)


if __name__ == "__main__":
    main(sys.argv[1:])
