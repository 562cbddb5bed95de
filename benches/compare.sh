#!/usr/bin/env bash
# Times keras beside other libraries on the same work, in turn, and writes docs/benchmarks.md and docs/benchmarks.svg.
#
#   benches/compare.sh [--quick] [--rounds n] [--seconds s] [--only engine,engine] [--no-fit] [--no-python]
#
# Builds benches/peers and makes a Python environment (python3 from 3.11) under target/ first, which takes a while.
# --quick is for trying: one short round, and the page goes to target/bench, where lines.json has all that was measured.
# The data of `fit` are looked for in $KERAS_TEST_DATA/mnist. Nothing else should run meanwhile: libraries whose threads
# wait by spinning (PyTorch) become a hundred times slower when they have to share their cores.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
work=$root/target/bench
export CARGO_TARGET_DIR=$work/cargo
mkdir -p "$work"

out=$root/docs
command="benches/compare.sh${*:+ $*}"
options=()
python=1
while [ $# -gt 0 ]; do
    case $1 in
        --quick) options+=(--rounds 1 --seconds 0.1); out=$work ;;
        --no-python) python= ;;
        --no-fit) options+=(--no-fit) ;;
        --rounds | --seconds | --only) options+=("$1" "$2"); shift ;;
        *) echo "compare.sh: what is $1?" >&2; exit 2 ;;
    esac
    shift
done

cargo build --quiet --release --locked --manifest-path "$root/benches/peers/Cargo.toml"

# Made once, and again when the requirements change.
if [ -n "$python" ]; then
    requirements=$root/benches/peers/python/requirements.txt
    if ! cmp --quiet "$requirements" "$work/venv/requirements.txt"; then
        python3 -m venv "$work/venv"
        "$work/venv/bin/pip" install --quiet --requirement "$requirements"
        cp "$requirements" "$work/venv/requirements.txt"
    fi
    options+=(--python "$work/venv/bin/python" --scripts "$root/benches/peers/python")
fi

"$CARGO_TARGET_DIR/release/peers" compare "${options[@]}" --out "$out" --lines "$work/lines.json" --command "$command"
echo "$out/benchmarks.md"
