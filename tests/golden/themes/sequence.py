"""sequence.json: layers of sequences: embeddings, masks, and losses of what does not count."""

import numpy as np

from .common import MARGIN, Random, attempts, numpy_weights, randomize, relu_probe, run_code, write_cases
from .layers import evaluate, sequential

WORDS = 6


def words(random, shape):
    return random.state.randint(0, WORDS, size=shape).astype("int64")


def of_words(name, code, shapes, batch=3):
    random = Random(name)
    model = run_code(code)["model"]
    randomize(model, random)
    xs = [words(random, (batch, *shape)) for shape in shapes]
    return evaluate(code, model, xs, [random.normal((batch, *model.output_shape[1:]))], None)


def of_floats(name, shape, layers, value):
    """Some steps are of this value only."""
    code = sequential(shape, *layers)
    for random in attempts(name):
        model = run_code(code)["model"]
        randomize(model, random)
        x = random.normal((3, *shape))
        x[random.state.randint(0, 2, size=x.shape[:-1]) == 0] = value
        # One feature of a step that counts may be equal to it.
        x[0, ..., 0] = value
        if relu_probe(model)([x]) < MARGIN:
            continue
        return evaluate(code, model, [x], [random.normal((3, *model.output_shape[1:]))], None)


def masked_loss(name):
    code = (
        "model = keras.Sequential([keras.Input((5,), dtype='int32'), keras.layers.Embedding(6, 4, mask_zero=True), "
        "keras.layers.Dense(3, activation='softmax')]); model.compile(keras.optimizers.Adam(0.05), "
        "'sparse_categorical_crossentropy', metrics=['accuracy'])"
    )
    random = Random(name)
    model = run_code(code)["model"]
    randomize(model, random)
    x, y = words(random, (6, 5)), random.labels((6, 5), 3)
    case = {"python": code, "x": x, "y": y} | numpy_weights(model, "w")
    losses, accuracies = [], []
    for _ in range(4):
        model.reset_metrics()
        losses.append(float(model.train_on_batch(x, y)[0]))
        # The mask does not reach the metrics of a training step on JAX.
        model.reset_metrics()
        loss, accuracy = model.test_on_batch(x, y)
        losses.append(float(loss))
        accuracies.append(float(accuracy))
    return case | {"losses": np.array(losses), "accuracies": np.array(accuracies)} | numpy_weights(model, "f")


def write(out):
    embedding = "keras.layers.Embedding({})"

    def chain(shape, *layers):
        return f"model = keras.Sequential([keras.Input({shape}, dtype='int32'), {', '.join(layers)}])"

    l2 = embedding.format("6, 3, embeddings_regularizer=keras.regularizers.L2(0.1), mask_zero=True")
    shared = (
        "a, b = keras.Input((3,), dtype='int32'), keras.Input((3,), dtype='int32'); "
        f"table = {embedding.format('6, 5')}; h = keras.layers.Concatenate()([table(a), table(b)]); "
        "model = keras.Model([a, b], keras.layers.Dense(2, activation='tanh')(h))"
    )
    dense = "keras.layers.Dense(2)"
    codes = {
        "embedding": (chain((4,), embedding.format("6, 3")), [(4,)]),
        "embedding_rank3": (chain((2, 3), embedding.format("6, 2")), [(2, 3)]),
        "embedding_l2": (chain((4,), l2, dense), [(4,)]),
        "embedding_shared": (shared, [(3,), (3,)]),
    }
    cases = {f"{name}_b3": of_words(name, *given) for name, given in codes.items()}
    masking = "keras.layers.Masking({})"
    cases["masking_b3"] = of_floats("masking", (4, 3), [masking.format("")], 0)
    relu = "keras.layers.Dense(2, activation='relu')"
    cases["masking_value_b3"] = of_floats("masking_value", (4, 2), [masking.format("mask_value=0.5"), relu], 0.5)
    cases["masking_rank4_b3"] = of_floats("masking_rank4", (2, 3, 2), [masking.format(""), dense], 0)
    cases["masked_words"] = masked_loss("masked_words")
    write_cases(out / "sequence.json", cases)
