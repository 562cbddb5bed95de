"""Cases of layers.json: PReLU, penalties on activations, and random layers as they are in inference."""

import numpy as np

from .common import MARGIN, attempts, run_code

CASES = {
    "p_re_lu": ((4,), "PReLU()"),
    "p_re_lu_rank3": ((2, 3), "PReLU(alpha_initializer='ones')"),
    "p_re_lu_shared1": ((3, 2), "PReLU(shared_axes=[1])"),
    "p_re_lu_shared12": ((2, 3, 2), "PReLU(shared_axes=[1, 2])"),
    "p_re_lu_shared2": ((2, 3), "PReLU(shared_axes=[2])"),
    "p_re_lu_shared13": ((2, 2, 3), "PReLU(shared_axes=[1, 3])"),
    "p_re_lu_l2": ((4,), "PReLU(alpha_regularizer=keras.regularizers.L2(0.1))"),
    "activity_regularization": ((4,), "ActivityRegularization()"),
    "activity_regularization_l1": ((4,), "ActivityRegularization(l1=0.25)"),
    "activity_regularization_l1l2": ((2, 3), "ActivityRegularization(l1=0.125, l2=0.5)"),
    "gaussian_noise_inference": ((4,), "GaussianNoise(0.5)"),
    "gaussian_dropout_inference": ((4,), "GaussianDropout(0.5)"),
    "alpha_dropout_inference": ((4,), "AlphaDropout(0.5)"),
    "spatial_dropout1d_inference": ((3, 2), "SpatialDropout1D(0.5)"),
    "spatial_dropout2d_inference": ((2, 3, 2), "SpatialDropout2D(0.5)"),
    "spatial_dropout3d_inference": ((1, 2, 3, 2), "SpatialDropout3D(0.5)"),
}


def cases(sequential, evaluate, randomize):
    cases = {}

    def add(name, code, shape):
        for random in attempts(name):
            model = run_code(code)["model"]
            randomize(model, random)
            x = random.normal((3, *shape))
            y = np.array(model(x))
            # An L1 penalty takes the sign of the output.
            if (np.abs(y) >= MARGIN).all():
                cases[name] = evaluate(code, model, [x], [random.normal(y.shape)], None)
                return

    for key, (shape, layer) in CASES.items():
        add(f"{key}_b3", sequential(shape, f"keras.layers.{layer}"), shape)
    add(
        "activity_regularization_between_b3",
        sequential(
            (4,),
            "keras.layers.Dense(3, activation='tanh')",
            "keras.layers.ActivityRegularization(l2=0.25)",
            "keras.layers.Dense(2)",
        ),
        (4,),
    )
    return cases
