"""What is computed, the same for everyone; ../src/works.rs has the same data."""

import gzip
import os

import numpy as np

STEPS = {
    "train_step/mlp_784_64_10_b32": ([784, 64, 10], 32, "sgd"),
    "train_step/mlp_784_64_10_b128": ([784, 64, 10], 128, "sgd"),
    "train_step/mlp_784_512_512_10_b128": ([784, 512, 512, 10], 128, "adam"),
}
# Adam, batches of 64 images of 28 × 28, ten classes.
CNN, LSTM, ENCODER = "train_step/cnn_32_64_b64", "train_step/lstm_128_28x28_b64", "train_step/encoder_64_28x28_b64"
BATCH = 64
PREDICT_CNN, PREDICT_LSTM = "predict_one/cnn_32_64", "predict_one/lstm_128_28x28"
PREDICT = "predict_one/mlp_784_64_10"
PREDICT_TINY = "predict_one/mlp_4_16_16_1"
FIT = "fit/mnist_784_64_10_b32_5_epochs"
PRODUCTS = {n: f"gemm/{n}x{n}x{n}" for n in (256, 512, 1024, 2048)}

# So small that a batch which comes again and again is never learnt by heart: vanishing gradients are subnormal numbers,
# which CPUs are slow at.
SGD = 1e-6
ADAM = 1e-7


def pixels(n):
    i = np.arange(n * 784)
    return (((i // 784 * 31 + i % 784 * 17) % 256) / 255).astype(np.float32).reshape(n, 784)


def classes(n):
    return np.arange(n) % 10


def one_hot(classes):
    return np.eye(10, dtype=np.float32)[classes]


def matrix(n):
    return ((np.arange(n * n) * 7919 % 1009) / 1008 - 0.5).astype(np.float32).reshape(n, n)


def tiny():
    return np.array([[0.1, 0.2, 0.3, 0.4]], dtype=np.float32)


def weights(widths):
    """Kernels and biases, as Keras would begin with them."""
    draw = np.random.default_rng(1)
    limits = [np.sqrt(6 / (k + n)) for k, n in zip(widths, widths[1:])]
    kernels = [draw.uniform(-a, a, (k, n)) for a, k, n in zip(limits, widths, widths[1:])]
    return [(w.astype(np.float32), np.zeros(w.shape[1], np.float32)) for w in kernels]


def uniform(*shape):
    """Weights as Keras would begin with them; the features are the last two dimensions."""
    fans = np.prod(shape[:-2], dtype=int) * (shape[-2] + shape[-1])
    limit = np.sqrt(6 / fans)
    return np.random.default_rng(1).uniform(-limit, limit, shape).astype(np.float32)


def mnist():
    """Training and test images and labels, or None."""
    folder = os.environ.get("KERAS_TEST_DATA")
    if folder is None:
        return None

    def read(name, header):
        with gzip.open(os.path.join(folder, "mnist", name)) as file:
            return np.frombuffer(file.read(), np.uint8, offset=header)

    def half(name):
        images = read(f"{name}-images-idx3-ubyte.gz", 16).reshape(-1, 784).astype(np.float32) / 255
        return images, one_hot(read(f"{name}-labels-idx1-ubyte.gz", 8))

    return half("train"), half("t10k")
