"""drawn.json: layers that draw random numbers, in training. Keras is given the numbers that ours draw: those of Philox by
seed, step, stream and index, which are worked out here once more."""

import math

import jax
import jax.numpy as jnp
import numpy as np

from .common import Random, randomize, run_code, write_cases
from .layers import evaluate, sequential

# What tests/support runs a step with.
SEED, STEP = 3, 5


def philox(counter, key):
    """Philox4x32-10 (Salmon, Moraes, Dror, Shaw 2011): four arrays of words from four arrays and two numbers."""
    a, b, c, d = (np.asarray(word, np.uint64) for word in counter)
    low, high = np.uint64(0xFFFFFFFF), np.uint64(32)
    for i in range(10):
        k, l = ((word + i * step) & 0xFFFFFFFF for word, step in zip(key, (0x9E3779B9, 0xBB67AE85)))
        p, q = np.uint64(0xD2511F53) * a, np.uint64(0xCD9E8D57) * c
        a, b, c, d = (q >> high) ^ b ^ np.uint64(k), q & low, (p >> high) ^ d ^ np.uint64(l), p & low
    return np.stack([a, b, c, d])


def words(index, stream, seed):
    """The block of four words that each index lies in, and which of them is its own."""
    block = index // 64 * 16 + index % 16
    zero = np.zeros_like(block)
    # No batch here has 2 ** 32 blocks, no seed 2 ** 32 or more.
    return philox([block, zero, zero + STEP, zero + stream], [seed, 0]), index // 16 % 4


def uniform(index, stream, seed):
    """A multiple of 2 ** -24 in [0, 1) for each index."""
    block, word = words(index, stream, seed)
    return (np.take_along_axis(block, word[None], 0)[0] >> np.uint64(8)) / 2.0**24


def normal(index, stream, seed):
    """Box and Muller's method: words 0 and 1 give two numbers, 2 and 3 two more."""
    block, word = words(index, stream, seed)
    u, v = ((np.take_along_axis(block, of[None], 0)[0] >> np.uint64(8)) / 2.0**24 for of in (word & ~1, word | 1))
    return np.sqrt(-2 * np.log(1 - u)) * np.where(word & 1 == 0, np.cos(math.tau * v), np.sin(math.tau * v))


def elements(stream):
    """Which numbers a draw gets: those of a stream in the order of its elements."""
    return lambda shape: (stream, np.arange(math.prod(shape)).reshape(shape))


def gate(stream, i, gates):
    """The same for one of the gates, which lie side by side for each sample, and for each position of one."""

    def of(shape):
        rows, units = math.prod(shape[:-1]), shape[-1]
        return stream, ((np.arange(rows)[:, None] * gates + i) * units + np.arange(units)).reshape(shape)

    return of


class Draws:
    """Stands in for JAX's random functions: one entry of `order` for each draw."""

    def __init__(self, order, seed):
        self.order, self.seed, self.next = order, seed, 0

    def take(self, kind, shape):
        stream, index = self.order[self.next](tuple(shape))
        self.next += 1
        return jnp.asarray(kind(index, stream, self.seed))

    def bernoulli(self, key, p, shape):
        # Dropout draws what it keeps: where the number is not less than the rate.
        return self.take(uniform, shape) >= 1 - p

    def uniform(self, key, shape, dtype=None, minval=0, maxval=1):
        assert (minval, maxval) == (0, 1)
        return self.take(uniform, shape)

    def normal(self, key, shape, dtype=None):
        return self.take(normal, shape)

    def __enter__(self):
        self.kept = {name: getattr(jax.random, name) for name in ("bernoulli", "uniform", "normal")}
        for name in self.kept:
            setattr(jax.random, name, getattr(self, name))

    def __exit__(self, *_):
        for name, function in self.kept.items():
            setattr(jax.random, name, function)
        assert self.next == len(self.order), f"{self.next} draws instead of {len(self.order)}"


ONE = [elements(0)]


def gates(first, n):
    """The masks of h, of which each row has one for each gate."""
    return [gate(first, i, n) for i in range(n)]


