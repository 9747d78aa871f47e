#!/usr/bin/env bash
# Repeats every figure of learning.md: rnnscope and POSIX tools, nothing else.
#
#   docs/results/learning.sh OUT [CORPORA [PART...]]
#
# OUT      folder for runs and answers; what is there already is not run again
# CORPORA  folder with tinyshakespeare/input.txt, warpeace/input.txt, linux/input.txt, latex-stacks/input.tex
#          and enwiki-markup/input.xml (those missing, or all with "", are left out)
# PART     reference baseline skills grammar units real tables (default: all; grammar needs skills)
#
# RNNSCOPE names the program (default: rnnscope).
set -euo pipefail

out=${1:?usage: learning.sh OUT [CORPORA [PART...]]}
corpora=${2:-}
parts=${*:3}
parts=${parts:-reference baseline skills grammar units real tables}
program=${RNNSCOPE:-rnnscope}
domains="novel play wiki code latex xml dyck mixed"
seeds="1 2 3 4 5"
mkdir -p "$out"

# answer FILE COMMAND...: keeps what the command prints, once, and only if it succeeded.
answer() {
    local file=$out/$1
    shift
    [ -s "$file" ] && return
    echo "$*" >&2
    "$@" > "$file.part" 2>> "$out/log"
    mv "$file.part" "$file"
}

# trained NAME DIR COMMAND...: answer of a training, from the start: what an interrupted one left is removed.
trained() {
    local name=$1 dir=$2
    shift 2
    [ -s "$out/$name" ] || rm -rf "$dir"
    answer "$name" "$@" --out "$dir"
}

# Every step to 12, then 12 a decade, from 100 on 24 a decade.
snapshots() {
    awk 'BEGIN {
        for (s = 0; s < 12; s++) printf "%d,", s
        for (k = 0; (s = int(12 * 10^(k/24) + .5)) <= 4000; k++) if (s > 100 || k % 2 == 0) printf "%d,", s
        print 4000
    }'
}

baseline() {
    for d in $domains; do
        answer "stat-$d.json" "$program" corpus stat "synth:$d" --json
        trained "base-$d.json" "$out/base-$d" "$program" train "synth:$d" --hidden 128 --batch 32 --seq 64 \
            --iterations 5000 --lr 0.015 --snapshots 5000 --json
    done
    # The mixed text needs more and smaller updates.
    trained mixed-long.json "$out/mixed-long" "$program" train synth:mixed --hidden 128 --batch 16 --seq 64 \
        --iterations 10000 --lr 0.02 --snapshots 10000 --json
}

