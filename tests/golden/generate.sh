#!/bin/sh
# Writes the golden numbers beside this script anew, from the pinned Keras in requirements.txt.
# Usage: tests/golden/generate.sh [output directory]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
venv="$root/target/golden-venv"
out=${1:-$here}

if [ ! -x "$venv/bin/python" ]; then
    "${PYTHON:-python3}" -m venv "$venv"
fi
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r "$here/requirements.txt"

export PYTHONDONTWRITEBYTECODE=1
# A home of its own, so that no keras.json of the user changes the numbers.
export KERAS_HOME="$root/target/golden-home"
exec "$venv/bin/python" "$here/generate.py" "$out"
