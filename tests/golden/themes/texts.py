"""The texts that Keras prints: summaries, progress lines under a scripted clock, and the order of callback hooks."""

import contextlib
import io
import json
import os

import keras
import numpy as np
from keras.src.utils import progbar

from .common import Random, randomize, run_code

# The default line length of a summary is capped by the terminal's width.
COLUMNS = "200"

MLP = "keras.layers.Dense(64, activation='relu'), keras.layers.Dense(10, activation='softmax')], name='mlp')"
BUILT_MLP = f"model = keras.Sequential([keras.Input((784,)), {MLP}"
MIXED = (
    "model = keras.Sequential([keras.Input((4, 6)), keras.layers.Flatten(), "
    "keras.layers.Dense(1200, activation='relu', trainable=False), keras.layers.Dropout(0.5), "
    "keras.layers.Reshape((30, 40)), keras.layers.Activation('tanh'), "
    "keras.layers.Dense(3, use_bias=False, name='a_layer_with_quite_a_long_name_of_its_own')], name='mixed')"
)
TWO_TOWERS = (
    "a = keras.Input((64,), name='a'); b = keras.Input((64,), name='b'); "
    "shared = keras.layers.Dense(32, activation='relu', name='shared'); p = shared(a); q = shared(b); "
    "s = keras.layers.Add()([p, q]); c = keras.layers.Concatenate()([p, s]); "
    "model = keras.Model([a, b], [keras.layers.Dense(3, activation='softmax', name='first')(c), "
    "keras.layers.Dense(1, name='second')(s)], name='two_towers')"
)
CHAIN = (
    "x = keras.Input((8,)); h = keras.layers.Dense(4, activation='relu')(x); "
    "model = keras.Model(x, keras.layers.Dense(2)(h), name='chain')"
)
NESTED = (
    "inner = keras.Sequential([keras.Input((8,)), keras.layers.Dense(4), keras.layers.Dense(4)], name='inner'); "
    "model = keras.Sequential([keras.Input((8,)), inner, keras.layers.Dense(2)], name='outer')"
)
TRAINED = (
    BUILT_MLP.replace("'mlp'", "'trained'")
    + "; model.compile('adam', 'categorical_crossentropy'); model.optimizer.build(model.trainable_variables)"
)
SUMMARIES = {
    "mlp": (BUILT_MLP, ["", "line_length=88", "line_length=70", "show_trainable=True"]),
    "unbuilt": (f"model = keras.Sequential([{MLP.replace(chr(39) + 'mlp', chr(39) + 'unbuilt')}", [""]),
    "mixed": (MIXED, ["", "line_length=88", "show_trainable=True"]),
    "two_towers": (TWO_TOWERS, ["", "line_length=88", "line_length=120", "show_trainable=True"]),
    "chain": (CHAIN, [""]),
    "nested": (NESTED, ["", "expand_nested=True"]),
    "trained": (TRAINED, [""]),
}


def write_summaries(out):
    # The sizes in bytes are those of an ordinary f32 model.
    keras.config.set_floatx("float32")
    keras.config.set_dtype_policy("float32")
    columns = os.environ.get("COLUMNS")
    os.environ["COLUMNS"] = COLUMNS
    try:
        for name, (code, variants) in SUMMARIES.items():
            for arguments in variants:
                texts = []
                run_code(code)["model"].summary(print_fn=texts.append, **eval(f"dict({arguments})"))
                assert len(texts) == 1
                suffix = "_" + arguments.replace("line_length=", "").replace("=True", "") if arguments else ""
                (out / f"summary_{name}{suffix}.txt").write_text(texts[0], encoding="utf-8")
    finally:
        keras.config.set_floatx("float64")
        keras.config.set_dtype_policy("float64")
        os.environ.pop("COLUMNS")
        if columns is not None:
            os.environ["COLUMNS"] = columns


class Clock:
    """Stands in for the module `time` in Keras's progress bar: `tick` seconds pass at each reading."""

    def __init__(self, tick=0.0):
        self.now, self.tick = 1000.0, tick

    def time(self):
        self.now += self.tick
        return self.now


@contextlib.contextmanager
def clocked(clock):
    original, progbar.time = progbar.time, clock
    captured = io.StringIO()
    try:
        with contextlib.redirect_stdout(captured):
            yield captured
    finally:
        progbar.time = original


def quoted(text):
    return json.dumps(text, ensure_ascii=False)


FIT = (
    "model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(4, activation='relu'), "
    "keras.layers.Dense(3, activation='softmax')]); "
    "model.compile(keras.optimizers.SGD(0.1), 'categorical_crossentropy', metrics=['accuracy'])"
)


def fit_model():
    random = Random("texts")
    model = run_code(FIT)["model"]
    randomize(model, random)
    x, y = random.normal((10, 6)), random.one_hot((10,), 3)
    model.evaluate(x, y, verbose=0)
    return {"model": model, "x": x, "y": y}


