#!/usr/bin/env bash
# Repeats every figure of memory.md.
#
#   docs/results/memory.sh OUT [CORPORA]
#
# OUT      folder for runs and answers; what is there already is not run again
# CORPORA  folder with linux/input.txt, latex-stacks/input.tex and enwiki-markup/input.xml
#          (those missing are left out)
#
# RNNSCOPE names the program (default: rnnscope).
set -euo pipefail

out=${1:?usage: memory.sh OUT [CORPORA]}
corpora=${2:-}
program=${RNNSCOPE:-rnnscope}
mkdir -p "$out"

# answer FILE COMMAND...: keeps what the command prints, once, and only if it succeeded.
answer() {
    local file=$out/$1
    shift
    [ -s "$file" ] && return
    echo "$*" >&2
    "$@" > "$file.part"
    mv "$file.part" "$file"
}

# measured NAME ITERATIONS HIDDEN INPUT...: trains a network and measures its memory.
measured() {
    local name=$1 iterations=$2 hidden=$3
    shift 3
    if [ ! -s "$out/$name.train" ]; then rm -rf "${out:?}/$name"; fi
    answer "$name.train" "$program" train -q "$@" --hidden "$hidden" --seq 128 --iterations "$iterations" --snapshots "$iterations" --out "$out/$name"
    answer "$name.txt" "$program" memory -q "$out/$name"
}

answer latches.txt "$program" memory -q --experiment latches
answer delays.txt "$program" memory -q --experiment delays --delay-steps 3000
for h in 64 128 256; do
    measured "novel-$h" 2000 "$h" synth:novel --synth-size 2000000
    measured "texs-$h" 2000 "$h" synth:latex --synth-size 2000000
done
measured xml-256 2000 256 synth:xml --synth-size 2000000
[ -s "$corpora/linux/input.txt" ] && measured linux-256 3000 256 "$corpora/linux/input.txt"
[ -s "$corpora/latex-stacks/input.tex" ] && measured latex-256 1500 256 "$corpora/latex-stacks/input.tex" --min-count 20
[ -s "$corpora/enwiki-markup/input.xml" ] && measured enwiki-256 1500 256 "$corpora/enwiki-markup/input.xml" --min-count 50
exit 0
