"""NumPy: products by its OpenBLAS."""

import numpy as np

import works


def run(clock):
    clock.version(numpy=np.__version__)
    if clock.threads > 1:
        return
    for n, name in works.PRODUCTS.items():
        x, w, y = works.matrix(n), works.matrix(n), np.empty((n, n), np.float32)
        clock.show(name, lambda: np.matmul(x, w, out=y))
