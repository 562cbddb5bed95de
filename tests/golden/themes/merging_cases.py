"""Cases of layers.json: the merging layers."""

import numpy as np

from .common import MARGIN, attempts, run_code

SHAPES = {"2": [(4,), (4,)], "3_rank3": [(3, 4), (3, 4), (3, 4)], "broadcast": [(3, 1), (4,)]}
DOTS = {
    "dot": ("Dot(axes=1)", [(4,), (4,)]),
    "dot_cosine": ("Dot(-1, normalize=True)", [(4,), (4,)]),
    "dot_21": ("Dot((2, 1))", [(2, 3), (3, 4)]),
    "dot_1": ("Dot(axes=1)", [(3, 2), (3, 4)]),
    "dot_last_cosine": ("Dot(-1, normalize=True)", [(2, 4), (3, 4)]),
    "dot_ranks": ("Dot((2, 1))", [(2, 3, 2), (3,)]),
}


def cases(evaluate):
    cases = {}

    def add(name, layer, sizes):
        code = f"x = [keras.Input(s) for s in {sizes}]; model = keras.Model(x, keras.layers.{layer}()(x))"
        name = f"{name}_b2"
        for random in attempts(name):
            model = run_code(code)["model"]
            xs = [random.normal((2, *size)) for size in sizes]
            full = [np.broadcast_to(x, (2, *model.output_shape[1:])) if x.ndim == model.output.ndim else x for x in xs]
            # No two inputs of a maximum or minimum may tie.
            gaps = [np.abs(a - b).min() for i, a in enumerate(full) for b in full[:i] if a.shape == b.shape]
            if min(gaps, default=1.0) < MARGIN:
                continue
            dys = [random.normal((2, *model.output_shape[1:]))]
            cases[name] = evaluate(code, model, xs, dys, None)
            return

    for layer in ["Subtract", "Multiply", "Average", "Maximum", "Minimum"]:
        for key, sizes in SHAPES.items():
            if layer != "Subtract" or len(sizes) == 2:
                add(f"{layer.lower()}_{key}", layer, sizes)
    for key, (layer, sizes) in DOTS.items():
        code = f"x = [keras.Input(s) for s in {sizes}]; model = keras.Model(x, keras.layers.{layer}(x))"
        random = next(attempts(key))
        model = run_code(code)["model"]
        xs = [random.normal((3, *size)) for size in sizes]
        cases[f"{key}_b3"] = evaluate(code, model, xs, [random.normal((3, *model.output_shape[1:]))], None)
    add("subtract_rank3", "Subtract", [(3, 4), (3, 4)])
    add("add_broadcast", "Add", [(3, 1), (4,)])
    add("add_broadcast_3", "Add", [(2, 1, 3), (2, 1), (3,)])
    return cases
