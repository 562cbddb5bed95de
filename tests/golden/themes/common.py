"""What all themes share: Keras in float64, reproducible values, the JSON writer and the margin checks."""

import json
import math
import zlib

import keras
import numpy as np
from keras.src.backend.common import dtypes

keras.config.set_floatx("float64")
keras.config.set_dtype_policy("float64")
# On JAX, Keras's promotion rules turn float64 into float32 (tanh, sqrt, mean and others ask them); this is the rule it
# has for TensorFlow, which keeps float64.
dtypes.BIT64_TO_BIT32_DTYPE["float64"] = "float64"


def add_weight_in_floatx(self, *args, dtype=None, **kwargs):
    """LoRA asks for float32 variables by name whatever the policy is."""
    return original_add_weight(self, *args, dtype=keras.config.floatx() if dtype == "float32" else dtype, **kwargs)


original_add_weight = keras.layers.Layer.add_weight
keras.layers.Layer.add_weight = add_weight_in_floatx

# How far a value must stay from the edge of a rule that branches on it (relu at 0, argmax at a tie), so that
# rounding to f32 cannot take the other branch.
MARGIN = 1e-3


class Random:
    """Values on the grid k/256: exact in f32, short as text. `RandomState` draws are frozen across NumPy versions."""

    def __init__(self, name, attempt=0):
        self.state = np.random.RandomState(zlib.crc32(f"{name}#{attempt}".encode()))

    def normal(self, shape, sd=1.0):
        """Normal values, none closer to 0 than 1/64."""
        shape = tuple(shape)
        while True:
            values = np.round(self.state.standard_normal(shape) * sd * 256) / 256
            for _ in range(100):
                near = np.abs(values) < 1 / 64
                if not near.any():
                    return np.asarray(values, "float64")
                redrawn = np.round(self.state.standard_normal(shape) * sd * 256) / 256
                values = np.where(near, redrawn, values)

    def distinct(self, shape, sd=1.0):
        """Normal values whose last axis holds no two equal or nearly equal values."""
        while True:
            values = self.normal(shape, sd)
            if last_axis_gap(values) > 1 / 64:
                return values

    def distribution(self, shape):
        """Rows of positive, distinct numbers k/256 that add up to exactly 1."""
        count = math.prod(shape[:-1])
        rows = []
        while len(rows) < count:
            cuts = np.sort(self.state.choice(np.arange(1, 256), shape[-1] - 1, replace=False))
            row = np.diff(np.concatenate([[0], cuts, [256]]))
            if row.min() >= 6 and len(set(row)) == len(row):
                rows.append(row / 256)
        return np.reshape(rows, shape)

    def labels(self, shape, classes):
        return self.state.randint(0, classes, size=shape).astype("int64")

    def one_hot(self, shape, classes):
        return np.eye(classes)[self.labels(shape, classes)]

    def weights(self, shape):
        """Sample weights k/16 in 1/16..2, the first of them 0."""
        values = self.state.randint(1, 33, size=shape) / 16
        values.flat[0] = 0.0
        return values


def last_axis_gap(values):
    """The smallest distance between two neighbours of the sorted last axis."""
    if values.shape[-1] < 2:
        return math.inf
    return np.diff(np.sort(values, axis=-1), axis=-1).min()


def attempts(name):
    """Generators for one case: the caller takes the first whose values keep their margins."""
    for attempt in range(10000):
        yield Random(name, attempt)
    raise AssertionError(f"{name}: no values keep the margin")


def number(value):
    if isinstance(value, (int, np.integer, np.bool_)):
        return str(int(value))
    value = float(value)
    assert math.isfinite(value), value
    return "0" if value == 0 else f"{value:.10g}"


def tensor(value):
    """The JSON text of a tensor; refuses anything computed in less than float64."""
    value = np.asarray(value)
    assert value.dtype.kind in "biu" or value.dtype == np.float64, value.dtype
    shape = ",".join(map(str, value.shape))
    return f'{{"shape":[{shape}],"data":[{",".join(map(number, value.ravel()))}]}}'


