#!/usr/bin/env bash
# Which rules are admitted to which text, and how often labels are wrong by reading: the tables of labels.md.
#   docs/results/labels.sh CORPORA      CORPORA holds NAME/input.* of the six corpora; needs Python and Go, whose own manual and sources are two more texts
set -euo pipefail
corpora=$(realpath "$1")
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
go build -trimpath -o "$work/rnnscope" ./cmd/rnnscope
root=$(go env GOROOT)
cat "$root"/doc/*.html >"$work/html-manual"
find "$root/src/net" -maxdepth 1 -name '*.go' | sort | xargs cat >"$work/go-sources"
for f in tinyshakespeare/input.txt warpeace/input.txt linux/input.txt latex-stacks/input.tex enwiki-markup/input.xml chinese-sanguo/input.txt; do
  cp "$corpora/$f" "$work/$(dirname "$f")"
done
texts="tinyshakespeare warpeace linux latex-stacks enwiki-markup chinese-sanguo html-manual go-sources"
for t in $texts; do
  "$work/rnnscope" -q corpus concepts "$work/$t" |
    awk -v t="$t" '$2 == "yes" || $2 == "no" { print t, $1, $2 }' >>"$work/rows"
done
echo "## Admitted"
echo
awk -v texts="$texts" 'BEGIN { n = split(texts, t, " "); printf "| concept |"; for (i = 1; i <= n; i++) printf " %s |", t[i]; printf "\n| --- |"; for (i = 1; i <= n; i++) printf " --- |"; printf "\n" }
  !($2 in seen) { seen[$2] = 1; order[++k] = $2 } { v[$2, $1] = $3 }
  END { for (i = 1; i <= k; i++) { printf "| %s |", order[i]; for (j = 1; j <= n; j++) printf " %s |", ((order[i], t[j]) in v ? v[order[i], t[j]] : ""); printf "\n" } }' "$work/rows"
echo
echo "## Read"
echo
echo "| text | concept | judged by | on | wrong | off | wrong | unscored |"
echo "| --- | --- | --- | --- | --- | --- | --- | --- |"
sed -E 's/.*"text":"([^"]*)".*"concept":"([^"]*)".*"how":"([^"]*)".*/\1 \2 \3/' concept/testdata/reading.jsonl >"$work/how"
for t in $texts; do
  grep -q "\"text\":\"$t\"" concept/testdata/reading.jsonl || continue
  "$work/rnnscope" -q corpus concepts "$work/$t" --reading concept/testdata/reading.jsonl |
    awk -v t="$t" 'NR == FNR { how[$1, $2] = $3; next } FNR > 1 { printf "| %s | %s | %s | %s | %s | %s | %s | %s |\n", t, $1, how[t, $1], $2, $3, $4, $5, $6 }' "$work/how" -
  python3 concept/testdata/reading_rules.py "$work/$t" >&2 # what is judged by rule, judged again
done
