#!/usr/bin/env bash
# Records one running server with perf and writes a flame graph for each of its cores.
#
#   perf/flamegraph.sh [--pid PID] [--seconds N] [--frequency HZ] [--threads PATTERN] [--out FOLDER]
#
# Without --pid the one running `gyre server` is taken. --threads is an extended regular expression
# on thread names; the cores' threads are called core-0, core-1 and so on. The graphs are
# perf/out/<thread>.svg; the recording stays beside them as perf.data for `perf report`.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
pid=
seconds=10
frequency=999
threads='^core-[0-9]+$'
out="$here/out"

fail() { printf 'flamegraph: %s\n' "$*" >&2; exit 1; }

while [ $# -gt 0 ]; do
    [ $# -ge 2 ] || fail "$1 needs a value, or is unknown: see the head of this file"
    case "$1" in
        --pid) pid=$2 ;;
        --seconds) seconds=$2 ;;
        --frequency) frequency=$2 ;;
        --threads) threads=$2 ;;
        --out) out=$2 ;;
        *) fail "$1 is unknown: see the head of this file" ;;
    esac
    shift 2
done

find_server() {
    local found
    found=$(pgrep -x gyre || true)
    [ -n "$found" ] || fail "no gyre is running: start one with 'make run', or give --pid"
    [ "$(wc -l <<<"$found")" -eq 1 ] || fail "several are running: give one by --pid:" $found
    printf '%s\n' "$found"
}

# Prints "tid name" of each thread of the process whose name matches.
list_threads() {
    local task name
    for task in "/proc/$pid/task/"*; do
        name=$(cat "$task/comm" 2>/dev/null) || continue
        [[ $name =~ $threads ]] && printf '%s %s\n' "${task##*/}" "$name"
    done
    return 0
}

[ -n "$pid" ] || pid=$(find_server)
[ -d "/proc/$pid" ] || fail "there is no process $pid"
list=$(list_threads)
[ -n "$list" ] || fail "process $pid has no thread whose name matches $threads"
command -v perf >/dev/null && command -v python3 >/dev/null || "$here/../.ci/setup" perf

mkdir -p "$out"
tids=$(cut -d ' ' -f 1 <<<"$list" | paste -sd ,)
# Frame pointers are cheap to walk, and Swift keeps them; a machine without a cycle counter, as many
# virtual ones are, samples by the clock instead.
event=cycles
perf stat -e cycles true >/dev/null 2>"$out/probe.txt" || event=cpu-clock
grep -q 'not supported' "$out/probe.txt" && event=cpu-clock
rm -f "$out/probe.txt"
printf 'flamegraph: recording %s s of threads %s by %s\n' "$seconds" "$tids" "$event" >&2
perf record --quiet --event "$event" --freq "$frequency" --call-graph fp --tid "$tids" \
    --output "$out/perf.data" -- sleep "$seconds" \
    || fail "perf could not record: as root, or after 'sudo sysctl -w kernel.perf_event_paranoid=1'"

while read -r tid name; do
    svg="$out/$name.svg"
    if perf script --input "$out/perf.data" --tid "$tid" --fields comm,tid,ip,sym,dso 2>/dev/null \
        | python3 "$here/flamegraph.py" --title "$name, $seconds s, $event" >"$svg"
    then
        printf '%s\n' "$svg"
    else
        rm -f "$svg"
    fi
done <<<"$list"
