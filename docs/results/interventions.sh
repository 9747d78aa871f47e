#!/usr/bin/env bash
# Repeats every figure of interventions.md.
#
#   docs/results/interventions.sh OUT CORPORA
#
# OUT      folder for runs and answers; what is there already is not run again
# CORPORA  folder with warpeace/input.txt and linux/input.txt
#
# RNNSCOPE names the program (default: rnnscope).
set -euo pipefail

out=${1:?usage: interventions.sh OUT CORPORA}
corpora=${2:?usage: interventions.sh OUT CORPORA}
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

code=comment,string-literal,bracket-depth,paren-depth,square-depth,brace-depth,line-end-next,capital-next,column,quote-single

[ -e "$out/demo" ] || "$program" demo -q --iterations 5000 --out "$out/demo"
[ -e "$out/war" ] || "$program" train -q "$corpora/warpeace/input.txt" --out "$out/war" --hidden 256 --iterations 5000 --batch 32 --seq 100 --lr 0.006
[ -e "$out/linux" ] || "$program" train -q "$corpora/linux/input.txt" --out "$out/linux" --hidden 256 --batch 32 --seq 100 --lr 0.006 --snapshots 0 --min-count 20 --iterations 3000
answer war-dissect.txt "$program" dissect -q "$out/war"
answer war.txt "$program" ablate -q "$out/war" --steer
answer linux-dissect.txt "$program" dissect -q "$out/linux"
answer linux-code.txt "$program" ablate -q "$out/linux" --concept "$code"
answer linux.txt "$program" ablate -q "$out/linux" --steer
answer demo-calibration.txt "$program" ablate -q "$out/demo" --calibrate 500 --characters 30000
answer war-calibration.txt "$program" ablate -q "$out/war" --calibrate 500 --characters 30000
answer demo-groups.txt "$program" ablate -q "$out/demo" --groups --concept latex-environment,in-quote,paren-depth --characters 12000
answer war-groups.txt "$program" ablate -q "$out/war" --groups --concept in-quote,word-end-next
answer war-steer.txt "$program" steer -q "$out/war" --unit 'l0.c[100]' --concept in-quote --prompt 'He said' --characters 8000
answer war-sample.txt "$program" sample -q "$out/war" --clamp 'l0.c[100]=q95' --prompt 'He said' -n 300 -t 0.7
answer war-patch.txt "$program" patch -q "$out/war" --clean 'He turned to her. "It is all the same to me!' --corrupt 'He turned to her.  It is all the same to me!' --right '"'
