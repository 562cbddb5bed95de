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


MASKING = "keras.layers.Masking()"


def merged(layer, masked, shapes=((4, 3), (4, 3)), behind="keras.layers.SimpleRNN(2)"):
    """Inputs of these shapes, of which some are masked, merged; what is behind works by the mask."""
    names = "abc"[: len(shapes)]
    code = "; ".join(f"{name} = keras.Input({shape})" for name, shape in zip(names, shapes))
    parts = ", ".join(f"{MASKING}({name})" if mask else name for name, mask in zip(names, masked))
    merged = f"keras.layers.{layer}([{parts}])"
    return f"{code}; model = keras.Model([{', '.join(names)}], {f'{behind}({merged})' if behind else merged})"


MERGED = {
    "masked_multiply": merged("Multiply()", (True, True)),
    "masked_multiply_first": merged("Multiply()", (True, False)),
    "masked_multiply_three": merged("Multiply()", (True, False, True), [(4, 3)] * 3),
    "masked_multiply_plain": merged("Multiply()", (True, True), behind=None),
    "masked_multiply_broadcast": merged("Multiply()", (True, True), [(4, 3), (1, 3)]),
    "masked_maximum": merged("Maximum()", (True, True)),
    "masked_maximum_first": merged("Maximum()", (True, False)),
    "masked_maximum_second": merged("Maximum()", (False, True)),
    "masked_maximum_three": merged("Maximum()", (True, True, True), [(4, 3)] * 3),
    "masked_minimum_three": merged("Minimum()", (True, False, True), [(4, 3)] * 3),
    "masked_minimum_plain": merged("Minimum()", (True, True), behind=None),
    "masked_add_broadcast": merged("Add()", (True, True), [(1, 3), (4, 3)]),
    "masked_average": merged("Average()", (True, True)),
    "masked_concatenate": merged("Concatenate()", (True, True)),
    "masked_concatenate_first": merged("Concatenate()", (True, False)),
    "masked_concatenate_steps": merged("Concatenate(axis=1)", (True, True), [(4, 3), (2, 3)]),
    "masked_concatenate_steps_one": merged("Concatenate(axis=1)", (False, True, False), [(2, 3), (3, 3), (1, 3)]),
}


def of_merged(name, code):
    random = Random(name)
    model = run_code(code)["model"]
    randomize(model, random)
    xs = [random.normal((3, *x.shape[1:])) for x in model.inputs]
    for x in xs:
        x[random.state.randint(0, 5, size=x.shape[:-1]) < 2] = 0
    # Nothing counts.
    for x in xs:
        x[0, 0] = 0
    return evaluate(code, model, xs, [random.normal((3, *model.output_shape[1:]))], None)


def softmax(name, shape, of_mask, arguments):
    code = (
        f"x = keras.Input({shape}); m = keras.Input({of_mask}); "
        f"model = keras.Model([x, m], keras.layers.Softmax({arguments})(x, mask=m))"
    )
    random = Random(name)
    model = run_code(code)["model"]
    # More than a half counts.
    mask = random.state.choice([0.0, 0.25, 0.75, 1.0], size=(3, *of_mask))
    mask[0] = 0.5
    xs = [random.normal((3, *shape)), mask]
    return evaluate(code, model, xs, [random.normal((3, *shape))], None)


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
    cases |= {f"{name}_b3": of_merged(name, code) for name, code in MERGED.items()}
    cases["softmax_mask_b3"] = softmax("softmax_mask", (5,), (5,), "")
    cases["softmax_mask_axis1_b3"] = softmax("softmax_mask_axis1", (4, 3), (4, 3), "axis=1")
    cases["softmax_mask_broadcast_b3"] = softmax("softmax_mask_broadcast", (2, 4), (1, 4), "")
    cases["softmax_mask_axes_b3"] = softmax("softmax_mask_axes", (2, 3), (2, 1), "axis=[1, 2]")
    cases["masked_words"] = masked_loss("masked_words")
    write_cases(out / "sequence.json", cases)
