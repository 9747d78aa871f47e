#!/bin/sh
# The memory rows of atlas.md: ./atlas-memory.sh OUT [RNNSCOPE]. Wants GNU time and 2.5 GB of room.
set -eu
out=$1 rnnscope=${2:-rnnscope}
mkdir -p "$out"

synth() { "$rnnscope" -q corpus synth mixed -n "$1" --seed "$2"; }

[ -e "$out/run" ] || "$rnnscope" -q train synth:mixed --synth-size 1000000 --hidden 32 --batch 32 --seq 64 --iterations 300 --snapshots 0 --out "$out/run"
[ -e "$out/10.txt" ] || synth 10000000 5 > "$out/10.txt"
[ -e "$out/1000.txt" ] || for seed in $(seq 20); do synth 50000000 "$seed"; done > "$out/1000.txt"

for text in 10 1000; do
  /usr/bin/time -f "$text MB: %M kB, %U s" "$rnnscope" -q dissect "$out/run" "$out/$text.txt" --unknown skip --concepts in-quote,url --sites l0.h --untrained 3
done
