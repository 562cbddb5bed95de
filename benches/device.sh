#!/usr/bin/env bash
# Builds, checks, sanitizes and times all that runs on a GPU, in one go, and writes docs/benchmarks-cuda.md.
#
#   benches/device.sh          all of it
#   benches/device.sh build    the programs alone, stripped, to target/device: no GPU is needed
#   benches/device.sh run      what was built, on a machine that needs a GPU with its driver, NVRTC, and no Rust
#
# compute-sanitizer is run if it is found. Where PyTorch or JAX with CUDA are found (PYTHON, python3 unless that is set), they are
# timed beside. NVRTC is looked for in the path of libraries, and in target/cuda-venv, which keras-kernels/cuda/compile.sh makes.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
work=$root/target/device
python=${PYTHON:-python3}

# The program that cargo has built for a target of this name.
built() {
    cargo "$@" --features cuda --message-format json 2> /dev/null |
        sed -n 's/.*"executable":"\([^"]*\)".*/\1/p' | tail -n 1
}

build() {
    mkdir -p "$work"
    cd "$root"
    cargo test --features cuda --test device --no-run
    cargo bench --features cuda --bench device --no-run
    cp "$(built test --test device --no-run)" "$work/checks"
    cp "$(built bench --bench device --no-run)" "$work/times"
    strip "$work/checks" "$work/times"
    for library in "$root"/target/cuda-venv/lib/python3*/site-packages/nvidia/cu13/lib/libnvrtc*.so*; do
        if [ -e "$library" ]; then cp "$library" "$work"; fi
    done
}

run() {
    [ -x "$work/checks" ] || { echo "device.sh: nothing has been built; run it with build first" >&2; exit 2; }
    if ! nvidia-smi > "$work/gpu.txt" 2>&1; then
        echo "device.sh: there is no GPU here that nvidia-smi knows of; docs/benchmarks-cuda.md stays as it is" >&2
        exit 3
    fi
    export LD_LIBRARY_PATH=$work${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH} CARGO_MANIFEST_DIR=$root KERAS_HOME=$work/home
    page=$work/benchmarks-cuda.md
    gpu=$(nvidia-smi --query-gpu=name,driver_version,clocks.max.sm --format=csv,noheader | head -n 1)

    echo "checks"
    "$work/checks" gpu --nocapture | tee "$work/checks.txt"
    if grep -q skipped "$work/checks.txt"; then exit 3; fi

    sanitized="compute-sanitizer was not found."
    if command -v compute-sanitizer > /dev/null; then
        for tool in memcheck racecheck initcheck; do
            echo "$tool"
            compute-sanitizer --tool "$tool" --error-exitcode 9 "$work/checks" gpu::a_gpu > "$work/$tool.txt" 2>&1 ||
                { tail -n 40 "$work/$tool.txt" >&2; echo "device.sh: $tool found something, see $work/$tool.txt" >&2; exit 9; }
        done
        sanitized="memcheck, racecheck and initcheck of compute-sanitizer found nothing in the models of the tests."
    fi

    {
        echo "# On a GPU"
        echo
        echo "By \`benches/device.sh\` on $gpu. Steps are those within \`fit\`, $(date -u +%Y-%m-%d), 64 of them an execution, with data that lie on"
        echo "the device: the time of 41 epochs less that of one, by their steps. The last column is the largest relative distance of"
        echo "a loss from that on the processor. Products are of matrices of f32 in the device's memory, 32 of them at a time."
        echo
        "$work/times" --bench
        echo
        echo "$sanitized"
        if "$python" -c 'import torch; assert torch.cuda.is_available()' 2> /dev/null; then
            echo
            "$python" "$root/benches/peers/python/with_cuda.py" torch
        fi
        if "$python" -c 'import jax; assert jax.devices()[0].platform == "gpu"' 2> /dev/null; then
            echo
            "$python" "$root/benches/peers/python/with_cuda.py" jax
        fi
    } | tee "$page"
    cp "$page" "$root/docs/benchmarks-cuda.md"
}

case ${1:-all} in
    build) build ;;
    run) run ;;
    all) build; run ;;
    *) echo "device.sh: what is $1?" >&2; exit 2 ;;
esac
