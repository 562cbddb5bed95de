#!/usr/bin/env bash
# Builds, checks, times and sanitizes all that runs on a GPU, in one go, and writes docs/benchmarks-cuda.md.
#
#   benches/device.sh              all of it
#   benches/device.sh build        the programs alone, stripped, to target/device: no GPU is needed
#   benches/device.sh run [PART…]  what was built, on a machine that needs a GPU with its driver, NVRTC, and no Rust; all parts
#                                  unless some are named: checks times peers sanitizers
#
# Each part has its time limit, writes its piece of the page when it is done, and leaves the others alone if it fails; what failed
# is on the page, and the script ends with 1. Pages and logs are copied to OUT too, if that is set.
#
# Every check is a process of its own, since a GPU that has failed once fails in this process for ever. Where PyTorch or JAX with
# CUDA are found (PYTHON, python3 unless that is set), they are timed beside; compute-sanitizer is run if it is found. NVRTC is
# looked for in LD_LIBRARY_PATH, then in target/cuda-venv, in the packages of PYTHON, and in CUDA's own folders.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
work=$root/target/device
python=${PYTHON:-python3}
failed=0

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
}

# The folders that may have NVRTC.
libraries() {
    local found=("$root"/target/cuda-venv/lib/python3*/site-packages/nvidia/*/lib /usr/local/cuda/lib64)
    local nvcc packages
    packages=$("$python" -c 'import sysconfig; print(sysconfig.get_paths()["purelib"])' 2> /dev/null) &&
        found+=("$packages"/nvidia/*/lib)
    nvcc=$(command -v nvcc) && found+=("$(dirname "$(dirname "$(readlink -f "$nvcc")")")/lib64")
    for folder in "${found[@]}"; do
        for file in "$folder"/libnvrtc.so*; do
            if [ -e "$file" ]; then printf '%s:' "$folder"; break; fi
        done
    done
}

# Runs one of the programs, with what it needs.
ours() { env LD_LIBRARY_PATH="$LIBRARIES" CARGO_MANIFEST_DIR="$root" KERAS_HOME="$work/home" "$@"; }