def inputs(n):
    """Masks of x, each with a stream of its own."""
    return [elements(i) for i in range(n)]


# The shape of a sample, the layer, what it draws in which order.
CASES = {
    "dropout_quarter": ((6,), "Dropout(0.25)", ONE),
    "dropout_most": ((2, 4), "Dropout(0.8, seed=9)", ONE),
    "dropout_by_step": ((4, 3), "Dropout(0.5, noise_shape=(None, 4, 1))", ONE),
    "dropout_for_all": ((4, 3), "Dropout(0.5, noise_shape=(1, 4, None))", ONE),
    "dropout_long": ((67,), "Dropout(0.3)", ONE),
    "spatial_dropout1d": ((3, 4), "SpatialDropout1D(0.5)", ONE),
    "spatial_dropout1d_quarter": ((2, 5), "SpatialDropout1D(0.25, seed=7)", ONE),
    "spatial_dropout1d_most": ((4, 3), "SpatialDropout1D(0.75)", ONE),
    "spatial_dropout2d": ((2, 3, 4), "SpatialDropout2D(0.5)", ONE),
    "spatial_dropout2d_first": ((4, 2, 3), "SpatialDropout2D(0.25, data_format='channels_first')", ONE),
    "spatial_dropout2d_seed": ((2, 2, 5), "SpatialDropout2D(0.4, 'channels_last', 8)", ONE),
    "spatial_dropout3d": ((2, 1, 3, 4), "SpatialDropout3D(0.5)", ONE),
    "spatial_dropout3d_first": ((4, 2, 1, 3), "SpatialDropout3D(0.25, data_format='channels_first')", ONE),
    "spatial_dropout3d_seed": ((1, 2, 2, 5), "SpatialDropout3D(0.4, seed=8)", ONE),
    "alpha_dropout": ((6,), "AlphaDropout(0.25)", ONE),
    "alpha_dropout_half": ((2, 4), "AlphaDropout(0.5, seed=9)", ONE),
    "alpha_dropout_by_step": ((4, 3), "AlphaDropout(0.4, noise_shape=(None, 4, 1))", ONE),
    "gaussian_dropout": ((6,), "GaussianDropout(0.25)", ONE),
    "gaussian_dropout_half": ((2, 4), "GaussianDropout(0.5, seed=9)", ONE),
    "gaussian_dropout_most": ((67,), "GaussianDropout(0.8)", ONE),
    "gaussian_noise": ((6,), "GaussianNoise(0.25)", ONE),
    "gaussian_noise_one": ((2, 4), "GaussianNoise(1.0, seed=9)", ONE),
    "gaussian_noise_little": ((67,), "GaussianNoise(0.05)", ONE),
    "simple_rnn_dropout": ((3, 4), "SimpleRNN(3, dropout=0.5)", ONE),
    "simple_rnn_both_dropouts": (
        (3, 4),
        "SimpleRNN(3, dropout=0.25, recurrent_dropout=0.5, return_sequences=True)",
        [*ONE, elements(1)],
    ),
    "simple_rnn_recurrent_dropout": ((3, 2), "SimpleRNN(5, recurrent_dropout=0.4, seed=9)", ONE),
    "lstm_one_dropout": ((3, 4), "LSTM(3, dropout=0.5)", ONE),
    "lstm_both_dropouts": (
        (3, 4),
        "LSTM(3, dropout=0.25, recurrent_dropout=0.5, return_sequences=True)",
        [*inputs(4), *gates(4, 4)],
    ),
    "lstm_recurrent_dropout": ((3, 2), "LSTM(5, recurrent_dropout=0.4, seed=9)", gates(0, 4)),
    "gru_one_dropout": ((3, 4), "GRU(3, dropout=0.5)", ONE),
    "gru_both_dropouts": (
        (3, 4),
        "GRU(3, dropout=0.25, recurrent_dropout=0.5, return_sequences=True)",
        [*inputs(3), *gates(3, 3)],
    ),
    "gru_both_dropouts_before": (
        (3, 2),
        "GRU(4, dropout=0.25, recurrent_dropout=0.5, reset_after=False)",
        [*inputs(3), *gates(3, 3)],
    ),
    "gru_recurrent_dropout": ((3, 2), "GRU(5, recurrent_dropout=0.4, seed=9)", gates(0, 3)),
    "rnn_lstm_dropouts": (
        (3, 2),
        "RNN(keras.layers.LSTMCell(3, dropout=0.25, recurrent_dropout=0.5))",
        [*inputs(4), *gates(4, 4)],
    ),
    "rnn_gru_dropouts": (
        (3, 2),
        "RNN(keras.layers.GRUCell(3, dropout=0.5, recurrent_dropout=0.25), return_sequences=True)",
        [*inputs(3), *gates(3, 3)],
    ),
    "rnn_simple_dropouts": (
        (3, 2),
        "RNN(keras.layers.SimpleRNNCell(3, dropout=0.25, recurrent_dropout=0.5, seed=9))",
        [*ONE, elements(1)],
    ),
    "conv_lstm1d_dropouts": (
        (2, 4, 2),
        "ConvLSTM1D(3, 2, dropout=0.25, recurrent_dropout=0.5)",
        [*inputs(4), *gates(4, 4)],
    ),
    "conv_lstm2d_one_dropout": ((2, 3, 3, 2), "ConvLSTM2D(2, 2, dropout=0.5)", inputs(4)),
    "conv_lstm2d_recurrent_dropout": ((2, 3, 3, 1), "ConvLSTM2D(2, 2, recurrent_dropout=0.4, seed=9)", gates(0, 4)),
    "conv_lstm3d_dropouts": (
        (2, 2, 3, 2, 1),
        "ConvLSTM3D(2, 2, padding='same', dropout=0.5, recurrent_dropout=0.25)",
        [*inputs(4), *gates(4, 4)],
    ),
}

