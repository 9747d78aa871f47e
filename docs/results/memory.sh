#!/usr/bin/env bash
# Repeats every figure of memory.md.
#
#   docs/results/memory.sh OUT [CORPORA]
#
# OUT      folder for runs and answers; what is there already is not run again
# CORPORA  folder with linux/input.txt, latex-stacks/input.tex, enwiki-markup/input.xml and
#          chinese-sanguo/input.txt (those missing are left out)
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

# sized NAME ITERATIONS HIDDEN SEED INPUT...: the same for the tables of memory against size, as JSON.
sized() {
    local name=$1-$3-$4 iterations=$2 hidden=$3 seed=$4
    shift 4
    if [ ! -s "$out/$name.train" ]; then rm -rf "${out:?}/$name"; fi
    answer "$name.train" "$program" train -q "$@" --hidden "$hidden" --seed "$seed" --seq 128 --iterations "$iterations" --snapshots "$iterations" --out "$out/$name"
    answer "$name.json" "$program" memory -q --json "$out/$name"
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
if [ -s "$corpora/linux/input.txt" ]; then
    for h in 64 128 256 512; do sized linux 3000 "$h" 1 "$corpora/linux/input.txt"; done
    for h in 64 128 256 512; do sized linux 3000 "$h" 2 "$corpora/linux/input.txt"; done
fi
if [ -s "$corpora/chinese-sanguo/input.txt" ]; then
    answer sanguo.train "$program" train -q "$corpora/chinese-sanguo/input.txt" --hidden 256 --batch 32 --seq 64 --iterations 3000 --out "$out/sanguo"
    answer sanguo.txt "$program" memory -q "$out/sanguo"
fi
[ -s "$corpora/enwiki-markup/input.xml" ] && answer ngram.txt "$program" corpus stat "$corpora/enwiki-markup/input.xml" --order 20
sized novel 2000 512 1 synth:novel --synth-size 2000000
if [ -s "$corpora/latex-stacks/input.tex" ]; then
    for h in 64 128 256 512; do sized latex 1500 "$h" 1 "$corpora/latex-stacks/input.tex" --min-count 20; done
fi
sh "$(dirname "$0")/memory-tables.sh" "$out" > "$out/sizes.txt"
exit 0