# Runs a check by its name, and says how it went; its log is a file of that name.
check() {
    local name=$1 log=$work/logs/${2:-check}-${1//::/-}.txt
    shift 2
    if ours timeout -k 5 120 "$@" "$work/checks" --exact "$name" --nocapture > "$log" 2>&1; then
        if grep -q 'skipped: ' "$log"; then echo "skipped $name"; else echo "passed $name"; fi
    else
        echo "failed $name"
    fi
}
export -f ours check

# The names of the checks that begin like this.
names() { ours "$work/checks" --list 2>> "$work/logs/list.txt" | sed -n "s/^\($1[^ ]*\): test\$/\1/p"; }

# Of lines by `check`: how many are of each kind, and what those that failed said.
summary() {
    local kind=$1 lines=$2 name
    echo "$(grep -c '^passed' "$lines" || true) passed, $(grep -c '^failed' "$lines" || true) failed," \
        "$(grep -c '^skipped' "$lines" || true) skipped."
    grep '^failed' "$lines" | cut -d ' ' -f 2 | while read -r name; do
        printf -- '\n- `%s`: ' "$name"
        { grep -m 1 -A 1 -E 'panicked at|ERROR SUMMARY|Error:' "$work/logs/$kind-${name//::/-}.txt" || echo 'no word, or too long'; } |
            tr '\n' ' ' | cut -c 1-600
    done
    # Where there is a GPU nothing is skipped, and something passes.
    if ! grep -q '^passed' "$lines" || grep -q '^failed\|^skipped' "$lines"; then return 1; fi
}

checks() {
    names 'gpu::' | xargs -P 8 -I NAME bash -c 'check NAME check' > "$work/checked.txt"
    if grep -q '^skipped' "$work/checked.txt"; then
        cat "$work"/logs/check-gpu-* | grep -m 1 -o 'skipped: .*' || true
    fi
    echo "Each launch beside what it means on the host, graphs and one kernel beside launches, data in pieces beside all at once:"
    summary check "$work/checked.txt"
}

times() {
    echo "Steps are those within \`fit\`, 64 of them an execution, of shuffled data that lie on the device unless said: the time of 41 epochs"
    echo "less that of one, by their steps. The last column is the largest relative distance of a loss from that on the processor."
    echo
    ours timeout -k 5 240 "$work/times" --bench | tee "$work/times.txt" || return 1
    if grep -q '| failed: ' "$work/times.txt"; then return 1; fi
}

peers() {
    echo "The same networks in other frameworks, which repeat one batch; and PyTorch's products and sums, which are the libraries' of CUDA."
    if "$python" -c 'import torch; assert torch.cuda.is_available()' 2> /dev/null; then
        echo
        timeout -k 5 150 "$python" -u "$root/benches/peers/python/with_cuda.py" torch || { echo "PyTorch failed."; failed=1; }
    fi
    if "$python" -c 'import jax; assert jax.devices()[0].platform == "gpu"' 2> /dev/null; then
        echo
        timeout -k 5 120 "$python" -u "$root/benches/peers/python/with_cuda.py" jax || { echo "JAX failed."; failed=1; }
    fi
    return "$failed"
}

sanitizers() {
    local tool of
    if ! command -v compute-sanitizer > /dev/null; then
        echo "compute-sanitizer was not found."
        return
    fi
    # Graphs hide no launch from it; one kernel's threads meet by a barrier that racecheck may not know.
    for tool in memcheck racecheck synccheck; do
        of='gpu::a_graph'
        if [ "$tool" = memcheck ]; then of='gpu::\(a_graph\|one_kernel\)'; fi
        names "$of" | xargs -P 4 -I NAME bash -c "check NAME $tool compute-sanitizer --tool $tool --error-exitcode 9" \
            > "$work/$tool.txt"
        echo
        echo "$tool of compute-sanitizer:"
        summary "$tool" "$work/$tool.txt" || failed=1
    done
    return "$failed"
}

# Writes the page of what there is by now, each piece with where and when it was made.
page() {
    {
        echo "# On a GPU"
        echo
        echo "By \`benches/device.sh\`."
        for part in checks times peers sanitizers; do
            if [ -e "$work/pieces/$part.md" ]; then printf '\n## %s\n\n' "${part^}"; cat "$work/pieces/$part.md"; fi
        done
    } > "$work/benchmarks-cuda.md"
    cp "$work/benchmarks-cuda.md" "$root/docs/benchmarks-cuda.md"
    if [ -n "${OUT:-}" ]; then
        cp "$work/benchmarks-cuda.md" "$OUT"
        tar -C "$work" -czf "$OUT/logs.tar.gz" logs
    fi
}

run() {
    [ -x "$work/checks" ] || { echo "device.sh: nothing has been built; run it with build first" >&2; exit 2; }
    if ! nvidia-smi > "$work/gpu.txt" 2>&1; then
        echo "device.sh: there is no GPU here that nvidia-smi knows of; docs/benchmarks-cuda.md stays as it is" >&2
        exit 3
    fi
    LIBRARIES=${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}$(libraries)
    export LIBRARIES root work
    mkdir -p "$work/logs" "$work/pieces"
    local where
    where="$(nvidia-smi --query-gpu=name,driver_version,clocks.max.sm --format=csv,noheader | head -n 1), $(date -u +%Y-%m-%d)"
    local any=0 parts=("$@")
    if [ ${#parts[@]} = 0 ]; then parts=(checks times peers sanitizers); fi
    for part in "${parts[@]}"; do
        case $part in
            checks | times | peers | sanitizers) ;;
            *) echo "device.sh: what is the part $part?" >&2; exit 2 ;;
        esac
        echo "$part"
        rm -f "$work/logs/${part%s}"-*
        # In a process of its own, so that what it sets is gone behind it.
        if ! (printf 'On %s.\n\n' "$where" && "$part") > "$work/pieces/$part.md" 2> "$work/logs/$part.txt"; then any=1; fi
        cat "$work/pieces/$part.md"
        page
    done
    exit "$any"
}

case ${1:-all} in
    build) build ;;
    run) shift; run "$@" ;;
    all) build; run ;;
    *) echo "device.sh: what is $1?" >&2; exit 2 ;;
esac
