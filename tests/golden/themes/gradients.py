"""gradients.json: first and second derivatives by JAX: of Keras's activations, and of a few functions of arrays."""

import jax
import jax.numpy as jnp
import keras
import numpy as np

from .common import Random, run_code, write_cases

# None of these numbers is a kink of any of the functions.
POINTS = [-5.5, -3.25, -2.125, -1.375, -0.75, -0.25, 0.125, 0.375, 0.8125, 1.5, 2.75, 3.5, 6.5]

ELEMENTWISE = [
    "relu(x)",
    "relu6(x)",
    "leaky_relu(x)",
    "leaky_relu(x, 0.1)",
    "elu(x)",
    "elu(x, 2.0)",
    "celu(x, 2.0)",
    "selu(x)",
    "gelu(x)",
    "gelu(x, approximate=True)",
    "silu(x)",
    "hard_silu(x)",
    "sigmoid(x)",
    "hard_sigmoid(x)",
    "log_sigmoid(x)",
    "tanh(x)",
    "hard_tanh(x)",
    "tanh_shrink(x)",
    "hard_shrink(x)",
    "soft_shrink(x)",
    "threshold(x, 1.0, -7.0)",
    "softplus(x)",
    "softsign(x)",
    "squareplus(x)",
    "squareplus(x, 1.0)",
    "mish(x)",
    "sparse_plus(x)",
    "sparse_sigmoid(x)",
    "exponential(x)",
    "linear(x)",
]
ROWS = ["softmax", "log_softmax", "sparsemax", "glu"]


def sparsemax(x):
    """By definition. That of Keras 3.15.1 takes a wrong threshold if more than one number is left
    (https://github.com/keras-team/keras/issues/23425, mended since): its rows do not add up to 1."""
    counts = jnp.arange(1, x.shape[-1] + 1)
    sums = jnp.cumsum(-jnp.sort(-x, axis=-1), axis=-1)
    return jnp.maximum(x - jnp.max((sums - 1) / counts, axis=-1, keepdims=True), 0)


def elementwise(code):
    code = f"keras.activations.{code}"

    def function(x):
        return run_code(f"y = {code}", x=x)["y"]

    x = jnp.asarray(POINTS)
    first, second = jax.grad(function), jax.grad(jax.grad(function))
    return {
        "python": f"y = {code}",
        "x": np.array(x),
        "y": np.array(function(x)),
        "dy": np.array([first(x) for x in x]),
        "ddy": np.array([second(x) for x in x]),
    }


def rows(name):
    random = Random(name)
    x, t, v = random.distinct((3, 4)), random.normal((3, 2 if name == "glu" else 4)), random.normal((3, 4))
    code = f"jnp.sum({'sparsemax' if name == 'sparsemax' else f'keras.activations.{name}'}(x) ** 2 * t)"

    def function(x):
        return run_code(f"y = {code}", jnp=jnp, sparsemax=sparsemax, x=x, t=jnp.asarray(t))["y"]

    return {"python": f"y = {code}", **derivatives(function, {"x": x}, {"t": t}, {"x": v})}


def derivatives(function, parameters, data, direction):
    """The value, the gradient, and the product of the second derivatives and a direction."""
    names = list(parameters)
    arguments = [jnp.asarray(parameters[name]) for name in names]
    along = tuple(jnp.asarray(direction[name]) for name in names)
    gradient = jax.grad(lambda p: function(*p))
    first, second = jax.jvp(gradient, (tuple(arguments),), (along,))
    return {
        **parameters,
        **data,
        **{f"v{name}": direction[name] for name in names},
        "y": float(function(*arguments)),
        **{f"d{name}": np.array(d) for name, d in zip(names, first)},
        **{f"h{name}": np.array(d) for name, d in zip(names, second)},
    }


def case(name, code, parameters, data):
    """`code` is an expression of the parameters and the data by their names."""
    random = Random(name)
    parameters = {key: random.normal(shape, 0.5) for key, shape in parameters.items()}
    data = {key: random.normal(shape) for key, shape in data.items()}
    direction = {key: random.normal(value.shape) for key, value in parameters.items()}

    def function(*p):
        scope = {key: jnp.asarray(value) for key, value in data.items()}
        scope.update(zip(parameters, p))
        return run_code(f"y = {code}", jnp=jnp, jax=jax, **scope)["y"]

    return {"python": f"y = {code}", **derivatives(function, parameters, data, direction)}, function


def hessian():
    """Logistic regression with all of its second derivatives, and one Newton step."""
    code = "jnp.mean(keras.activations.softplus(x @ w) - t * (x @ w)) + 0.05 * jnp.sum(w ** 2)"
    numbers, function = case("logistic", code, {"w": (3,)}, {"x": (6, 3), "t": (6,)})
    w = jnp.asarray(numbers["w"])
    numbers["hessian"] = np.array(jax.hessian(function)(w))
    numbers["step"] = np.array(w - jnp.linalg.solve(numbers["hessian"], jax.grad(function)(w)))
    return numbers


def write(out):
    cases = {code: elementwise(code) for code in ELEMENTWISE}
    cases.update({name: rows(name) for name in ROWS})
    cases["mlp"], _ = case(
        "mlp",
        "-jnp.sum(keras.activations.log_softmax(keras.activations.gelu(x @ w + b) @ u) * t) / 4",
        {"w": (2, 3), "b": (3,), "u": (3, 2)},
        {"x": (4, 2), "t": (4, 2)},
    )
    cases["recurrent"], _ = case(
        "recurrent",
        "jax.lax.fori_loop(0, 5, lambda i, h: jnp.tanh(h @ w + u * x[i]), jnp.zeros(2)).sum()",
        {"w": (2, 2), "u": (2,)},
        {"x": (5,)},
    )
    cases["quotient"], _ = case(
        "quotient",
        "jnp.sum(jnp.exp(jnp.sin(m * r) / (1.5 + m ** 2)) + jnp.sqrt(1 + r ** 2) * jnp.log(2 + jnp.cos(m)))",
        {"m": (2, 3), "r": (3,)},
        {},
    )
    cases["logistic"] = hessian()
    write_cases(out / "gradients.json", cases)
