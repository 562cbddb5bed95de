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
        if "tails" in name:
            # Every length from 0 to all steps, and none of them beside the next one.
            steps = xs[0].shape[1]
            for row in range(batch):
                xs[0][row, row * 3 % (steps + 1) :] = 0.25
        for i, tensor in enumerate(model.inputs):
            if tensor.name == "mask":
                xs[i] = random.state.randint(0, 2, xs[i].shape).astype("float64")
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
    "gru_regularized": ((3, 2), ["GRU(3, return_sequences=True, activity_regularizer=keras.regularizers.L2(0.1))"]),
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

CHAINS |= {
    "rnn_lstm": ((4, 3), ["RNN(LSTMCell(5))"]),
    "rnn_lstm_sequences": (
        (4, 3),
        ["RNN(LSTMCell(3, 'softsign', 'hard_sigmoid', False), return_sequences=True, go_backwards=True, unroll=True)"],
    ),
    "rnn_lstm_regularized": (
        (4, 3),
        [
            "RNN(LSTMCell(2, unit_forget_bias=False, kernel_regularizer=keras.regularizers.L2(0.1), "
            "recurrent_regularizer=keras.regularizers.L1(0.1), bias_regularizer=keras.regularizers.L2(0.2)))"
        ],
    ),
    "rnn_gru": ((4, 3), ["RNN(GRUCell(4), return_sequences=True)", "RNN(GRUCell(2))"]),
    "rnn_gru_before": ((3, 2), ["RNN(GRUCell(3, 'gelu', 'silu', reset_after=False), go_backwards=True)"]),
    "rnn_gru_regularized": (
        (3, 2),
        [
            "RNN(GRUCell(2, use_bias=False, kernel_regularizer=keras.regularizers.L2(0.1), "
            "recurrent_regularizer=keras.regularizers.L1(0.1)), return_sequences=True)"
        ],
    ),
    "rnn_gru_bias": ((3, 2), ["RNN(GRUCell(2, 'sigmoid', bias_regularizer=keras.regularizers.L2(0.2)))"]),
    "rnn_simple": ((4, 3), ["RNN(SimpleRNNCell(5))"]),
    "rnn_simple_sequences": (
        (4, 3),
        ["RNN(SimpleRNNCell(3, 'mish', False), return_sequences=True, go_backwards=True)"],
    ),
    "rnn_simple_regularized": (
        (3, 2),
        [
            "RNN(SimpleRNNCell(2, kernel_regularizer=keras.regularizers.L2(0.1), "
            "recurrent_regularizer=keras.regularizers.L1(0.1), bias_regularizer=keras.regularizers.L2(0.2)), unroll=True)"
        ],
    ),
    "rnn_masked": ((4, 2), ["Masking(0.25)", "RNN(LSTMCell(3), return_sequences=True)", "RNN(GRUCell(2))"]),
    "rnn_zero_masked": (
        (4, 2),
        ["Masking(0.25)", "RNN(GRUCell(3), return_sequences=True, go_backwards=True, zero_output_for_mask=True)"],
    ),
    "rnn_zero_masked_last": ((4, 2), ["Masking(0.25)", "RNN(LSTMCell(3), zero_output_for_mask=True)"]),
    "rnn_bidirectional": ((4, 3), ["Bidirectional(RNN(LSTMCell(2), return_sequences=True))", "Bidirectional(RNN(GRUCell(2)))"]),
    "rnn_bidirectional_masked": ((4, 2), ["Masking(0.25)", "Bidirectional(RNN([GRUCell(2), LSTMCell(3)], return_sequences=True), 'sum')"]),
    "rnn_time_distributed": ((2, 3, 2), ["TimeDistributed(RNN(LSTMCell(2)))"]),
    "stacked": ((4, 3), ["RNN([LSTMCell(3), GRUCell(2)])"]),
    "stacked_sequences": (
        (4, 3),
        ["RNN(StackedRNNCells([SimpleRNNCell(2, 'sigmoid'), LSTMCell(3), LSTMCell(2)]), return_sequences=True, go_backwards=True)"],
    ),
    "stacked_masked": ((4, 2), ["Masking(0.25)", "RNN([LSTMCell(3), LSTMCell(2)], return_sequences=True, go_backwards=True)"]),
    "stacked_masked_last": ((4, 2), ["Masking(0.25)", "RNN([GRUCell(3), LSTMCell(2)], zero_output_for_mask=True)"]),
}

