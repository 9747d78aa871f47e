#!/usr/bin/env bash
# The table of 2015 with the paper's settings, to be left running: War and Peace with CR LF, each
# stream of the batch split 80/10/10, and a table of what was run beside the paper's figures.
# Stop it and start it again as you like; what is done is not done again.
#
#   docs/results/paper-2015.sh TEXT OUT      TEXT: war and peace, as the paper's authors distribute it
#
# RNNSCOPE names the program (default: rnnscope). CELLS says which networks are trained, by their numbers
# below (default: all twelve; CELLS= trains none): the table says "not run" of the others.
#
#   0 to 3    lstm   64, 1 and 2 layers; 128, 1 and 2 layers
#   4 to 7    elman  the same
#   8 to 11   gru    the same
set -euo pipefail
text=${1:?usage: paper-2015.sh TEXT OUT}
out=${2:?usage: paper-2015.sh TEXT OUT}
program=${RNNSCOPE:-rnnscope}
split=streams,80,10
batch=100
mkdir -p "$out"

# keep FILE CMD... writes what a command prints, whole or not at all, once.
keep() {
    local file=$1
    shift
    [ -s "$file" ] || { "$@" > "$file.tmp" && mv "$file.tmp" "$file"; }
}

keep "$out/crlf.txt" sed 's/\r$//; s/$/\r/' "$text"
# The paper counts characters of context: its n is order n + 1.
keep "$out/ngrams.txt" "$program" corpus stat "$out/crlf.txt" --split "$split" --batch "$batch" --order 21

# The preset is what the paper describes: RMSProp with decay .95, weights from U[-.08, .08], gradients cut at 5.
cat > "$out/grid.yaml" <<G
text: $out/crlf.txt
train:
  preset: char-rnn
  cell: [lstm, elman, gru]
  hidden: [64, 128]
  layers: [1, 2]
  batch: $batch
  seq: 100
  epochs: 50
  lr: 0.002
  lr-factor: 0.95
  lr-after: 10
  lr-every: 1
  split: "$split"
  seed: 1
G
cells=${CELLS-all}
if [ "$cells" = all ]; then
    "$program" sweep "$out/grid.yaml" --out "$out/sweep"
else
    for i in $cells; do "$program" sweep "$out/grid.yaml" --out "$out/sweep" --task "$i"; done
fi

# nats CELL HIDDEN LAYERS PART: the loss that the sweep kept, or "not run".
nats() {
    local file=$out/sweep/done/$1-hidden$2-layers$3.json
    [ -s "$file" ] || { printf 'not run'; return; }
    awk -v key="\"$4_nats\":" '$1 == key { printf "%.3f", $2 }' "$file"
}

# order N: the test loss of the n-gram model of that order.
order() {
    awk -v n="$1" '/^most frequent/ { exit } $1 == n && NF >= 5 { printf "%.3f", $4 }' "$out/ngrams.txt"
}

# Test loss in nats of Karpathy, Johnson and Li 2015, Visualizing and understanding recurrent networks (arXiv:1506.02078), War and
# Peace; recalled, not read again. Where nothing is known to us it says –.
name() { [ "$1" = elman ] && printf Elman || printf '%s' "${1^^}"; }

networks() {
    echo "| network | paper, test, nats | here, validation | here, test |"
    echo "| --- | --- | --- | --- |"
    while read -r cell hidden layers paper; do
        printf '| %s %s, %s | %s | %s | %s |\n' "$(name "$cell")" "$hidden" "$([ "$layers" = 1 ] && echo "one layer" || echo "two layers")" \
            "$paper" "$(nats "$cell" "$hidden" "$layers" validation)" "$(nats "$cell" "$hidden" "$layers" test)"
    done <<P
lstm 64 1 1.449
lstm 64 2 1.442
lstm 128 1 1.277
lstm 128 2 1.227
elman 64 1 –
elman 64 2 –
elman 128 1 1.417
elman 128 2 1.286
gru 64 1 –
gru 64 2 –
gru 128 1 1.230
gru 128 2 1.226
P
}

ngrams() {
    local n row="| here, test |" paper="2.399 1.928 1.521 1.314 1.232 1.203 1.194 1.194 1.194 1.195"
    for n in 1 2 3 4 5 6 7 8 9 20; do row+=" $(order $((n + 1))) |"; done
    echo "| n-gram models, n characters of context | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 20 |"
    echo "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"
    echo "| paper, test, nats | ${paper// / | } |"
    echo "$row"
}

{ networks; echo; ngrams; } | tee "$out/table.md"
