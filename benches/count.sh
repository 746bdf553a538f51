#!/usr/bin/env bash
# Instructions of one warm call, counted by valgrind, and the line that each has to stay under. Noise can't move a count,
# so CI holds the line (`.ci/run`). Who makes calls dearer moves a line, and says why; who makes them cheaper moves it too.
set -euo pipefail
cd "$(dirname "$0")"

# What was counted on 2026-11-30, and a tenth more for another libc or version of a dependency.
declare -A line=([typed]=2290 [json]=4300 [vault-typed]=3160 [vault-json]=5160 [state-typed]=2520)
calls=1000 # as in counts/src/main.rs

command -v valgrind >/dev/null || { echo "valgrind is missing: apt-get install valgrind" >&2; exit 2; }
cargo build --release --locked --quiet -p keystroke-counts
out=$(mktemp)
trap 'rm -f "$out"' EXIT
failed=0
for which in typed json vault-typed vault-json state-typed; do
    valgrind --tool=callgrind --collect-atstart=no --toggle-collect='keystroke_counts::counted*' \
        --callgrind-out-file="$out" target/release/keystroke-counts "$which" >/dev/null 2>&1
    total=$(sed -n 's/^\(summary\|totals\): \([0-9]*\).*/\2/p' "$out" | head -n 1)
    count=$((${total:-0} / calls))
    printf '%-12s %6d instructions per call, of at most %d\n' "$which" "$count" "${line[$which]}"
    if ((count < 100)); then
        echo "nothing was counted" >&2
        failed=1
    elif ((count > line[$which])); then
        echo "$which costs more than its line" >&2
        failed=1
    fi
done
exit "$failed"
