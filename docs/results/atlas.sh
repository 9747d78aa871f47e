#!/bin/sh
# Trains and dissects the networks of atlas.md: ./atlas.sh CORPORA OUT [RNNSCOPE]
# The simulations of its first two parts are `rnnscope calibrate` and `rnnscope calibrate --detect`, with the flags given there.
# CORPORA holds warpeace, enwiki-markup, linux, latex-stacks and chinese-sanguo, each with one input file.
set -eu
corpora=$1 out=$2 rnnscope=${3:-rnnscope}
mkdir -p "$out"

one() { # NAME EXTENSION TRAIN-FLAGS...
  name=$1 file=$corpora/$1/input.$2
  shift 2
  [ -e "$out/$name" ] || "$rnnscope" train "$file" --out "$out/$name" --hidden 256 --batch 32 --seq 100 --lr 0.006 --snapshots 0 "$@"
  "$rnnscope" dissect "$out/$name" --details | tee "$out/$name.txt"
}

layers() { # NAME EXTENSION TRAIN-FLAGS...
  name=$1-2x128 file=$corpora/$1/input.$2
  shift 2
  [ -e "$out/$name" ] || "$rnnscope" train "$file" --out "$out/$name" --layers 2 --hidden 128 --batch 32 --seq 100 --lr 0.006 --snapshots 0 "$@"
  "$rnnscope" dissect "$out/$name" --details | tee "$out/$name.txt"
}

one enwiki-markup xml --iterations 3000 --min-count 20
one linux txt --iterations 3000 --min-count 20
one latex-stacks tex --iterations 3000 --min-count 20
one chinese-sanguo txt --iterations 2000 --min-count 20
one warpeace txt --iterations 5000
layers warpeace txt --iterations 5000
layers linux txt --iterations 3000 --min-count 20
