"""PyTorch and JAX on a GPU: steps of the networks of benches/device.rs, and PyTorch's products and copies, which are cuBLAS's and the
driver's, data on the device, as rows of Markdown.

    with_cuda.py torch|jax [--cpu]

--cpu is for trying this program where there is no GPU.
"""

import statistics
import sys
import time

import numpy

NETWORKS = {"784-64-10": ([784, 64, 10], 32), "784-512-512-10": ([784, 512, 512, 10], 128)}
CPU = "--cpu" in sys.argv
STEPS, ROUNDS = (64, 3) if CPU else (640, 5)


def data(batch):
    random = numpy.random.default_rng(1)
    return random.random((batch, 784), dtype="float32"), random.integers(0, 10, batch)


def report(engine, name, batch, step, wait):
    for _ in range(3):
        step()
    wait()
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        for _ in range(STEPS):
            step()
        wait()
        times.append((time.perf_counter() - start) / STEPS * 1e6)
    print(f"| {engine} | {name} | {batch} | {statistics.median(times):.2f} | {min(times):.2f} to {max(times):.2f} |")


def with_torch():
    import torch
    from torch import nn

    device = "cpu" if CPU else "cuda"
    wait = (lambda: None) if CPU else torch.cuda.synchronize
    for name, (widths, batch) in NETWORKS.items():
        layers = [part for a, b in zip(widths, widths[1:]) for part in (nn.Linear(a, b), nn.ReLU())][:-1]
        x, y = (torch.from_numpy(part).to(device) for part in data(batch))
        for mode in ("eager", "the step a CUDA graph", "compiled, the step a CUDA graph"):
            model = nn.Sequential(*layers).to(device)
            optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9, fused=not CPU)
            # The whole step is captured below, so that the model alone is what there is to compile.
            forward = torch.compile(model) if mode.startswith("compiled") else model

            def step():
                optimizer.zero_grad(set_to_none=True)
                nn.functional.cross_entropy(forward(x), y).backward()
                optimizer.step()

            try:
                once = step
                if mode != "eager" and not CPU:
                    # Steps on a stream beside come first: they make what the optimizer keeps.
                    beside = torch.cuda.Stream()
                    beside.wait_stream(torch.cuda.current_stream())
                    with torch.cuda.stream(beside):
                        for _ in range(3):
                            step()
                    torch.cuda.current_stream().wait_stream(beside)
                    optimizer.zero_grad(set_to_none=True)
                    graph = torch.cuda.CUDAGraph()
                    with torch.cuda.graph(graph):
                        step()
                    once = graph.replay
                report(f"PyTorch {torch.__version__}, {mode}", name, batch, once, wait)
            except Exception as error:  # The other rows are wanted all the same.
                print(f"| PyTorch {torch.__version__}, {mode} | {name} | {batch} | failed: {str(error).splitlines()[0]} | |")
    for n in (64,) if CPU else (1024, 4096):
        for math, kind in (("float32", torch.float32), ("TF32", torch.float32), ("bfloat16", torch.bfloat16), ("float16", torch.float16)):
            torch.backends.cuda.matmul.allow_tf32 = math == "TF32"
            a, b = (torch.rand(n, n, device=device, dtype=kind) for _ in range(2))
            c = torch.empty(n, n, device=device, dtype=kind)
            report(f"PyTorch {torch.__version__}", f"product of {n}³, {math}", n, lambda: torch.matmul(a, b, out=c), wait)
    # What the memory gives: a copy, by the bytes that it reads and writes.
    a = torch.rand(1 << (16 if CPU else 26), device=device)
    b = torch.empty_like(a)
    report(f"PyTorch {torch.__version__}", f"copy of {a.numel()} floats", 1, lambda: b.copy_(a), wait)


def with_jax():
    import jax
    import jax.numpy as jnp

    rows = [(name, math) for name in NETWORKS for math in ("highest", "tensorfloat32")]
    for name, math in rows:
        widths, batch = NETWORKS[name]
        # In f32 as it is; on a GPU the default is TF32.
        jax.config.update("jax_default_matmul_precision", math)
        random = numpy.random.default_rng(2)
        weights = [
            (jnp.asarray(random.normal(0, 0.05, (a, b)), "float32"), jnp.zeros(b)) for a, b in zip(widths, widths[1:])
        ]
        x, y = (jnp.asarray(part) for part in data(batch))

        def loss(weights):
            h = x
            for i, (w, b) in enumerate(weights):
                h = h @ w + b
                h = jnp.maximum(h, 0) if i + 1 < len(weights) else h
            return -jnp.take_along_axis(jax.nn.log_softmax(h), y[:, None], 1).mean()

        def update(state, _):
            weights, velocities = state
            gradients = jax.grad(loss)(weights)
            velocities = jax.tree.map(lambda v, g: 0.9 * v - 0.01 * g, velocities, gradients)
            return (jax.tree.map(jnp.add, weights, velocities), velocities), None

        # As many steps in one call as an execution has.
        many = jax.jit(lambda state: jax.lax.scan(update, state, None, length=64)[0], donate_argnums=0)
        state = [(weights, jax.tree.map(jnp.zeros_like, weights))]
        calls = {"i": 0}

        def step():
            if calls["i"] % 64 == 0:
                state[0] = many(state[0])
            calls["i"] += 1

        report(f"JAX {jax.__version__}, 64 steps a call, {math}", name, batch, step, lambda: jax.block_until_ready(state[0]))


print("| engine | network | batch | µs a step | least to most |")
print("|---|---|---|---|---|")
{"torch": with_torch, "jax": with_jax}[sys.argv[1]]()
