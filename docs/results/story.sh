#!/usr/bin/env bash
# The essay's story over seeds: trainings, skills, births, and what a single run would have told.
#
#   docs/results/story.sh OUT [TEXT...]      TEXT: synth:mixed and files (default: synth:mixed)
#
# RNNSCOPE names the program (default: rnnscope). What is done already is not done again.
set -euo pipefail
out=${1:?usage: story.sh OUT [TEXT...]}
shift
[ $# -gt 0 ] || set -- synth:mixed
program=${RNNSCOPE:-rnnscope}
mkdir -p "$out"
for text in "$@"; do
    name=$(basename "$(dirname "/$text")")-$(basename "$text")
    name=${name//:/-}
    cat > "$out/$name.yaml" <<G
text: $text
train: {cell: [lstm, elman], seed: [1, 2, 3, 4, 5], hidden: 128, batch: 8, seq: 50, iterations: 2500, split: "90,4", sample-length: 300, save-every: 2500, validate-every: 2500}
G
    "$program" sweep "$out/$name.yaml" --out "$out/$name"
    for cell in lstm elman; do
        for seed in 1 2 3 4 5; do
            run=$out/$name/runs/$cell-seed$seed
            "$program" -q evolution "$run" > "$run.evolution"
            "$program" -q births "$run" > "$run.births"
        done
        "$program" compare "$out/$name/runs/$cell"-seed? --out "$out/$name-$cell" > "$out/$name-$cell.txt"
    done
done
