"""spectral.json: layers with spectrally normalized kernels. On JAX the kernel that a training call assigns is that of the
call alone: its gradient goes through the division, and the weight stays as it was."""

from .common import Random, randomize, run_code, write_cases
from .layers import evaluate, sequential

NAME = "keras.layers.SpectralNormalization"
CASES = {
    "spectral_dense": ((4,), f"{NAME}(keras.layers.Dense(3))"),
    "spectral_dense_act": ((2, 5), f"{NAME}(keras.layers.Dense(4, activation='tanh', use_bias=False), power_iterations=3)"),
    "spectral_conv1d": ((5, 2), f"{NAME}(keras.layers.Conv1D(3, 2, padding='causal'), 2)"),
    "spectral_conv2d": (
        (4, 5, 4),
        f"{NAME}(keras.layers.Conv2D(6, 3, 2, 'same', groups=2, activation='sigmoid', bias_regularizer='l2'))",
    ),
    "spectral_conv3d": ((2, 3, 2, 2), f"{NAME}(keras.layers.Conv3D(2, (1, 2, 2)), power_iterations=2)"),
    "spectral_zero": ((4,), f"{NAME}(keras.layers.Dense(3, activation='tanh'))"),
}
TABLES = {
    "spectral_embedding": f"{NAME}(keras.layers.Embedding(6, 3))",
    "spectral_embedding_masked": f"{NAME}(keras.layers.Embedding(6, 3, mask_zero=True), 2), keras.layers.SimpleRNN(2)",
}


def words(random):
    """Numbers of rows, as floats: the wrapper casts what it gives to the type of what it takes."""
    return random.state.randint(0, 6, size=(3, 4)).astype("float64")


def of(name, code, x, training):
    random = Random(name)
    model = run_code(code)["model"]
    randomize(model, random)
    if name == "spectral_zero":
        model.layers[0].layer.kernel.assign(model.layers[0].layer.kernel * 0)
    x = x(random)
    return evaluate(code, model, [x], [random.normal((3, *model.output_shape[1:]))], None, training=training)


def write(out):
    cases = {}
    for training, behind in [(True, ""), (None, "_inference")]:
        for name, (shape, layer) in CASES.items():
            floats = lambda random, shape=shape: random.normal((3, *shape))
            cases[f"{name}{behind}_b3"] = of(name, sequential(shape, layer), floats, training)
        for name, layers in TABLES.items():
            cases[f"{name}{behind}_b3"] = of(name, sequential((4,), layers), words, training)
    write_cases(out / "spectral.json", cases)
