"""Times one library: `bench.py <engine> --threads <n> --seconds <s>`. Prints a line of JSON for each work."""

import argparse
import importlib
import os
import warnings

parser = argparse.ArgumentParser()
parser.add_argument("engine", choices=["numpy", "pytorch", "jax", "keras-jax", "keras-tensorflow", "onnxruntime"])
parser.add_argument("--threads", type=int, default=1)
parser.add_argument("--seconds", type=float, default=0.4)
arguments = parser.parse_args()

warnings.filterwarnings("ignore")
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""
os.environ["JAX_PLATFORMS"] = "cpu"
if arguments.threads == 1:
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"

from clock import Clock  # noqa: E402

family, _, backend = arguments.engine.partition("-")
if backend:
    os.environ["KERAS_BACKEND"] = backend
importlib.import_module(f"with_{family}").run(Clock(arguments.engine, arguments.threads, arguments.seconds))
