"""JAX: the whole step is one compiled function, its arguments' memory reused."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

import works


def logits(weights, x):
    for kernel, bias in weights[:-1]:
        x = jax.nn.relu(x @ kernel + bias)
    kernel, bias = weights[-1]
    return x @ kernel + bias


def convolved(x, kernel, bias):
    x = jax.lax.conv_general_dilated(x, kernel, (1, 1), "VALID", dimension_numbers=("NHWC", "HWIO", "NHWC"))
    x = jax.nn.relu(x + bias)
    return jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")


def cnn(weights, x):
    *convolutions, (kernel, bias) = weights
    for layer in convolutions:
        x = convolved(x, *layer)
    return x.reshape(len(x), -1) @ kernel + bias


def lstm(weights, x):
    (kernel, recurrent, bias), (head, head_bias) = weights

    def advance(state, z):
        h, c = state
        i, f, g, o = jnp.split(z + h @ recurrent, 4, axis=-1)
        c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
        h = jax.nn.sigmoid(o) * jnp.tanh(c)
        return (h, c), None

    zeros = jnp.zeros((len(x), recurrent.shape[0]), x.dtype)
    (h, _), _ = jax.lax.scan(advance, (zeros, zeros), jnp.swapaxes(x @ kernel + bias, 0, 1))
    return h @ head + head_bias


def normalized(x, gamma, beta):
    mean = jnp.mean(x, -1, keepdims=True)
    variance = jnp.mean((x - mean) ** 2, -1, keepdims=True)
    return (x - mean) * jax.lax.rsqrt(variance + 1e-3) * gamma + beta


def encoder(weights, x):
    embed, query, key, value, out, first, inner, outer, second, head = weights

    def dense(x, layer):
        return x @ layer[0] + layer[1]

    x = dense(x, embed)
    q, k, v = (dense(x, layer).reshape(*x.shape[:2], 4, 16) for layer in (query, key, value))
    scores = jax.nn.softmax(jnp.einsum("bthd,bshd->bhts", q / 4, k))
    mixed = jnp.einsum("bhts,bshd->bthd", scores, v).reshape(x.shape)
    x = normalized(x + dense(mixed, out), *first)
    x = normalized(x + dense(jax.nn.relu(dense(x, inner)), outer), *second)
    return dense(jnp.mean(x, 1), head)


def layer(*shape):
    return works.uniform(*shape), np.zeros(shape[-1], np.float32)


def norm():
    return np.ones(64, np.float32), np.zeros(64, np.float32)


CNN = [layer(3, 3, 1, 32), layer(3, 3, 32, 64), layer(1600, 10)]
LSTM = [(works.uniform(28, 512), works.uniform(128, 512), np.zeros(512, np.float32)), layer(128, 10)]
SQUARE = [layer(64, 64) for _ in range(4)]
ENCODER = [layer(28, 64), *SQUARE, norm(), layer(64, 128), layer(128, 64), norm(), layer(64, 10)]


def loss_of(weights, network, x, y):
    return -jnp.mean(jnp.sum(jax.nn.log_softmax(network(weights, x)) * y, axis=-1))


@partial(jax.jit, donate_argnums=(0, 1), static_argnums=2)
def sgd(weights, slots, network, x, y):
    loss, grads = jax.value_and_grad(loss_of)(weights, network, x, y)
    slots = jax.tree.map(lambda v, g: 0.9 * v - works.SGD * g, slots, grads)
    weights = jax.tree.map(lambda w, v, g: w + 0.9 * v - works.SGD * g, weights, slots, grads)
    return weights, slots, loss


@partial(jax.jit, donate_argnums=(0, 1), static_argnums=2)
def adam(weights, slots, network, x, y):
    first, second, t = slots
    loss, grads = jax.value_and_grad(loss_of)(weights, network, x, y)
    t += 1
    first = jax.tree.map(lambda m, g: m + (g - m) * 0.1, first, grads)
    second = jax.tree.map(lambda v, g: v + (g * g - v) * 0.001, second, grads)
    rate = works.ADAM * jnp.sqrt(1 - 0.999**t) / (1 - 0.9**t)
    weights = jax.tree.map(lambda w, m, v: w - rate * m / (jnp.sqrt(v) + 1e-7), weights, first, second)
    return weights, (first, second, t), loss


def step(clock, name, network, weights, x, optimizer):
    weights = jax.tree.map(jnp.array, weights)

    def zeros():
        return jax.tree.map(jnp.zeros_like, weights)

    function, slots = (sgd, zeros()) if optimizer == "sgd" else (adam, (zeros(), zeros(), jnp.float32(0)))
    x, y = jnp.asarray(x), jnp.asarray(works.one_hot(works.classes(len(x))))

    def train():
        nonlocal weights, slots
        weights, slots, loss = function(weights, slots, network, x, y)
        return float(loss)

    clock.show(name, train)


def run(clock):
    clock.version(jax=jax.__version__)
    for name, (widths, n, optimizer) in works.STEPS.items():
        step(clock, name, logits, works.weights(widths), works.pixels(n), optimizer)
    images = works.pixels(works.BATCH).reshape(-1, 28, 28)
    step(clock, works.CNN, cnn, CNN, images[..., None], "adam")
    step(clock, works.LSTM, lstm, LSTM, images, "adam")
    step(clock, works.ENCODER, encoder, ENCODER, images, "adam")
    if clock.threads > 1:
        return
    predictions = {
        works.PREDICT: (logits, works.weights([784, 64, 10]), works.pixels(1)),
        works.PREDICT_CNN: (cnn, CNN, images[:1, ..., None]),
        works.PREDICT_LSTM: (lstm, LSTM, images[:1]),
    }
    for name, (network, *arrays) in predictions.items():
        predict = jax.jit(lambda weights, x, network=network: jax.nn.softmax(network(weights, x)))
        weights, x = jax.tree.map(jnp.array, arrays)
        clock.show(name, lambda: np.asarray(predict(weights, x)))
    tiny = jax.jit(logits)
    weights, x = jax.tree.map(jnp.asarray, works.weights([4, 16, 16, 1])), jnp.asarray(works.tiny())
    clock.show(works.PREDICT_TINY, lambda: np.asarray(tiny(weights, x)))
    product = jax.jit(jnp.matmul)
    for n, name in works.PRODUCTS.items():
        x, w = jnp.asarray(works.matrix(n)), jnp.asarray(works.matrix(n))
        clock.show(name, lambda: product(x, w).block_until_ready())