INPUTS = "from keras import Input, Model; from keras.layers import *; "

GRAPHS = {
    "attention_dropout": (
        "q, v = Input((3, 4)), Input((5, 4)); model = Model([q, v], Attention(dropout=0.25)([q, v]))",
        ONE,
    ),
    "additive_attention_dropout": (
        "q, v = Input((3, 4)), Input((2, 4)); model = Model([q, v], AdditiveAttention(dropout=0.5, seed=9)([q, v]))",
        ONE,
    ),
    "multi_head_attention_dropout": (
        "x = Input((4, 3)); model = Model(x, MultiHeadAttention(2, 3, dropout=0.25)(x, x))",
        ONE,
    ),
    "group_query_attention_dropout": (
        "x = Input((4, 3)); model = Model(x, "
        "GroupQueryAttention(3, 4, 2, dropout=0.5, seed=9, name='group_query_attention')(x, x))",
        ONE,
    ),
}


def case(name, code, order):
    random = Random(name)
    model = run_code(code)["model"]
    randomize(model, random)
    xs = [random.normal((3, *x.shape[1:])) for x in model.inputs]
    dys = [random.normal((3, *y.shape[1:])) for y in model.outputs]
    layer = model.layers[-1]
    seed = getattr(getattr(layer, "cell", layer), "seed", None)
    seed = SEED if seed is None else seed
    with Draws(order, seed):
        return evaluate(code, model, xs, dys, None, training=True)


def write(out):
    assert [f"{word:08x}" for word in philox([0, 0, 0, 0], [0, 0])] == ["6627e8d5", "e169c58d", "bc57ac4c", "9b00dbd8"]
    cases = {}
    for name, (shape, layer, order) in CASES.items():
        code = sequential(shape, f"keras.layers.{layer}")
        cases[f"{name}_b3"] = case(f"{name}_b3", code, order)
    for name, (code, order) in GRAPHS.items():
        cases[f"{name}_b3"] = case(f"{name}_b3", INPUTS + code, order)
    write_cases(out / "drawn.json", cases)
