#!/usr/bin/env bash
# Repeats every figure of quotes.md.
#
#   docs/results/quotes.sh OUT [CORPORA]
#
# OUT      folder for runs and answers; what is there already is not run again
# CORPORA  folder with warpeace/input.txt and chinese-sanguo/input.txt (those missing are left out)
#
# RNNSCOPE names the program (default: rnnscope).
set -euo pipefail

out=${1:?usage: quotes.sh OUT [CORPORA]}
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

# book NAME LOOK TRAINING...: trains on a book and opens the laboratory on it; LOOK is --growth
# or nothing (over a large alphabet every snapshot takes long).
book() {
    local name=$1 look=$2
    shift 2
    [ -s "$corpora/$name/input.txt" ] || return 0
    if [ ! -s "$out/$name.train" ]; then rm -rf "${out:?}/$name"; fi
    answer "$name.train" "$program" train -q "$corpora/$name/input.txt" --out "$out/$name" "$@"
    answer "$name.txt" "$program" quotes -q "$out/$name" $look
}

answer laboratory.txt "$program" quotes -q --experiment --out "$out/laboratory"
book warpeace --growth --hidden 256 --iterations 5000 --batch 32 --seq 100 --lr 0.006
book chinese-sanguo "" --hidden 256 --iterations 3000 --batch 32 --seq 64
