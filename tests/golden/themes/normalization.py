"""normalization.json: layers that normalize, in inference and in training."""

import numpy as np

from .common import attempts, layer_weights, run_code, write_cases
from .layers import evaluate, sequential

RMS, LAYER, GROUP, BATCH = (f"keras.layers.{name}Normalization" for name in ["RMS", "Layer", "Group", "Batch"])
L1, L2 = "keras.regularizers.L1(0.05)", "keras.regularizers.L2(0.1)"

CASES = {
    "layer_normalization": ((5,), f"{LAYER}()"),
    "layer_normalization_wide": ((37,), f"{LAYER}(epsilon=1e-5)"),
    "layer_normalization_rank3": ((3, 4), f"{LAYER}(epsilon=0.1)"),
    "layer_normalization_axis1": ((3, 4), f"{LAYER}(axis=1)"),
    "layer_normalization_axes": ((2, 3, 4), f"{LAYER}(axis=[1, 3], epsilon=0.01)"),
    "layer_normalization_all_axes": ((2, 3), f"{LAYER}(axis=[1, 2])"),
    "layer_normalization_center": ((5,), f"{LAYER}(scale=False)"),
    "layer_normalization_scale": ((5,), f"{LAYER}(center=False)"),
    "layer_normalization_plain": ((5,), f"{LAYER}(center=False, scale=False)"),
    "layer_normalization_regularized": ((4,), f"{LAYER}(beta_regularizer={L1}, gamma_regularizer={L2})"),
    "rms_normalization": ((5,), f"{RMS}()"),
    "rms_normalization_epsilon": ((2, 33), f"{RMS}(epsilon=0.5)"),
    "rms_normalization_axes": ((2, 3, 2), f"{RMS}(axis=[2, 3])"),
    "group_normalization": ((64,), f"{GROUP}()"),
    "group_normalization_2": ((3, 6), f"{GROUP}(2, epsilon=0.01)"),
    "group_normalization_image": ((2, 3, 4), f"{GROUP}(groups=2)"),
    "group_normalization_axis1": ((4, 3), f"{GROUP}(groups=2, axis=1)"),
    "group_normalization_first": ((4, 2, 3), f"{GROUP}(groups=2, axis=1, epsilon=0.1)"),
    "group_normalization_each": ((3, 4), f"{GROUP}(groups=-1, scale=False)"),
    "group_normalization_one": ((3, 4), f"{GROUP}(groups=1, center=False)"),
    "group_normalization_regularized": ((3, 4), f"{GROUP}(2, beta_regularizer={L2}, gamma_regularizer={L1})"),
}

BATCHES = {
    "batch_normalization": ((5,), f"{BATCH}()"),
    "batch_normalization_image": ((2, 3, 4), f"{BATCH}(momentum=0.75, epsilon=0.01)"),
    "batch_normalization_axis1": ((3, 4), f"{BATCH}(axis=1, momentum=0.5)"),
    "batch_normalization_center": ((3, 2), f"{BATCH}(scale=False)"),
    "batch_normalization_scale": ((5,), f"{BATCH}(center=False, epsilon=0.1)"),
    "batch_normalization_plain": ((3, 2), f"{BATCH}(center=False, scale=False)"),
    "batch_normalization_frozen": ((3, 2), f"{BATCH}(trainable=False)"),
    "batch_normalization_plain_frozen": ((3, 2), f"{BATCH}(center=False, scale=False, trainable=False)"),
    "batch_normalization_regularized": ((3, 2), f"{BATCH}(beta_regularizer={L2}, gamma_regularizer={L1})"),
}


RENORM = {
    "batch_renormalization": ((5,), f"{BATCH}(renorm=True, momentum=0.75)"),
    "batch_renormalization_clipped": (
        (3, 2),
        f"{BATCH}(renorm=True, renorm_clipping={{'rmin': 0.8, 'rmax': 1.25, 'dmax': 0.3}}, renorm_momentum=0.6)",
    ),
    "batch_renormalization_some": (
        (2, 3, 4),
        f"{BATCH}(axis=2, epsilon=0.1, scale=False, renorm=True, renorm_clipping={{'dmax': 0.2}})",
    ),
    "batch_renormalization_scale": ((3,), f"{BATCH}(center=False, renorm=True, renorm_clipping={{'rmax': 1.1}})"),
    "batch_renormalization_plain": ((3, 2), f"{BATCH}(center=False, scale=False, renorm=True)"),
    "batch_renormalization_frozen": ((3, 2), f"{BATCH}(renorm=True, trainable=False)"),
}

POSITIVE = ("moving_variance", "stddev")


def weights(model, random):
    for name, variable in layer_weights(model):
        values = random.normal(variable.shape, 0.5)
        variable.assign(np.abs(values) + 0.5 if name.endswith(POSITIVE) else values)


def cases():
    cases = {}

    def add(name, code, batch, training=False, masked=False):
        for random in attempts(name):
            model = run_code(code)["model"]
            weights(model, random)
            xs = [random.normal((batch, *x.shape[1:])) for x in model.inputs]
            if masked:
                # The last steps of each sample, but for one, are padding.
                for i, sample in enumerate(xs[0]):
                    sample[len(sample) - i :] = 0.0
            dy = random.normal((batch, *model.outputs[0].shape[1:]))
            cases[name] = evaluate(code, model, xs, [dy], None, training)
            return

    for key, (shape, layer) in CASES.items():
        for batch in [1, 3]:
            add(f"{key}_b{batch}", sequential(shape, layer), batch)
    for key, (shape, layer) in (BATCHES | RENORM).items():
        for batch, training in [(1, True), (3, True), (4, False)]:
            add(f"{key}_b{batch}", sequential(shape, layer), batch, training)
    # Keras 3.15 does not bring its factors to an axis that is not the last one, and fails.
    moved = "keras.layers.Permute({})"
    for name, shape, order, epsilon in [("axis1", (3, 4), (2, 1), 1e-6), ("middle", (2, 3, 4), (1, 3, 2), 0.1)]:
        permute = moved.format(order)
        code = sequential(shape, permute, f"{RMS}(epsilon={epsilon})", permute)
        add(f"rms_normalization_{name}_b3", code, 3)
    between = sequential((3,), "keras.layers.Dense(4, use_bias=False)", f"{BATCH}()", "keras.layers.Dense(2)")
    add("batch_normalization_between_b5", between, 5, True)
    twice = (
        f"x = keras.Input((3,)); y = keras.Input((3,)); n = {BATCH}(); "
        "model = keras.Model([x, y], keras.layers.Add()([n(x), n(y)]))"
    )
    add("batch_normalization_twice_b4", twice, 4, True)
    masked = sequential((4, 3), "keras.layers.Masking()", f"{BATCH}(epsilon=0.1)")
    for batch, training in [(3, True), (4, False)]:
        add(f"batch_normalization_masked_b{batch}", masked, batch, training, masked=True)
    masked = sequential((4, 3), "keras.layers.Masking()", f"{BATCH}(renorm=True, momentum=0.5)")
    add("batch_renormalization_masked_b3", masked, 3, True, masked=True)
    return cases


def write(out):
    write_cases(out / "normalization.json", cases())
