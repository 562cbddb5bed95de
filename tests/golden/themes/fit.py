"""fit.json: histories, batch logs, evaluate and predict of small fits without shuffling."""

import keras
import numpy as np

from .common import MARGIN, attempts, last_axis_gap, numpy_weights, randomize, relu_probe, run_code, write_cases

SAMPLES, FEATURES, CLASSES = 10, 6, 3


def mlp(units=CLASSES, head=", activation='softmax'"):
    return (
        f"model = keras.Sequential([keras.Input(({FEATURES},)), keras.layers.Dense(4, activation='relu'), "
        f"keras.layers.Dense({units}{head})])"
    )


CATEGORICAL = mlp() + "; model.compile(keras.optimizers.SGD(0.1), 'categorical_crossentropy', metrics=['accuracy'])"
FITS = {
    "plain": (CATEGORICAL, "one_hot", ""),
    "batch_larger_than_data": (CATEGORICAL, "one_hot", "batch_size=32"),
    "validation_split": (CATEGORICAL, "one_hot", "validation_split=0.2"),
    "validation_split_uneven": (CATEGORICAL, "one_hot", "validation_split=0.35"),
    "validation_data": (CATEGORICAL, "one_hot", "validation_data=(x_val, y_val)"),
    "validation_freq": (CATEGORICAL, "one_hot", "validation_data=(x_val, y_val), validation_freq=2"),
    "initial_epoch": (CATEGORICAL, "one_hot", "initial_epoch=1"),
    "sample_weight": (CATEGORICAL, "one_hot", "sample_weight=sample_weight"),
    "sample_weight_validation_split": (
        CATEGORICAL,
        "one_hot",
        "sample_weight=sample_weight, validation_split=0.2",
    ),
    "sample_weight_weighted_metrics": (
        mlp()
        + "; model.compile(keras.optimizers.SGD(0.1), 'categorical_crossentropy', metrics=['accuracy'], "
        "weighted_metrics=['accuracy'])",
        "one_hot",
        "sample_weight=sample_weight",
    ),
    "class_weight": (CATEGORICAL, "one_hot", "class_weight={0: 0.5, 1: 1.0, 2: 2.0}"),
    "class_weight_missing_class": (CATEGORICAL, "one_hot", "class_weight={0: 0.5, 2: 2.0}"),
    "class_weight_validation_split": (
        CATEGORICAL,
        "one_hot",
        "class_weight={0: 0.5, 1: 1.0, 2: 2.0}, validation_split=0.2",
    ),
    "sparse_class_weight": (
        mlp()
        + "; model.compile(keras.optimizers.SGD(0.1), 'sparse_categorical_crossentropy', metrics=['accuracy'])",
        "label",
        "class_weight={0: 0.5, 1: 1.0, 2: 2.0}",
    ),
    "binary": (
        mlp(1, ", activation='sigmoid'")
        + "; model.compile(keras.optimizers.SGD(0.1), 'binary_crossentropy', metrics=['accuracy'])",
        "binary",
        "",
    ),
    "regression": (
        mlp(2, "") + "; model.compile(keras.optimizers.SGD(0.05), 'mse', metrics=['mae', 'mse'])",
        "real",
        "validation_split=0.2",
    ),
    "regularized": (
        mlp(CLASSES, ", activation='softmax', kernel_regularizer=keras.regularizers.L2(0.05)")
        + "; model.compile(keras.optimizers.SGD(0.1), 'categorical_crossentropy', metrics=['accuracy'])",
        "one_hot",
        "validation_split=0.2",
    ),
    "adam_ema": (
        mlp()
        + "; model.compile(keras.optimizers.Adam(0.01, use_ema=True, ema_momentum=0.5), "
        "'categorical_crossentropy', metrics=['accuracy'])",
        "one_hot",
        "validation_split=0.2",
    ),
    "two_outputs": (
        f"x = keras.Input(({FEATURES},)); h = keras.layers.Dense(4, activation='relu')(x); "
        f"first = keras.layers.Dense({CLASSES}, activation='softmax', name='first')(h); "
        "second = keras.layers.Dense(2, name='second')(h); model = keras.Model(x, [first, second]); "
        "model.compile(keras.optimizers.SGD(0.05), ['categorical_crossentropy', 'mse'], "
        "loss_weights=[1.0, 0.5], metrics=[['accuracy'], ['mae']])",
        ("one_hot", "real"),
        "validation_split=0.2",
    ),
    "steps_per_execution": (
        mlp()
        + "; model.compile(keras.optimizers.SGD(0.1), 'categorical_crossentropy', metrics=['accuracy'], "
        "steps_per_execution=2)",
        "one_hot",
        "",
    ),
}


