#!/bin/sh
# docs/results/waits.sh OUT TEXT: what a user waits for, seconds by command: the demo, and what is asked of a standard run (LSTM 1x256 on 3 MB of TEXT,
# trained for a moment: how long a question takes does not depend on how well the network learned).
# RNNSCOPE names the program; BEFORE runs in front of every command that is timed, to make the machine quiet, say.
set -eu
out=${1:?folder for the runs} text=${2:?a text of about 3 MB}
program=${RNNSCOPE:-rnnscope} before=${BEFORE:-}
mkdir -p "$out"
timed() { # name of the row, command
    name=$1
    shift
    start=$(date +%s.%N)
    status=0
    $before "$@" >"$out/answer.txt" 2>"$out/told.txt" || status=$?
    end=$(date +%s.%N)
    awk -v name="$name" -v s="$start" -v e="$end" -v status="$status" 'BEGIN { printf "| %s | %.1f |%s\n", name, e - s, status == 0 ? "" : " status " status }'
}
echo "| command | seconds |"
echo "| --- | --- |"
rm -rf "$out/demo" "$out/standard"
timed "demo" "$program" demo -q --out "$out/demo"
timed "dissect (demo)" "$program" dissect -q "$out/demo"
timed "ablate (demo)" "$program" ablate -q "$out/demo"
"$program" train -q "$text" --min-count 20 --hidden 256 --iterations 60 --batch 32 --seq 100 --snapshots 60 --out "$out/standard"
timed "dissect" "$program" dissect -q "$out/standard"
timed "ablate" "$program" ablate -q "$out/standard"
timed "memory" "$program" memory -q "$out/standard"
timed "quotes" "$program" quotes -q "$out/standard"
timed "report" "$program" report -q "$out/standard"
