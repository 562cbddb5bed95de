"""stateful.json: recurrent layers whose states go on from batch to batch.

Beside the fields of layers.json, which are those of the second batch: `first` are the inputs of the first batch, `y_first` its
outputs, and `y_third` those of a third batch of the same inputs as the first.
"""

import re

import numpy as np

from .common import MARGIN, attempts, randomize, relu_probe, run_code, write_cases
from .layers import evaluate, numbered
from .recurrent import qualified

BATCH = 3


def outputs(model, xs):
    """The outputs of a batch, after which the states are those that it leaves."""
    ys = model(xs if len(xs) > 1 else xs[0])
    return [np.array(y) for y in (ys if isinstance(ys, (list, tuple)) else [ys])]


def case(name, code):
    for random in attempts(name):
        model = run_code(code)["model"]
        randomize(model, random)

        def inputs():
            xs = [random.normal((BATCH, *t.shape[1:])) for t in model.inputs]
            if "masked" in name:
                xs[0][random.state.randint(0, 2, xs[0].shape[:2]) == 0] = 0.25
            return xs

        first, xs = inputs(), inputs()
        dys = [random.normal((BATCH, *t.shape[1:])) for t in model.outputs]
        if min(relu_probe(model)(first), relu_probe(model)(xs)) < MARGIN:
            continue
        # The states begin at 0: what was computed so far was on another model.
        reset(model)
        y_first = outputs(model, first)
        found = evaluate(code, model, xs, dys, None)
        second = outputs(model, xs)
        assert all(np.allclose(y, found[key], 1e-12) for key, y in numbered("y", second).items())
        found |= numbered("first", first) | numbered("y_first", y_first)
        found |= numbered("y_third", outputs(model, first))
        reset(model)
        assert all(np.allclose(y, again, 1e-12) for y, again in zip(y_first, outputs(model, first)))
        return found


def reset(model):
    """Has all states begin anew. Keras's own `reset_state` fails for a stack of cells."""
    for layer in model.layers:
        for part in (layer, getattr(layer, "forward_layer", None), getattr(layer, "backward_layer", None)):
            states = getattr(part, "states", None)
            for state in flat(states if part is not None and hasattr(part, "cell") else None):
                state.assign(np.zeros(state.shape))


def flat(states):
    if isinstance(states, (list, tuple)):
        return [state for part in states for state in flat(part)]
    return [] if states is None else [states]