def draw_targets(random, kind, count):
    if kind == "one_hot":
        return random.one_hot((count,), CLASSES)
    if kind == "label":
        return random.labels((count,), CLASSES)
    if kind == "binary":
        return random.labels((count, 1), 2).astype("float64")
    return random.normal((count, 2))


class Watch(keras.callbacks.Callback):
    """Collects the logs of training batches and the margins of every decision along the way."""

    def __init__(self, xs, kinds):
        super().__init__()
        self.xs, self.kinds = xs, kinds
        self.batches, self.margin, self.probe = [], np.inf, None

    def look(self):
        if self.probe is None:
            self.probe = relu_probe(self.model)
        model = self.model
        for x in self.xs:
            self.margin = min(self.margin, self.probe([x]))
            ys = model(x)
            for kind, y in zip(self.kinds, ys if isinstance(ys, list) else [ys]):
                if kind == "binary":
                    self.margin = min(self.margin, np.abs(np.array(y) - 0.5).min())
                elif kind != "real":
                    self.margin = min(self.margin, last_axis_gap(np.array(y)))

    def on_train_batch_begin(self, batch, logs=None):
        self.look()

    def on_train_batch_end(self, batch, logs=None):
        self.batches.append({"batch": batch, **logs})

    def on_epoch_end(self, epoch, logs=None):
        self.look()

    def on_train_end(self, logs=None):
        self.look()


def fit_case(name, code, kinds, options):
    kinds = (kinds,) if isinstance(kinds, str) else kinds
    single = len(kinds) == 1
    batch = "" if "batch_size" in options else "batch_size=4"
    arguments = ", ".join(filter(None, ["x", "y" if single else "[y0, y1]", batch, "epochs=3", "shuffle=False", options]))
    for random in attempts(name):
        model = run_code(code)["model"]
        randomize(model, random)
        data = {"x": random.normal((SAMPLES, FEATURES))}
        ys = [draw_targets(random, kind, SAMPLES) for kind in kinds]
        data |= {"y": ys[0]} if single else {f"y{i}": y for i, y in enumerate(ys)}
        if "x_val" in options:
            data |= {"x_val": random.normal((5, FEATURES)), "y_val": draw_targets(random, kinds[0], 5)}
        if "sample_weight=" in options:
            data["sample_weight"] = random.weights((SAMPLES,))
        case = {"python": f"{code}; history = model.fit({arguments})", **data, **numpy_weights(model, "w")}
        watch = Watch([data["x"]] + [data[k] for k in data if k == "x_val"], kinds)
        history = eval(
            f"model.fit({arguments}, verbose=0, callbacks=[watch])", {"model": model, "watch": watch, **data}
        )
        if watch.margin > MARGIN:
            break
    case |= numpy_weights(model, "f")
    case["epoch"] = np.array(history.epoch)
    for key, values in history.history.items():
        case[f"history/{key}"] = np.array([float(v) for v in values])
    for key in watch.batches[0]:
        dtype = "int64" if key == "batch" else "float64"
        case[f"batch/{key}"] = np.array([log[key] for log in watch.batches], dtype)
    weights = {"sample_weight": data["sample_weight"]} if "sample_weight" in data else {}
    scores = model.evaluate(data["x"], ys[0] if single else ys, batch_size=4, verbose=0, return_dict=True, **weights)
    for key, value in scores.items():
        case[f"evaluate/{key}"] = float(value)
    predicted = model.predict(data["x"], batch_size=4, verbose=0)
    for i, y in enumerate([predicted] if single else predicted):
        case["predict" if single else f"predict{i}"] = np.array(y)
    return case


def write(out):
    cases = {name: fit_case(name, *rest) for name, rest in FITS.items()}
    write_cases(out / "fit.json", cases)
