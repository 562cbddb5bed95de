"""cells.json: cells of one's own in RNN."""

import keras
from keras import ops

from .common import attempts, randomize, run_code, write_cases
from .layers import evaluate, sequential


@keras.saving.register_keras_serializable()
class Simple(keras.Layer):
    """tanh(x·W + h·U + b): SimpleRNNCell."""

    def __init__(self, units, **options):
        super().__init__(**options)
        self.units = self.state_size = self.output_size = units

    def build(self, shape):
        self.kernel = self.add_weight(
            name="kernel", shape=(shape[-1], self.units), regularizer=keras.regularizers.L2(0.1)
        )
        self.recurrent_kernel = self.add_weight(name="recurrent_kernel", shape=(self.units, self.units))
        self.bias = self.add_weight(name="bias", shape=(self.units,))

    def call(self, x, states):
        h = ops.tanh(x @ self.kernel + states[0] @ self.recurrent_kernel + self.bias)
        return h, [h]

    def get_config(self):
        return {**super().get_config(), "units": self.units}


@keras.saving.register_keras_serializable()
class Gated(keras.Layer):
    """z = σ(x·W + h·U), h' = (1 − z)·h + z·m₀, m' = decay·m + Σx, y = scale·h'."""

    def __init__(self, units, decay, scale=2, **options):
        super().__init__(**options)
        self.units, self.decay, self.scale = units, decay, scale
        self.state_size, self.output_size = [units, 2], units

    def build(self, shape):
        self.kernel = self.add_weight(name="kernel", shape=(shape[-1], self.units))
        self.recurrent_kernel = self.add_weight(name="recurrent_kernel", shape=(self.units, self.units))

    def call(self, x, states):
        h, memory = states
        z = ops.sigmoid(x @ self.kernel + h @ self.recurrent_kernel)
        h = (1 - z) * h + z * memory[:, :1]
        return self.scale * h, [h, self.decay * memory + ops.sum(x, -1, keepdims=True)]

    def get_config(self):
        return {**super().get_config(), "units": self.units, "decay": self.decay, "scale": self.scale}


# Where a mask leaves out a step, its output is that of the step before. Keras on JAX gives the first state instead: in the
# cases with masks it is the output too.
CHAINS = {
    "cell": ((4, 3), ["RNN(Simple(5))"]),
    "cell_sequences": ((4, 3), ["RNN(Simple(3), return_sequences=True, go_backwards=True, unroll=True)"]),
    "cell_gated": ((4, 3), ["RNN(Gated(3, 0.5), return_sequences=True)"]),
    "cell_gated_backwards": ((4, 3), ["RNN(Gated(2, -0.25), go_backwards=True)"]),
    "cell_two": ((4, 3), ["RNN(Gated(3, 0.5), return_sequences=True)", "RNN(Simple(2))"]),
    "cell_masked": ((5, 2), ["Masking(0.25)", "RNN(Gated(3, 0.5, 1), return_sequences=True)", "RNN(Simple(2))"]),
    "cell_masked_last": ((5, 2), ["Masking(0.25)", "RNN(Gated(3, 0.5, 1))"]),
    "cell_masked_backwards": (
        (5, 2),
        ["Masking(0.25)", "RNN(Gated(3, 0.5, 1), go_backwards=True, return_sequences=True)"],
    ),
    "cell_zero_masked": (
        (5, 2),
        ["Masking(0.25)", "RNN(Gated(3, 0.5, 1), return_sequences=True, zero_output_for_mask=True)"],
    ),
    "cell_bidirectional": (
        (4, 3),
        ["Bidirectional(RNN(Gated(2, 0.5), return_sequences=True))", "Bidirectional(RNN(Simple(3)), 'sum')"],
    ),
    "cell_bidirectional_masked": (
        (5, 2),
        ["Masking(0.25)", "Bidirectional(RNN(Gated(2, 0.5, 1), return_sequences=True))"],
    ),
    "cell_stacked": ((4, 3), ["RNN([LSTMCell(2), Gated(3, 0.5), GRUCell(2)], return_sequences=True)"]),
    "cell_time_distributed": ((2, 3, 2), ["TimeDistributed(RNN(Simple(2)))"]),
}

GRAPHS = {
    "cell_states": "x, h, m = Input((3, 2)), Input((4,)), Input((2,)); "
    "model = Model([x, h, m], RNN(Gated(4, 0.5), return_sequences=True, return_state=True)(x, initial_state=[h, m]))",
    "cell_states_masked": "x, h, m, k = Input((5, 2)), Input((3,)), Input((2,)), Input((5,), name='mask'); "
    "model = Model([x, h, m, k], RNN(Gated(3, 0.5, 1), return_state=True)(x, initial_state=[h, m], mask=k))",
    "cell_decoder": "x, y = Input((3, 2)), Input((2, 3)); _, h, m = RNN(Gated(4, 0.5), return_state=True)(x); "
    "model = Model([x, y], RNN(Gated(4, -0.5), return_sequences=True)(y, initial_state=[h, m]))",
    "cell_shared": "x, y = Input((3, 2)), Input((4, 2)); rnn = RNN(Simple(3)); "
    "model = Model([x, y], Concatenate()([rnn(x), rnn(y)]))",
    "cell_bidirectional_states": "x, a, b = Input((3, 2)), Input((2,)), Input((2,)); "
    "model = Model([x, a, b], Bidirectional(RNN(Simple(2), return_state=True), merge_mode=None)(x, initial_state=[a, b]))",
    "cell_stacked_states": "x, h, g, m = Input((3, 2)), Input((3,)), Input((2,)), Input((2,)); "
    "y, h1, (g1, m1) = RNN([GRUCell(3), Gated(2, 0.5)], return_state=True)(x, initial_state=[[h], [g, m]]); "
    "model = Model([x, h, g, m], [y, h1, g1, m1])",
    "cell_alone": "x, h, m = Input((2,)), Input((3,)), Input((2,)); y, (h1, m1) = Gated(3, 0.5)(x, [h, m]); "
    "model = Model([x, h, m], [y, h1, m1])",
    "cell_alone_shared": "x, y, h, m = Input((2,)), Input((2,)), Input((3,)), Input((2,)); cell = Gated(3, 0.5); "
    "_, s = cell(x, [h, m]); model = Model([x, y, h, m], cell(y, s)[0])",
}

IMPORTS = "from keras import Input, Model; from keras.layers import *; "


def case(name, code, batch):
    """One case. The numbers of the regularizer are in the gradients alone."""
    for random in attempts(name):
        model = run_code(code, Simple=Simple, Gated=Gated)["model"]
        randomize(model, random)
        xs = [random.normal((batch, *t.shape[1:])) for t in model.inputs]
        if "masked" in name:
            left_out = random.state.randint(0, 2, xs[0].shape[:2]) == 0
            # Before the first step that counts there is no output yet, and other states than 0 if they are given.
            left_out[:, 0] &= "states" not in name
            if "states" in name:
                xs[-1] = 1.0 - left_out
            else:
                xs[0][left_out] = 0.25
        dys = [random.normal((batch, *t.shape[1:])) for t in model.outputs]
        result = evaluate(code, model, xs, dys, None)
        result.pop("loss_reg", None)
        return result


def write(out):
    cases = {}
    for name, (shape, layers) in CHAINS.items():
        code = IMPORTS + sequential(shape, *layers)
        cases[f"{name}_b3"] = case(f"{name}_b3", code, 3)
    for name, code in GRAPHS.items():
        cases[f"{name}_b2"] = case(f"{name}_b2", IMPORTS + code, 2)
    write_cases(out / "cells.json", cases)