CHAINS |= {
    "conv_lstm1d": ((3, 5, 2), ["ConvLSTM1D(3, 2)"]),
    "conv_lstm1d_same": (
        (3, 6, 2),
        ["ConvLSTM1D(2, 3, 2, 'same', None, 1, 'softsign', 'hard_sigmoid', False, return_sequences=True)"],
    ),
    "conv_lstm1d_first": (
        (3, 2, 6),
        [
            "ConvLSTM1D(2, 3, data_format='channels_first', dilation_rate=2, go_backwards=True, "
            "kernel_regularizer=keras.regularizers.L2(0.1), recurrent_regularizer=keras.regularizers.L1(0.1), "
            "bias_regularizer=keras.regularizers.L2(0.2))"
        ],
    ),
    "conv_lstm2d": ((3, 4, 3, 2), ["ConvLSTM2D(2, 2)"]),
    "conv_lstm2d_same": (
        (3, 3, 4, 1),
        ["ConvLSTM2D(3, (3, 2), padding='same', return_sequences=True, go_backwards=True, unit_forget_bias=False)"],
    ),
    "conv_lstm2d_first": (
        (2, 2, 4, 3),
        [
            "ConvLSTM2D(2, 2, (2, 1), 'same', 'channels_first', activation='gelu', recurrent_activation='silu', "
            "return_sequences=True, activity_regularizer=keras.regularizers.L2(0.1))"
        ],
    ),
    "conv_lstm2d_wide": ((2, 2, 9, 2), ["ConvLSTM2D(3, (1, 3), padding='same', return_sequences=True)", "ConvLSTM2D(2, (2, 3))"]),
    "conv_lstm2d_dropout": ((2, 3, 3, 2), ["ConvLSTM2D(2, 2, dropout=0.5, recurrent_dropout=0.25)"]),
    "conv_lstm2d_bidirectional": ((3, 3, 3, 2), ["Bidirectional(ConvLSTM2D(2, 2, return_sequences=True))"]),
    "conv_lstm2d_dilated": ((2, 4, 4, 1), ["ConvLSTM2D(2, (2, 3), dilation_rate=(2, 1), use_bias=False)"]),
    "conv_lstm2d_regularized": (
        (2, 2, 3, 2),
        [
            "ConvLSTM2D(2, 2, kernel_regularizer=keras.regularizers.L2(0.1), "
            "recurrent_regularizer=keras.regularizers.L1(0.1), bias_regularizer=keras.regularizers.L2(0.2))"
        ],
    ),
    "conv_lstm3d": ((2, 3, 2, 3, 1), ["ConvLSTM3D(2, 2)"]),
    "conv_lstm3d_same": (
        (2, 2, 3, 2, 2),
        ["ConvLSTM3D(1, (1, 2, 3), padding='same', return_sequences=True, use_bias=False)"],
    ),
    "conv_lstm3d_first": (
        (2, 1, 3, 2, 3),
        ["ConvLSTM3D(2, 2, (1, 1, 2), 'same', 'channels_first', go_backwards=True)"],
    ),
    "conv_lstm1d_regularized": (
        (3, 4, 2),
        ["ConvLSTM1D(2, 2, unit_forget_bias=False, activity_regularizer=keras.regularizers.L2(0.1))"],
    ),
    "conv_lstm3d_curves": (
        (2, 2, 3, 2, 1),
        ["ConvLSTM3D(2, (1, 2, 1), dilation_rate=(1, 2, 1), activation='softsign', recurrent_activation='silu')"],
    ),
    "conv_lstm3d_regularized": (
        (2, 2, 2, 1, 2),
        [
            "ConvLSTM3D(2, 1, unit_forget_bias=False, kernel_regularizer=keras.regularizers.L2(0.1), "
            "recurrent_regularizer=keras.regularizers.L1(0.1), bias_regularizer=keras.regularizers.L2(0.2), "
            "activity_regularizer=keras.regularizers.L2(0.1))"
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
    "rnn_states": "x, h, c = Input((3, 2)), Input((4,)), Input((4,)); "
    "model = Model([x, h, c], RNN(LSTMCell(4), return_sequences=True, return_state=True)(x, initial_state=[h, c]))",
    "rnn_shared": "x, y = Input((3, 2)), Input((3, 2)); rnn = RNN([GRUCell(3), GRUCell(2)]); "
    "model = Model([x, y], Concatenate()([rnn(x), rnn(y)]))",
    "stacked_states": "x, h, c, g = Input((3, 2)), Input((3,)), Input((3,)), Input((2,)); "
    "y, (h1, c1), g1 = RNN([LSTMCell(3), GRUCell(2)], return_state=True)(x, initial_state=[[h, c], [g]]); "
    "model = Model([x, h, c, g], [y, h1, c1, g1])",
    "lstm_cell": "x, h, c = Input((2,)), Input((3,)), Input((3,)); y, (h1, c1) = LSTMCell(3)(x, [h, c]); "
    "model = Model([x, h, c], [y, h1, c1])",
    "lstm_cell_curves": "x, h, c = Input((2,)), Input((3,)), Input((3,)); "
    "y, (_, c1) = LSTMCell(3, 'softsign', 'hard_sigmoid', use_bias=False)(x, [h, c]); model = Model([x, h, c], [y, c1])",
    "lstm_cell_shared": "x, y, h, c = Input((2,)), Input((2,)), Input((3,)), Input((3,)); cell = LSTMCell(3); "
    "_, s = cell(x, [h, c]); model = Model([x, y, h, c], cell(y, s)[0])",
    "gru_cell": "x, h = Input((2,)), Input((3,)); y, _ = GRUCell(3)(x, [h]); model = Model([x, h], y)",
    "gru_cell_before": "x, h = Input((2,)), Input((3,)); y, _ = GRUCell(3, reset_after=False)(x, [h]); "
    "model = Model([x, h], y)",
    "gru_cell_curves": "x, h = Input((2,)), Input((3,)); y, _ = GRUCell(3, 'gelu', 'silu', use_bias=False)(x, [h]); "
    "model = Model([x, h], y)",
    "simple_rnn_cell": "x, h = Input((2,)), Input((3,)); y, s = SimpleRNNCell(3)(x, [h]); "
    "model = Model([x, h], [y, s[0]])",
    "simple_rnn_cell_curves": "x, h = Input((2,)), Input((3,)); y, _ = SimpleRNNCell(3, 'mish', use_bias=False)(x, [h]); "
    "model = Model([x, h], y)",
    "simple_rnn_cell_regularized": "import keras; x, h = Input((2,)), Input((3,)); "
    "y, _ = SimpleRNNCell(3, 'gelu', kernel_regularizer=keras.regularizers.L2(0.1), "
    "bias_regularizer=keras.regularizers.L1(0.1))(x, [h]); model = Model([x, h], y)",
    "stacked_rnn_cells": "x, h, c, g = Input((2,)), Input((3,)), Input((3,)), Input((2,)); "
    "y, ((h1, c1), (g1,)) = StackedRNNCells([LSTMCell(3), GRUCell(2)])(x, [[h, c], [g]]); "
    "model = Model([x, h, c, g], [y, h1, c1, g1])",
    "stacked_rnn_cells_simple": "x, h, g = Input((2,)), Input((3,)), Input((2,)); "
    "y, ((h1,), (g1,)) = StackedRNNCells([SimpleRNNCell(3, 'sigmoid'), GRUCell(2, reset_after=False)])(x, [[h], [g]]); "
    "model = Model([x, h, g], [y, h1, g1])",
    "conv_lstm1d_states": "x, h, c = Input((2, 4, 2)), Input((3, 2)), Input((3, 2)); "
    "model = Model([x, h, c], ConvLSTM1D(2, 2, return_state=True)(x, initial_state=[h, c]))",
    "conv_lstm2d_states": "x, h, c = Input((2, 1, 3, 3)), Input((2, 2, 2)), Input((2, 2, 2)); "
    "model = Model([x, h, c], ConvLSTM2D(2, 2, data_format='channels_first', return_sequences=True, return_state=True)"
    "(x, initial_state=[h, c]))",
    "conv_lstm3d_states": "x, h, c = Input((2, 1, 2, 2, 1)), Input((1, 2, 2, 2)), Input((1, 2, 2, 2)); "
    "model = Model([x, h, c], ConvLSTM3D(2, 1, return_state=True)(x, initial_state=[h, c]))",
    "conv_lstm2d_shared": "x, y = Input((2, 3, 2, 2)), Input((2, 3, 2, 2)); lstm = ConvLSTM2D(2, 2); "
    "model = Model([x, y], Add()([lstm(x), lstm(y)]))",
    "simple_rnn_states": "x, h = Input((3, 2)), Input((4,)); "
    "model = Model([x, h], SimpleRNN(4, 'sigmoid', return_state=True)(x, initial_state=[h]))",
}


def qualified(match):
    """`LSTM(` with the module in front; names of other modules have theirs already."""
    name = match[1]
    return f"keras.layers.{name}(" if hasattr(keras.layers, name) else match[0]


# Keras spreads a mask over the positions of a batch of one only.
SINGLE = {
    "conv_lstm1d_masked": "x, m = Input((4, 3, 2)), Input((4,), name='mask'); "
    "model = Model([x, m], ConvLSTM1D(2, 2, return_sequences=True)(x, mask=m))",
    "conv_lstm2d_masked": "x, m = Input((4, 2, 3, 1)), Input((4,), name='mask'); "
    "model = Model([x, m], ConvLSTM2D(2, 2, padding='same', go_backwards=True)(x, mask=m))",
}


# Rows of every length, more of them than are computed one by one.
TAILS = {
    "lstm_tails": ((9, 2), ["Masking(0.25)", "LSTM(3, return_sequences=True)", "LSTM(2)"]),
    "gru_tails": ((9, 2), ["Masking(0.25)", "GRU(3, go_backwards=True, return_sequences=True)"]),
    "gru_tails_before": ((9, 2), ["Masking(0.25)", "GRU(3, reset_after=False)"]),
    "bidirectional_tails": ((9, 2), ["Masking(0.25)", "Bidirectional(SimpleRNN(2, return_sequences=True))"]),
    "rnn_zero_tails": (
        (9, 2),
        ["Masking(0.25)", "RNN([LSTMCell(3), GRUCell(2)], return_sequences=True, zero_output_for_mask=True)"],
    ),
}


def write(out):
    cases = {}
    for name, (shape, layers) in CHAINS.items():
        layers = [re.sub(r"\b([A-Z][A-Za-z0-9]+)\(", qualified, layer) for layer in layers]
        code = sequential(shape, *layers)
        cases[f"{name}_b3"] = case(f"{name}_b3", code, 3)
    for name, (shape, layers) in TAILS.items():
        layers = [re.sub(r"\b([A-Z][A-Za-z0-9]+)\(", qualified, layer) for layer in layers]
        cases[f"{name}_b11"] = case(f"{name}_b11", sequential(shape, *layers), 11)
    for name, code in GRAPHS.items():
        cases[f"{name}_b2"] = case(f"{name}_b2", INPUTS + code, 2)
    for name, code in SINGLE.items():
        cases[f"{name}_b1"] = case(f"{name}_b1", INPUTS + code, 1)
    write_cases(out / "recurrent.json", cases)