# (seconds since the start, step, finalize); a redraw within 0.05 s of the last one is skipped.
TIMELINES = {
    "steps of 2 ms": (12, [(0.002 * i, i, False) for i in range(1, 13)] + [(0.025, 12, True)]),
    "steps of 60 ms": (5, [(0.06 * i, i, False) for i in range(1, 6)] + [(0.31, 5, True)]),
    "slow first step": (4, [(2.0, 1, False), (2.1, 2, False), (2.2, 3, False), (2.3, 4, False), (2.4, 4, True)]),
    "steps of 7 s": (1875, [(7.0 * i, i, False) for i in (1, 2, 3, 600, 1400, 1870, 1874, 1875)] + [(13125.5, 1875, True)]),
    "steps of 80 us": (1000, [(8e-5 * i, i, False) for i in (1, 500, 999, 1000)] + [(0.0801, 1000, True)]),
    "one step": (1, [(0.4, 1, False), (0.45, 1, True)]),
    "steps of 1 s": (3, [(1.0, 1, False), (2.0, 2, False), (3.0, 3, False), (3.0, 3, True)]),
    "negative values": (2, [(0.1, 1, False), (0.2, 2, False), (0.2, 2, True)]),
    "unknown target": (None, [(0.1, 1, False), (0.2, 2, False), (0.3, 3, False)]),
}
# Values on both sides of the switch from %.4f to %.4e, and negative ones.
VALUES = [
    [("accuracy", 0.5), ("loss", 2.302585093)],
    [("accuracy", 0.001), ("loss", 0.00099)],
    [("accuracy", 0.0), ("loss", -1.25)],
    [("accuracy", 1.0), ("loss", 1234.56789)],
]


def progress_lines():
    lines = [
        "# What keras.utils.Progbar writes, as JSON strings. Under `timeline` each line is",
        "# `seconds since the start, step, finalize, the (name, value) pairs, text written`.",
    ]
    for verbose in [1, 2]:
        for name, (target, updates) in TIMELINES.items():
            lines.append(f"timeline {name!r}, target {target}, verbose {verbose}")
            clock = Clock()
            with clocked(clock) as captured:
                bar = progbar.Progbar(target, verbose=verbose, stateless_metrics=set())
                for i, (seconds, step, finalize) in enumerate(updates):
                    clock.now = 1000.0 + seconds
                    values = VALUES[i % len(VALUES)] + ([("val_loss", 0.75)] if finalize else [])
                    captured.seek(0)
                    captured.truncate()
                    bar.update(step, values, finalize=finalize)
                    shown = json.dumps([[k, v] for k, v in values])
                    lines.append(f"  {seconds:g}, {step}, {str(finalize).lower()}, {shown}, {quoted(captured.getvalue())}")
    calls = {
        "model.fit(x, y, batch_size=4, epochs=2, shuffle=False, validation_split=0.2, verbose=1)": 0.02,
        "model.fit(x, y, batch_size=4, epochs=2, shuffle=False, validation_split=0.2, verbose=2)": 0.02,
        "model.fit(x, y, batch_size=4, epochs=1, shuffle=False, verbose=1)": 0.1,
        "model.fit(x, y, batch_size=4, epochs=1, shuffle=False, verbose=2)": 0.1,
        "model.evaluate(x, y, batch_size=4, verbose=1)": 0.1,
        "model.evaluate(x, y, batch_size=4, verbose=2)": 0.1,
        "model.predict(x, batch_size=4, verbose=1)": 0.1,
        "model.predict(x, batch_size=4, verbose=2)": 0.1,
    }
    for call, tick in calls.items():
        scope = fit_model()
        with clocked(Clock(tick)) as captured:
            eval(call, scope)
        lines += [f"call {call}, {tick} s pass at each reading of the clock", f"  {quoted(captured.getvalue())}"]
    return lines


class Hooks(keras.callbacks.Callback):
    """Writes down each hook with the keys of its logs."""

    def __init__(self, lines):
        super().__init__()
        self.lines = lines


def hook(name):
    def called(self, *arguments, **named):
        arguments = [*arguments, *named.values()]
        numbers = [str(int(a)) for a in arguments if isinstance(a, (int, np.integer))]
        logs = next((a for a in arguments if isinstance(a, dict)), None)
        keys = "none" if logs is None else "[" + ", ".join(logs) + "]"
        self.lines.append(f"  {name}({', '.join(numbers)}) {keys}")

    return called


for scope in ["train", "test", "predict"]:
    for moment in ["begin", "end"]:
        for name in [f"on_{scope}_{moment}", f"on_{scope}_batch_{moment}", f"on_epoch_{moment}"]:
            setattr(Hooks, name, hook(name))


def hook_lines():
    lines = ["# The hooks of a callback in the order of their calls: name(epoch or batch) [keys of the logs]."]
    calls = [
        "model.fit(x, y, batch_size=4, epochs=2, shuffle=False, validation_split=0.2, verbose=0, callbacks=[hooks])",
        "model.fit(x, y, batch_size=4, epochs=1, shuffle=False, verbose=0, callbacks=[hooks])",
        "model.evaluate(x, y, batch_size=4, verbose=0, callbacks=[hooks])",
        "model.predict(x, batch_size=4, verbose=0, callbacks=[hooks])",
    ]
    for call in calls:
        lines.append(call)
        eval(call, {**fit_model(), "hooks": Hooks(lines)})
    return lines


def write(out):
    write_summaries(out)
    (out / "progress.txt").write_text("\n".join(progress_lines()) + "\n", encoding="utf-8")
    (out / "hooks.txt").write_text("\n".join(hook_lines()) + "\n", encoding="utf-8")
