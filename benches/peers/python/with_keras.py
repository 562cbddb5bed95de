"""Keras itself, on JAX or on TensorFlow: `train_on_batch` with tensors, a compiled call for a prediction, and `fit`."""

import time

import keras
import numpy as np

import works


def chain(widths, head):
    layers = [keras.layers.Dense(n, activation="relu") for n in widths[1:-1]]
    return keras.Sequential([keras.Input((widths[0],)), *layers, keras.layers.Dense(widths[-1], activation=head)])


def cnn():
    layers = keras.layers
    first = [layers.Conv2D(32, 3, activation="relu"), layers.MaxPooling2D()]
    second = [layers.Conv2D(64, 3, activation="relu"), layers.MaxPooling2D()]
    head = [layers.Flatten(), layers.Dense(10, activation="softmax")]
    return keras.Sequential([keras.Input((28, 28, 1)), *first, *second, *head])


def lstm():
    layers = keras.layers
    return keras.Sequential([keras.Input((28, 28)), layers.LSTM(128), layers.Dense(10, activation="softmax")])


def encoder():
    layers = keras.layers
    x = inputs = keras.Input((28, 28))
    x = layers.Dense(64)(x)
    x = layers.LayerNormalization()(x + layers.MultiHeadAttention(4, 16)(x, x))
    x = layers.LayerNormalization()(x + layers.Dense(64)(layers.Dense(128, activation="relu")(x)))
    x = layers.GlobalAveragePooling1D()(x)
    return keras.Model(inputs, layers.Dense(10, activation="softmax")(x))


def step(clock, name, model, x, optimizer):
    if optimizer == "sgd":
        optimizer = keras.optimizers.SGD(works.SGD, momentum=0.9, nesterov=True)
    else:
        optimizer = keras.optimizers.Adam(works.ADAM)
    model.compile(loss="categorical_crossentropy", optimizer=optimizer)
    convert = keras.ops.convert_to_tensor
    x, y = convert(x), convert(works.one_hot(works.classes(len(x))))
    clock.show(name, lambda: model.train_on_batch(x, y))


def compiled(model):
    if keras.config.backend() == "tensorflow":
        import tensorflow as tf

        call = tf.function(lambda x: model(x, training=False))
        return lambda x: call(x).numpy()
    import jax

    weights = ([v.value for v in model.trainable_variables], [v.value for v in model.non_trainable_variables])
    call = jax.jit(lambda weights, x: model.stateless_call(*weights, x, training=False)[0])
    return lambda x: np.asarray(call(weights, x))


def fit(clock, train, test):
    keras.utils.set_random_seed(1)
    model = chain([784, 64, 10], "softmax")
    optimizer = keras.optimizers.SGD(0.01, momentum=0.9, nesterov=True)
    model.compile(loss="categorical_crossentropy", optimizer=optimizer, metrics=["accuracy"])
    # What the first batch compiles is not counted.
    weights = model.get_weights()
    model.fit(train[0][:64], train[1][:64], epochs=1, batch_size=32, verbose=0)
    model.set_weights(weights)
    for variable in model.optimizer.variables[2:]:
        variable.assign(np.zeros(variable.shape, np.float32))
    start = time.perf_counter()
    model.fit(*train, epochs=5, batch_size=32, verbose=0)
    us = (time.perf_counter() - start) * 1e6
    clock.print(works.FIT, us, accuracy=float(model.evaluate(*test, batch_size=128, verbose=0)[1]))


def run(clock):
    clock.version(keras=keras.__version__, **{keras.config.backend(): backend_version(clock)})
    for name, (widths, n, optimizer) in works.STEPS.items():
        step(clock, name, chain(widths, "softmax"), works.pixels(n), optimizer)
    images = works.pixels(works.BATCH).reshape(-1, 28, 28)
    step(clock, works.CNN, cnn(), images[..., None], "adam")
    step(clock, works.LSTM, lstm(), images, "adam")
    step(clock, works.ENCODER, encoder(), images, "adam")
    if clock.threads == 1:
        convert = keras.ops.convert_to_tensor
        predictions = {
            works.PREDICT: (chain([784, 64, 10], "softmax"), works.pixels(1)),
            works.PREDICT_TINY: (chain([4, 16, 16, 1], None), works.tiny()),
            works.PREDICT_CNN: (cnn(), images[:1, ..., None]),
            works.PREDICT_LSTM: (lstm(), images[:1]),
        }
        for name, (model, x) in predictions.items():
            predict, x = compiled(model), convert(x)
            clock.show(name, lambda: predict(x))
    data = works.mnist()
    if data is not None:
        fit(clock, *data)


def backend_version(clock):
    if keras.config.backend() == "tensorflow":
        import tensorflow as tf

        tf.config.threading.set_intra_op_parallelism_threads(clock.threads)
        tf.config.threading.set_inter_op_parallelism_threads(clock.threads)
        return tf.__version__
    import jax

    return jax.__version__