# streams FILE: the file cut into 100 equal pieces; first the first 80 % of every piece, then the next 10 %, then the last.
streams() {
    local size piece a b
    size=$(($(wc -c < "$1") / 100))
    a=$((size * 8 / 10)) b=$((size * 9 / 10))
    rm -rf "$out/pieces"
    mkdir "$out/pieces"
    split -a 3 -b "$size" "$1" "$out/pieces/"
    for piece in "$out"/pieces/*; do head -c "$a" "$piece"; done
    for piece in "$out"/pieces/*; do head -c "$b" "$piece" | tail -c +$((a + 1)); done
    for piece in "$out"/pieces/*; do tail -c +$((b + 1)) "$piece"; done
}

# War and Peace for the n-gram figures of 2015: as it is, and with CR LF line ends and a split inside each of 100 streams.
reference() {
    local file=$corpora/warpeace/input.txt
    [ -r "$file" ] || return 0
    answer ngram-lf.json "$program" corpus stat "$file" --order 21 --bytes --json
    awk '{ printf "%s\r\n", $0 }' "$file" > "$out/crlf.txt"
    streams "$out/crlf.txt" > "$out/streams.txt"
    answer ngram-crlf.json "$program" corpus stat "$out/streams.txt" --order 21 --bytes --json
    rm -rf "$out/pieces" "$out/crlf.txt" "$out/streams.txt"
}

# one SKILL RUN: INPUT at SEED, trained and measured.
skill() {
    local name=$1 seed=$2
    shift 2
    trained "train-$name-$seed.json" "$out/skill-$name-$seed" "$program" train "$@" --hidden 128 --batch 16 --seq 64 \
        --iterations 4000 --lr 0.01 --schedule constant --snapshots "$(snapshots)" --seed "$seed" --json
    answer "skill-$name-$seed.json" "$program" evolution "$out/skill-$name-$seed" --refine --json
}

skills() {
    for seed in $seeds; do
        for d in play wiki code; do
            skill "$d" "$seed" "synth:$d" --synth-seed "$seed"
        done
        if [ -r "$corpora/tinyshakespeare/input.txt" ]; then
            skill shakespeare "$seed" "$corpora/tinyshakespeare/input.txt"
        fi
    done
}

# agreement: minimal pairs of subject and verb in the English of the plays, two versions an item.
agreement() {
    awk 'BEGIN {
        n = split("And |But |For |Why, |O, |What, |Ay, |Nay, |Now |Yet |So |Well, ", lead, "|")
        m = split("I:am:he:is;I:am:they:are;he:is:they:are;I:have:he:hath;I:was:we:were;he:was:they:were;thou:art:he:is;" \
            "thou:hast:I:have;thou:wilt:I:will;thou:shalt:we:shall;he:doth:they:do;thou:dost:I:do;thou:canst:I:can;" \
            "this man:is:these men:are;my lord:is:my lords:are", item, ";")
        pair = "{\"prefix\":\"\\n%s%s\",\"right\":\" %s \",\"wrong\":\" %s \",\"gap\":0,\"item\":%d}\n"
        for (i = 1; i <= m; i++) for (l = 1; l <= n; l++) {
            split(item[i], p, ":"); k++
            printf pair, lead[l], p[1], p[2], p[4], k
            printf pair, lead[l], p[3], p[4], p[2], k
        }
    }'
}

# grammar: which of two verbs the networks on tinyshakespeare think likelier, as they learn.
grammar() {
    [ -e "$out/skill-shakespeare-1" ] || return 0
    agreement > "$out/agreement.jsonl"
    for seed in $seeds; do
        for step in 100 500 4000; do
            answer "grammar-$seed-$step.json" "$program" memory "$out/skill-shakespeare-$seed" --pairs "$out/agreement.jsonl" \
                --suites none --kinds math --order 5 --step "$step" --json
        done
    done
}

# unit NAME FILE FLAGS...: one network on a real text, dissected.
unit() {
    local name=$1 file=$corpora/$2
    shift 2
    [ -r "$file" ] && [ ! -s "$out/dissect-$name.json" ] || return 0
    trained "train-$name.json" "$out/unit-$name" "$program" train "$file" --batch 32 "$@" --json
    answer "dissect-$name.json" "$program" dissect "$out/unit-$name" --json
}

units() {
    trained demo.json "$out/demo" "$program" demo --json
    answer dissect-mixed.json "$program" dissect "$out/demo" --json
    # The same network on every kind of text by itself, a copy of the run each time: dissect keeps one answer a run.
    for d in novel play wiki code latex xml; do
        [ -s "$out/ends-$d.json" ] && continue
        rm -rf "$out/copy"
        cp -r "$out/demo" "$out/copy"
        answer "ends-$d.json" "$program" dissect "$out/copy" "synth:$d" --synth-seed 7 --synth-size 400000 --unknown skip \
            --concepts line-end-next,column,url,in-quote,capital-next,latex-environment --untrained 5 --json
        rm -rf "$out/copy"
    done
}

# Those of docs/results/atlas.sh, and the plays.
real() {
    unit shakespeare tinyshakespeare/input.txt --hidden 192 --iterations 4000 --lr 0.008
    unit warpeace warpeace/input.txt --hidden 256 --iterations 5000 --seq 100 --lr 0.006
    unit linux linux/input.txt --hidden 256 --iterations 3000 --seq 100 --lr 0.006 --snapshots 0 --min-count 20
    unit enwiki enwiki-markup/input.xml --hidden 256 --iterations 3000 --seq 100 --lr 0.006 --snapshots 0 --min-count 20
    unit latex latex-stacks/input.tex --hidden 256 --iterations 3000 --seq 100 --lr 0.006 --snapshots 0 --min-count 20
}

for p in $parts; do
    if [ "$p" = tables ]; then
        sh "$(dirname "$0")/learning-tables.sh" "$out"
    else
        "$p"
    fi
done