CHAINS = {
    "stateful_lstm": ((4, 3), ["LSTM(5, stateful=True)"]),
    "stateful_lstm_backwards": (
        (3, 2),
        ["LSTM(2, 'softsign', 'hard_sigmoid', return_sequences=True, go_backwards=True, use_bias=False, stateful=True)"],
    ),
    "stateful_lstm_masked": ((4, 2), ["Masking(0.25)", "LSTM(3, return_sequences=True, stateful=True)", "LSTM(2)"]),
    "stateful_gru": ((4, 3), ["GRU(5, return_sequences=True, stateful=True)", "Dense(2, 'tanh')"]),
    "stateful_gru_before": ((3, 2), ["GRU(3, 'softsign', 'hard_sigmoid', reset_after=False, stateful=True)"]),
    "stateful_gru_masked": ((4, 2), ["Masking(0.25)", "GRU(3, go_backwards=True, use_bias=False, stateful=True)"]),
    "stateful_simple_rnn": ((4, 3), ["SimpleRNN(5, stateful=True)"]),
    "stateful_simple_rnn_backwards": (
        (3, 2),
        ["SimpleRNN(4, 'mish', return_sequences=True, go_backwards=True, use_bias=False, stateful=True)"],
    ),
    "stateful_simple_rnn_twice": (
        (4, 2),
        [
            "Masking(0.25)",
            "SimpleRNN(3, 'sigmoid', return_sequences=True, stateful=True)",
            "SimpleRNN(2, stateful=True, recurrent_regularizer=keras.regularizers.L2(0.1))",
        ],
    ),
    "stateful_rnn": ((4, 3), ["RNN(LSTMCell(5), stateful=True)"]),
    "stateful_rnn_backwards": (
        (3, 2),
        ["RNN(SimpleRNNCell(3, 'softsign'), return_sequences=True, go_backwards=True, stateful=True)"],
    ),
    "stateful_rnn_masked": (
        (4, 2),
        ["Masking(0.25)", "RNN(GRUCell(3), return_sequences=True, zero_output_for_mask=True, stateful=True)"],
    ),
    "stateful_stack": ((4, 3), ["RNN([LSTMCell(3), GRUCell(2)], return_sequences=True, stateful=True)"]),
    "stateful_stack_simple": ((3, 2), ["RNN(StackedRNNCells([SimpleRNNCell(2), LSTMCell(3), LSTMCell(2)]), stateful=True)"]),
    "stateful_bidirectional": ((4, 3), ["Bidirectional(LSTM(2, stateful=True))"]),
    "stateful_bidirectional_sequences": (
        (3, 2),
        ["Bidirectional(GRU(2, return_sequences=True, stateful=True), merge_mode='sum')"],
    ),
    "stateful_bidirectional_masked": (
        (4, 2),
        ["Masking(0.25)", "Bidirectional(SimpleRNN(3, return_sequences=True, stateful=True), merge_mode='mul')"],
    ),
    "stateful_bidirectional_other": (
        (3, 2),
        ["Bidirectional(LSTM(2, stateful=True), backward_layer=GRU(2, go_backwards=True, stateful=True))"],
    ),
    "stateful_conv_lstm1d": ((3, 5, 2), ["ConvLSTM1D(3, 2, stateful=True)"]),
    "stateful_conv_lstm1d_same": (
        (2, 4, 2),
        ["ConvLSTM1D(2, 3, 2, 'same', return_sequences=True, go_backwards=True, use_bias=False, stateful=True)"],
    ),
    "stateful_conv_lstm1d_first": (
        (2, 2, 4),
        ["ConvLSTM1D(2, 3, data_format='channels_first', activation='softsign', stateful=True)"],
    ),
    "stateful_conv_lstm2d": ((2, 3, 3, 1), ["ConvLSTM2D(2, 2, stateful=True)"]),
    "stateful_conv_lstm2d_first": (
        (2, 1, 3, 2),
        ["ConvLSTM2D(2, (2, 1), data_format='channels_first', return_sequences=True, stateful=True)"],
    ),
    "stateful_conv_lstm2d_twice": (
        (2, 2, 3, 1),
        [
            "ConvLSTM2D(2, 2, padding='same', return_sequences=True, go_backwards=True, stateful=True)",
            "ConvLSTM2D(1, 1, recurrent_activation='hard_sigmoid', stateful=True)",
        ],
    ),
    "stateful_conv_lstm3d": ((2, 2, 2, 3, 1), ["ConvLSTM3D(2, 2, stateful=True)"]),
    "stateful_conv_lstm3d_same": (
        (2, 2, 3, 2, 1),
        ["ConvLSTM3D(1, (1, 2, 2), padding='same', return_sequences=True, use_bias=False, stateful=True)"],
    ),
    "stateful_conv_lstm3d_first": (
        (2, 1, 2, 2, 2),
        ["ConvLSTM3D(2, 2, data_format='channels_first', go_backwards=True, stateful=True)"],
    ),
}

INPUTS = (
    "import keras; from keras import Model; from keras.layers import *; "
    f"Input = lambda shape: keras.Input(batch_shape=({BATCH}, *shape)); "
)

GRAPHS = {
    "stateful_lstm_states": "x = Input((3, 2)); "
    "model = Model(x, LSTM(4, return_sequences=True, return_state=True, stateful=True)(x))",
    "stateful_lstm_given": "x, h, c = Input((3, 2)), Input((4,)), Input((4,)); lstm = LSTM(4, stateful=True); "
    "model = Model([x, h, c], lstm(x, initial_state=[h, c]))",
    "stateful_lstm_shared": "x, y = Input((3, 2)), Input((3, 2)); lstm = LSTM(4, stateful=True); "
    "a = lstm(x); b = lstm(y, initial_state=None); model = Model([x, y], Concatenate()([a, b]))",
    "stateful_conv_lstm1d_states": "x = Input((2, 2, 4)); "
    "model = Model(x, ConvLSTM1D(2, 2, data_format='channels_first', return_state=True, stateful=True)(x))",
    "stateful_rnn_states": "x = Input((3, 2)); model = Model(x, RNN(GRUCell(4), return_state=True, stateful=True)(x))",
}


def write(out):
    cases = {}
    for name, (shape, layers) in CHAINS.items():
        layers = [re.sub(r"\b([A-Z][A-Za-z0-9]+)\(", qualified, layer) for layer in layers]
        given = f"keras.Input(batch_shape={(BATCH, *shape)})"
        cases[name] = case(name, f"model = keras.Sequential([{', '.join([given, *layers])}])")
    for name, code in GRAPHS.items():
        cases[name] = case(name, INPUTS + code)
    write_cases(out / "stateful.json", cases)
