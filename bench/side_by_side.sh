#!/bin/sh
# Runs the scanner and Hyperscan on the same file, one thread each, in turns, and prints medians and the ratio.
#
#   bench/side_by_side.sh FILE [TURNS]
#
# Asks for libhyperscan-dev and a C compiler. Both programs count the processor time of their own thread, so
# that other work on the machine hurts both alike; the turns alternate, so that a slow spell hits both.
set -eu
file=${1:?usage: side_by_side.sh FILE [TURNS]}
turns=${2:-7}
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cc -O2 "$root/bench/hyperscan/match_patterns.c" -lhs -o "$work/match_patterns"
(cd "$root" && cargo build --quiet --release -p zhunsheng-detect --example scan_speed)
scan=${CARGO_TARGET_DIR:-$root/target}/release/examples/scan_speed

turn=0
while [ "$turn" -lt "$turns" ]; do
    "$scan" "$file" 1 >> "$work/ours"
    "$work/match_patterns" "$file" 1 >> "$work/theirs"
    turn=$((turn + 1))
done

# The fourth word of each line is MB/s.
median() {
    awk '{ print $4 }' "$1" | sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}
ours=$(median "$work/ours")
theirs=$(median "$work/theirs")
awk -v a="$ours" -v b="$theirs" -v n="$turns" -v f="$file" 'BEGIN {
    printf "%s: zhunsheng %.1f MB/s, hyperscan %.1f MB/s (medians of %d turns), ratio %.2f\n", f, a, b, n, a / b
}'
