#!/bin/sh
# Writes the golden numbers beside this script anew: those of the pinned Keras in requirements.txt, and of what it lacks, those of
# the nightly build in requirements-nightly.txt.
# Usage: tests/golden/generate.sh [output directory]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
out=${1:-$here}

export PYTHONDONTWRITEBYTECODE=1
# A home of its own, so that no keras.json of the user changes the numbers.
export KERAS_HOME="$root/target/golden-home"

# generate <virtual environment> <its requirements> [argument of generate.py ...]
generate() {
    venv=$1
    requirements=$2
    shift 2
    if [ ! -x "$venv/bin/python" ]; then
        "${PYTHON:-python3}" -m venv "$venv"
    fi
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r "$here/$requirements"
    "$venv/bin/python" "$here/generate.py" "$@"
}

generate "$root/target/golden-venv" requirements.txt "$out"
generate "$root/target/golden-nightly-venv" requirements-nightly.txt "$out" ternary
