#!/bin/sh
# docs/results/explain.sh OUT CORPORA: trains the networks of docs/results/explain.md and explains them. Takes hours on two cores.
# What was stopped goes on: a network that is trained stays, and explain keeps every untrained network that is done.
# RNNSCOPE names the program, UNTRAINED how many untrained networks (default 19, and 5 for 512 units), ITERATIONS the updates (default 8000, and 1200).
set -eu
out=${1:?folder for the runs} corpora=${2:?folder of the corpora}
program=${RNNSCOPE:-rnnscope} untrained=${UNTRAINED:-19} iterations=${ITERATIONS:-8000}
mkdir -p "$out"
explained() { # name, text and flags of train
    name=$1
    shift
    [ -d "$out/$name" ] || "$program" train -q "$@" --batch 32 --seq 100 --iterations "$iterations" --out "$out/$name"
    "$program" explain -q "$out/$name" --untrained "$untrained" > "$out/$name.txt"
}
"$program" explain -q --experiment planted --seeds 50 > "$out/planted.txt"
explained warpeace-128 "$corpora/warpeace/input.txt" --hidden 128
explained linux-128 "$corpora/linux/input.txt" --hidden 128
explained enwiki-128 "$corpora/enwiki-markup/input.xml" --min-count 50 --hidden 128
explained sanguo-128 "$corpora/chinese-sanguo/input.txt" --min-count 5 --hidden 128
explained warpeace-gru-128 "$corpora/warpeace/input.txt" --cell gru --hidden 128
explained warpeace-elman-128 "$corpora/warpeace/input.txt" --cell elman --hidden 128
untrained=${UNTRAINED:-5} iterations=${ITERATIONS:-1200}
explained warpeace-512 "$corpora/warpeace/input.txt" --hidden 512
explained linux-512 "$corpora/linux/input.txt" --hidden 512
explained enwiki-512 "$corpora/enwiki-markup/input.xml" --min-count 50 --hidden 512
explained sanguo-512 "$corpora/chinese-sanguo/input.txt" --min-count 5 --hidden 512
"$program" explain -q "$out/warpeace-128" --experiment untrained --seeds 20 > "$out/untrained.txt"
"$program" explain -q "$out/warpeace-128" --experiment directions --untrained "$untrained" --seeds 3 --times 2,4,8 > "$out/directions.txt"