def field(value):
    if isinstance(value, str):
        return json.dumps(value)
    if np.ndim(value) == 0:
        assert not hasattr(value, "dtype") or np.asarray(value).dtype != np.float32
        return number(np.asarray(value).item())
    return tensor(value)


def write_cases(path, cases):
    """One case a line, so that a change shows as the cases it changed."""
    lines = []
    for name, case in cases.items():
        assert "python" in case and "\n" not in case["python"], name
        assert '"' not in name
        body = ",".join(f'"{key}":{field(value)}' for key, value in case.items())
        lines.append(f'"{name}":{{{body}}}')
    text = f'{{"keras":"{keras.__version__}","cases":{{\n' + ",\n".join(lines) + "\n}}\n"
    path.write_text(text, encoding="utf-8")


def run_code(code, **names):
    """Runs a case's one line of Python with fresh layer names and returns the names it bound."""
    keras.utils.clear_session()
    scope = {"keras": keras, **names}
    exec(code, scope)
    return scope


def weight_name(layer, variable):
    """`layer/variable`; within a wrapper `wrapper/layer/variable`."""
    inner = getattr(layer, "forward_layer", getattr(layer, "layer", layer))
    if type(inner) in (keras.layers.RNN, keras.layers.StackedRNNCells):
        # The path begins with the model's name where that has built the layer.
        return variable.path[variable.path.index(f"{layer.name}/") :]
    if isinstance(layer, keras.layers.Bidirectional):
        half = layer.forward_layer if any(variable is v for v in layer.forward_layer.weights) else layer.backward_layer
        return f"{layer.name}/{half.name}/{variable.name}"
    if isinstance(layer, keras.layers.SpectralNormalization):
        within = f"{layer.layer.name}/" if any(variable is v for v in layer.layer.weights) else ""
        return f"{layer.name}/{within}{variable.name}"
    if isinstance(layer, keras.layers.TimeDistributed):
        return f"{layer.name}/{layer.layer.name}/{variable.name}"
    if isinstance(layer, (keras.layers.MultiHeadAttention, keras.layers.GroupQueryAttention)):
        part = next(part for part in layer._layers if any(variable is v for v in part.weights))
        return f"{layer.name}/{part.name}/{variable.name}"
    return f"{layer.name}/{variable.name}"


def layer_weights(model):
    """(`layer/variable`, variable) for each weight, in Keras's order."""
    return [(weight_name(layer, v), v) for layer in model.layers for v in layer.weights]


def randomize(model, random, kernel_sd=0.5, bias_sd=0.5):
    for name, variable in layer_weights(model):
        sd = bias_sd if name.endswith("bias") else kernel_sd
        variable.assign(random.normal(variable.shape, sd))


def numpy_weights(model, prefix):
    return {f"{prefix}/{name}": np.array(v) for name, v in layer_weights(model)}


def relu_probe(model):
    """A function of the inputs that gives the smallest |pre-activation| in front of any relu of the model."""
    inner = getattr(model, "_functional", None) or model
    sources = []
    for layer in model.layers:
        activation = getattr(layer, "activation", None)
        if getattr(activation, "__name__", "") != "relu":
            continue
        for node in layer._inbound_nodes:
            if node in inner._nodes:
                sources.append((layer, node.input_tensors[0]))
    if not sources:
        return lambda inputs: math.inf
    probe = keras.Model(model.inputs, [source for _, source in sources])

    def margin(inputs):
        values = probe(list(inputs))
        values = values if isinstance(values, (list, tuple)) else [values]
        smallest = math.inf
        for (layer, _), z in zip(sources, values):
            z = np.array(z)
            if hasattr(layer, "kernel"):
                z = z @ np.array(layer.kernel) + (0 if layer.bias is None else np.array(layer.bias))
            smallest = min(smallest, np.abs(z).min())
        return smallest

    return margin
