#!/usr/bin/env bash
# Fuzzes targets one after another: fuzz/run.sh SECONDS [TARGET…]. Needs a nightly compiler; the corpus grows in
# fuzz/corpus/TARGET, seeds come from samples/ and from the readers' own samples. A crash is written to
# fuzz/artifacts/TARGET: move it to fuzz/regressions/TARGET with its repair, the plain tests replay it.
set -euo pipefail
cd "$(dirname "$0")"
seconds=${1:?seconds for each target}
shift
export RUSTFLAGS="-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
-Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
-Cllvm-args=-sanitizer-coverage-trace-compares --cfg fuzzing -Ccodegen-units=16"
# With a target named, the flags are for the program alone and not for build scripts.
host=$(rustc -vV | sed -n 's/^host: //p')
cargo +nightly build --release --quiet --target "$host"
program=${CARGO_TARGET_DIR:-target}/$host/release/zhunsheng-fuzz
targets=("$@")
if [ ${#targets[@]} -eq 0 ]; then
    targets=(txt csv tsv json jsonl sql html eml mbox vcf xlsx xls ods docx doc pptx pdf sqlite parquet arrow avro
        zip tar gz bz2 xz zst 7z text detect acts)
fi
status=0
for target in "${targets[@]}"; do
    mkdir -p "corpus/$target" "artifacts/$target" "regressions/$target"
    find ../samples ../crates/source/tests/samples -type f -name "*.$target" -size -200k 2>/dev/null |
        while read -r seed; do cp "$seed" "corpus/$target/seed-$(echo "$seed" | md5sum | cut -c1-12)"; done
    if [ "$target" = text ] || [ "$target" = detect ]; then
        find ../samples -name '*.txt' -o -name '*.log' | while read -r seed; do
            head -c 4000 "$seed" >"corpus/$target/seed-$(echo "$seed" | md5sum | cut -c1-12)"
        done
    fi
    echo "== $target, $seconds s"
    ZHUNSHENG_FUZZ_TARGET=$target "$program" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=2048 \
        -max_len=65536 -artifact_prefix="artifacts/$target/" -print_final_stats=1 \
        "corpus/$target" "regressions/$target" 2>"artifacts/$target.log" || status=1
    grep -E "stat::(number_of_executed_units|average_exec)|^SUMMARY|cov:" "artifacts/$target.log" | tail -4 || true
done
exit $status
