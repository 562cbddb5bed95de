"""recurrent.json: recurrent layers, their wrappers and cells."""

import re

import keras

from .common import MARGIN, attempts, randomize, relu_probe, run_code, write_cases
from .layers import evaluate, sequential


def case(name, code, batch):
    """One case; the weights are those of the layers in their order, `w/<layer>/<variable>`."""
    for random in attempts(name):
        model = run_code(code)["model"]
        randomize(model, random)
        xs = [random.normal((batch, *t.shape[1:])) for t in model.inputs]
        if "masked" in name:
            xs[0][random.state.randint(0, 2, xs[0].shape[:2]) == 0] = 0.25
        dys = [random.normal((batch, *t.shape[1:])) for t in model.outputs]
        if relu_probe(model)(xs) >= MARGIN:
            return evaluate(code, model, xs, dys, None)


CHAINS = {
    "lstm": ((4, 3), ["LSTM(5)"]),
    "lstm_sequences": ((4, 3), ["LSTM(5, return_sequences=True)"]),
    "lstm_backwards": (
        (4, 3),
        [
            "LSTM(5, go_backwards=True, return_sequences=True, unit_forget_bias=False, "
            "kernel_regularizer=keras.regularizers.L2(0.1), recurrent_regularizer=keras.regularizers.L1(0.1), "
            "bias_regularizer=keras.regularizers.L2(0.2), activity_regularizer=keras.regularizers.L2(0.1))"
        ],
    ),
    "lstm_curves": (
        (4, 3),
        ["LSTM(2, activation='gelu', recurrent_activation='hard_sigmoid', use_bias=False, use_cudnn=False)"],
    ),
    "lstm_linear": ((3, 2), ["LSTM(2, None, recurrent_activation='silu', unroll=True)"]),
    "lstm_dropout": ((4, 3), ["LSTM(2, dropout=0.5)"]),
    "gru": ((4, 3), ["GRU(5)"]),
    "gru_sequences": ((4, 3), ["GRU(5, return_sequences=True)"]),
    "gru_reset_before": ((4, 3), ["GRU(5, reset_after=False, return_sequences=True)"]),
    "gru_backwards": (
        (4, 3),
        [
            "GRU(5, 'relu6', 'softsign', go_backwards=True, return_sequences=True, "
            "kernel_regularizer=keras.regularizers.L2(0.1), recurrent_regularizer=keras.regularizers.L1(0.1), "
            "bias_regularizer=keras.regularizers.L2(0.2))"
        ],
    ),
    "gru_curves": ((4, 3), ["GRU(2, activation='gelu', recurrent_activation='silu', use_bias=False)"]),
    "gru_curves_before": ((4, 3), ["GRU(2, activation='gelu', recurrent_activation='silu', reset_after=False)"]),
    "lstm_masked": ((4, 2), ["Masking(0.25)", "LSTM(3, return_sequences=True)", "LSTM(2)"]),
    "gru_masked": ((4, 2), ["Masking(0.25)", "GRU(3, go_backwards=True)"]),
    "gru_masked_before": ((4, 2), ["Masking(0.25)", "GRU(3, reset_after=False, return_sequences=True)"]),
    "simple_rnn_masked": ((4, 2), ["Masking(0.25)", "SimpleRNN(3)"]),
    "bidirectional": ((4, 3), ["Bidirectional(LSTM(2))"]),
    "bidirectional_sequences": (
        (4, 3),
        ["Bidirectional(GRU(2, return_sequences=True), merge_mode='sum')", "Bidirectional(SimpleRNN(3), 'ave')"],
    ),
    "bidirectional_mul": ((4, 3), ["Bidirectional(LSTM(2, return_sequences=True), merge_mode='mul')"]),
    "bidirectional_other": (
        (4, 3),
        ["Bidirectional(LSTM(2, return_sequences=True), backward_layer=GRU(2, go_backwards=True, return_sequences=True))"],
    ),
    "bidirectional_masked": (
        (4, 2),
        ["Masking(0.25)", "Bidirectional(LSTM(3, return_sequences=True))", "Bidirectional(GRU(2))"],
    ),
    "time_distributed": ((3, 4), ["TimeDistributed(Dense(2, 'tanh'))"]),
    "time_distributed_flatten": ((3, 2, 2), ["TimeDistributed(Flatten())", "LSTM(2)"]),
    "time_distributed_lstm": ((2, 3, 2), ["TimeDistributed(LSTM(2))"]),
    "simple_rnn": ((4, 3), ["SimpleRNN(5)"]),
    "simple_rnn_sequences": ((4, 3), ["SimpleRNN(5, 'relu', return_sequences=True, use_bias=False)"]),
    "simple_rnn_backwards": (
        (4, 3),
        [
            "SimpleRNN(5, 'mish', go_backwards=True, return_sequences=True, "
            "kernel_regularizer=keras.regularizers.L2(0.1), recurrent_regularizer=keras.regularizers.L1(0.1), "
            "bias_regularizer=keras.regularizers.L2(0.2), activity_regularizer=keras.regularizers.L2(0.2))"
        ],
    ),
}

INPUTS = "from keras import Input, Model; from keras.layers import *; "

GRAPHS = {
    "lstm_states": "x, h, c = Input((3, 2)), Input((4,)), Input((4,)); "
    "model = Model([x, h, c], LSTM(4, return_sequences=True, return_state=True)(x, initial_state=[h, c]))",
    "lstm_decoder": "x, y = Input((3, 2)), Input((2, 3)); _, h, c = LSTM(4, return_state=True)(x); "
    "model = Model([x, y], LSTM(4, return_sequences=True)(y, initial_state=[h, c]))",
    "lstm_shared": "x, y = Input((3, 2)), Input((3, 2)); lstm = LSTM(4); "
    "model = Model([x, y], Concatenate()([lstm(x), lstm(y)]))",
    "bidirectional_states": "x, a, b = Input((3, 2)), Input((2,)), Input((2,)); "
    "model = Model([x, a, b], Bidirectional(GRU(2, return_state=True), merge_mode=None)(x, initial_state=[a, b]))",
    "bidirectional_shared": "x, y = Input((3, 2)), Input((3, 2)); both = Bidirectional(GRU(2)); "
    "model = Model([x, y], Add()([both(x), both(y)]))",
    "gru_states": "x, h = Input((3, 2)), Input((4,)); "
    "model = Model([x, h], GRU(4, return_sequences=True, return_state=True)(x, initial_state=h))",
    "simple_rnn_states": "x, h = Input((3, 2)), Input((4,)); "
    "model = Model([x, h], SimpleRNN(4, 'sigmoid', return_state=True)(x, initial_state=[h]))",
}


def qualified(match):
    """`LSTM(` with the module in front; names of other modules have theirs already."""
    name = match[1]
    return f"keras.layers.{name}(" if hasattr(keras.layers, name) else match[0]


def write(out):
    cases = {}
    for name, (shape, layers) in CHAINS.items():
        layers = [re.sub(r"\b([A-Z][A-Za-z]+)\(", qualified, layer) for layer in layers]
        code = sequential(shape, *layers)
        cases[f"{name}_b3"] = case(f"{name}_b3", code, 3)
    for name, code in GRAPHS.items():
        cases[f"{name}_b2"] = case(f"{name}_b2", INPUTS + code, 2)
    write_cases(out / "recurrent.json", cases)
