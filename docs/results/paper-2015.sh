#!/usr/bin/env bash
# The table of 2015 with the paper's settings, to be left running: War and Peace with CR LF, each
# stream of the batch split 80/10/10. Stop it and start it again as you like.
# Run so far: LSTM, 128 units, one layer (docs/results/learning.md). The start of the weights is the program's, not U[-.08, .08].
#
#   docs/results/paper-2015.sh TEXT OUT      TEXT: war and peace, as the paper's authors distribute it
#
# Beside it stand (recalled from the paper, test loss in nats): LSTM 64 1.449 and 1.442, 128 1.277 and
# 1.227 with one and two layers; RNN 128 1.417 and 1.286; GRU 128 1.230 and 1.226.
# n-grams, n = 1..9: 2.399 1.928 1.521 1.314 1.232 1.203 1.194 1.194 1.194.
set -euo pipefail
text=${1:?usage: paper-2015.sh TEXT OUT}
out=${2:?usage: paper-2015.sh TEXT OUT}
program=${RNNSCOPE:-rnnscope}
mkdir -p "$out"
sed 's/\r$//; s/$/\r/' "$text" > "$out/crlf.txt"
"$program" corpus stat "$out/crlf.txt" --order 9 > "$out/ngrams.txt"
cat > "$out/grid.yaml" <<G
text: $out/crlf.txt
train:
  cell: [lstm, elman, gru]
  hidden: [64, 128]
  layers: [1, 2]
  batch: 100
  seq: 100
  epochs: 50
  optimizer: rmsprop
  lr: 0.002
  schedule: step-epochs
  lr-factor: 0.95
  lr-after: 10
  lr-every: 1
  clip: value
  clip-at: 5
  split: "streams,80,10"
  seed: 1
G
"$program" sweep "$out/grid.yaml" --out "$out/sweep"
