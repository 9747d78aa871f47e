#!/usr/bin/env bash
# The essay's story over seeds: trainings, skills, births, and what a single run would have told.
#
#   docs/results/story.sh OUT [TEXT...]      TEXT: synth:mixed and files (default: synth:mixed)
#
# RNNSCOPE names the program (default: rnnscope), CELLS the cells (default: lstm elman). BIRTHS=no leaves births out, which
# take longest; what is done already is not done again.
set -euo pipefail
out=${1:?usage: story.sh OUT [TEXT...]}
shift
[ $# -gt 0 ] || set -- synth:mixed
program=${RNNSCOPE:-rnnscope}
mkdir -p "$out"

# keep FILE CMD... writes what a command prints, whole or not at all, once.
keep() {
    local file=$1
    shift
    [ -s "$file" ] || { "$@" > "$file.tmp" && mv "$file.tmp" "$file"; }
}

for text in "$@"; do
    name=$(basename "$(dirname "/$text")")-$(basename "$text")
    name=${name//:/-}
    for cell in ${CELLS:-lstm elman}; do
        cat > "$out/$name-$cell.yaml" <<G
text: $text
train: {cell: $cell, seed: [1, 2, 3, 4, 5], hidden: 128, batch: 8, seq: 50, iterations: 2500, split: "90,4", sample-length: 300, save-every: 2500, validate-every: 2500}
G
        "$program" sweep "$out/$name-$cell.yaml" --out "$out/$name-$cell"
        runs=()
        for seed in 1 2 3 4 5; do
            run=$out/$name-$cell/runs/seed$seed
            runs+=("$run")
            keep "$run.evolution" "$program" -q evolution "$run"
            [ "${BIRTHS:-yes}" = no ] || keep "$run.births" "$program" -q births "$run"
        done
        "$program" compare "${runs[@]}" --no-match --out "$out/$name-$cell-compared" > "$out/$name-$cell.txt"
    done
done
