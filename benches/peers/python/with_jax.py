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


def loss_of(weights, x, y):
    return -jnp.mean(jnp.sum(jax.nn.log_softmax(logits(weights, x)) * y, axis=-1))


@partial(jax.jit, donate_argnums=(0, 1))
def sgd(weights, slots, x, y):
    loss, grads = jax.value_and_grad(loss_of)(weights, x, y)
    slots = jax.tree.map(lambda v, g: 0.9 * v - works.SGD * g, slots, grads)
    weights = jax.tree.map(lambda w, v, g: w + 0.9 * v - works.SGD * g, weights, slots, grads)
    return weights, slots, loss


@partial(jax.jit, donate_argnums=(0, 1))
def adam(weights, slots, x, y):
    first, second, t = slots
    loss, grads = jax.value_and_grad(loss_of)(weights, x, y)
    t += 1
    first = jax.tree.map(lambda m, g: m + (g - m) * 0.1, first, grads)
    second = jax.tree.map(lambda v, g: v + (g * g - v) * 0.001, second, grads)
    rate = works.ADAM * jnp.sqrt(1 - 0.999**t) / (1 - 0.9**t)
    weights = jax.tree.map(lambda w, m, v: w - rate * m / (jnp.sqrt(v) + 1e-7), weights, first, second)
    return weights, (first, second, t), loss


def step(clock, name, widths, n, optimizer):
    weights = jax.tree.map(jnp.asarray, works.weights(widths))

    def zeros():
        return jax.tree.map(jnp.zeros_like, weights)

    function, slots = (sgd, zeros()) if optimizer == "sgd" else (adam, (zeros(), zeros(), jnp.float32(0)))
    x, y = jnp.asarray(works.pixels(n)), jnp.asarray(works.one_hot(works.classes(n)))

    def train():
        nonlocal weights, slots
        weights, slots, loss = function(weights, slots, x, y)
        return float(loss)

    clock.show(name, train)


def run(clock):
    clock.version(jax=jax.__version__)
    for name, (widths, n, optimizer) in works.STEPS.items():
        step(clock, name, widths, n, optimizer)
    if clock.threads > 1:
        return
    predict = jax.jit(lambda weights, x: jax.nn.softmax(logits(weights, x)))
    weights, x = jax.tree.map(jnp.asarray, works.weights([784, 64, 10])), jnp.asarray(works.pixels(1))
    clock.show(works.PREDICT, lambda: np.asarray(predict(weights, x)))
    tiny = jax.jit(logits)
    weights, x = jax.tree.map(jnp.asarray, works.weights([4, 16, 16, 1])), jnp.asarray(works.tiny())
    clock.show(works.PREDICT_TINY, lambda: np.asarray(tiny(weights, x)))
    product = jax.jit(jnp.matmul)
    for n, name in works.PRODUCTS.items():
        x, w = jnp.asarray(works.matrix(n)), jnp.asarray(works.matrix(n))
        clock.show(name, lambda: product(x, w).block_until_ready())
