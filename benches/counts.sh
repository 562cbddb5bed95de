#!/usr/bin/env bash
# Counts instructions of benches/counts under callgrind, and fails if a case takes over 3 % more than the baseline of this
# rustc in benches/counts/. `--update` writes the baseline.
#
# Counts do not depend on how busy or fast the machine is: callgrind shows every program the same processor (with AVX2
# where there is one, never AVX-512), and the environment is emptied.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"
most=3 # percent

skip() { echo "counts.sh: skipped, as $*"; exit 0; }

[ "$(uname -sm)" = "Linux x86_64" ] || skip "callgrind is only known to work here on Linux, x86_64"
if ! command -v valgrind > /dev/null; then
    [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null || skip "valgrind is not installed"
    { apt-get update && apt-get install --yes --no-install-recommends valgrind; } > /dev/null 2>&1 ||
        skip "valgrind could not be installed"
fi

# Cargo tells where it puts the program.
program=$(cargo bench --quiet --bench counts --no-run --message-format json-render-diagnostics |
    grep -o '"executable":"[^"]*/counts-[^"]*"' | tail -n 1 | cut -d'"' -f4)
release=$(rustc -vV | sed -n 's/^release: //p')
baseline=benches/counts/$release.txt
work=${CARGO_TARGET_DIR:-target}/counts
mkdir -p "$work"

count() { # case: its instructions
    env -i KERAS_THREADS=1 valgrind --tool=callgrind --collect-atstart=no --toggle-collect='*counts*measured*' \
        --callgrind-out-file="$work/callgrind.out" "$program" "$1" 2> "$work/stderr" || { cat "$work/stderr" >&2; exit 1; }
    sed -n 's/^\(summary\|totals\): \([0-9]*\)$/\2/p' "$work/callgrind.out" | tail -n 1
}

cases=$(env -i valgrind --quiet --tool=none "$program" --list)
for case in $cases; do
    counted=$(count "$case")
    echo "$case $counted"
done > "$work/now"

if [ "${1:-}" = --update ]; then
    {
        echo "# Instructions, by benches/counts.sh --update with rustc $release."
        cat "$work/now"
    } > "$baseline"
    cat "$baseline"
elif [ ! -e "$baseline" ]; then
    cat "$work/now"
    echo "counts.sh: passed, as there is no baseline for rustc $release; benches/counts.sh --update writes one"
else
    awk -v most=$most '
        NR == FNR { if ($1 != "#") before[$1] = $2; next }
        !($1 in before) { printf "%-50s %12d  not in the baseline\n", $1, $2; next }
        {
            change = 100 * ($2 / before[$1] - 1)
            verdict = change > most ? "  MORE" : change < -most ? "  less: to be kept by --update" : ""
            printf "%-50s %12d %+7.2f %%%s\n", $1, $2, change, verdict
            if (change > most) worse++
        }
        END {
            if (worse) printf "counts.sh: %d cases take over %d %% more instructions than the baseline\n", worse, most
            exit worse > 0
        }' "$baseline" "$work/now"
fi
