#!/bin/sh
# Prints the tables of memory against size, from the answers that memory.sh left in a folder.
#
#   sh docs/results/memory-tables.sh OUT
#
# One row a network: NAME-H-SEED.
set -eu
out=${1:?usage: memory-tables.sh OUT}

# flat turns the program's indented JSON into lines of path and value.
flat() {
    awk '{
        match($0, /^ */); depth = RLENGTH / 2; s = substr($0, RLENGTH + 1); sub(/,$/, "", s)
        if (s == "}" || s == "]") next
        if (match(s, /^"[^"]*": /)) { path[depth] = substr(s, 2, RLENGTH - 4); s = substr(s, RLENGTH + 1) }
        else path[depth] = count[depth]++
        if (s == "{" || s == "[") { count[depth + 1] = 0; next }
        p = path[1]; for (i = 2; i <= depth; i++) p = p "." path[i]
        gsub(/^"|"$/, "", s)
        print p "\t" s
    }' "$1"
}

# row NAME SUITE KINDS: one network; SUITE of the minimal pairs, KINDS of pairs whose best
# holding unit (least AUROC over all ranges of gaps) is told.
row() {
    loss=$(sed -n 's/^test *\([0-9.]*\) nats.*/\1/p' "$out/$1.train")
    flat "$out/$1.json" | awk -F '\t' -v name="$1" -v loss="$loss" -v suite="$2" -v kinds="$3" '
        { v[$1] = $2 }
        function num(x, form) { return x == "" || x == "null" ? "–" : sprintf(form, x) }
        function span(p,    h) { return num(v[p ".estimate"], "%.2f") " [" num(v[p ".lo"], "%.2f") ", " num(v[p ".hi"], "%.2f") "]" }
        function at(s, lo,    b) {
            for (b = 0; v["minimal." s ".bins." b ".lo"] != ""; b++)
                if (v["minimal." s ".bins." b ".lo"] == lo) return span("minimal." s ".bins." b ".apart")
            return "–"
        }
        function reach(lo,    p) {
            for (p = 0; v["reach.0.points." p ".lo"] != ""; p++)
                if (v["reach.0.points." p ".lo"] == lo) return num(v["reach.0.points." p ".value.estimate"], "%.2g")
            return "–"
        }
        function held(k,    w, u, best, b) {
            best = -1
            for (w = 0; v["waiting." w ".kind"] != ""; w++) if (v["waiting." w ".kind"] == k)
                for (u = 0; v["waiting." w ".units." u ".site"] != ""; u++) {
                    b = v["waiting." w ".units." u ".retention"]
                    if (b != "null" && b + 0 > best) best = b + 0
                }
            return best < 0 ? "–" : sprintf("%.2f", best)
        }
        END {
            for (s = 0; v["minimal." s ".name"] != "" && v["minimal." s ".name"] != suite; s++);
            h = "minimal." s ".horizon."
            if (v[h "none"] == "true") horizon = "none"
            else if (v[h "censored"] == "true") horizon = "beyond " num(v[h "longest"], "%.0f")
            else horizon = num(v[h "gap.estimate"], "%.0f") " [" num(v[h "gap.lo"], "%.0f") ", " (v[h "open"] == "true" ? "beyond " num(v[h "longest"], "%.0f") : num(v[h "gap.hi"], "%.0f")) "]"
            n = split(kinds, k, " "); all = ""
            for (i = 1; i <= n; i++) all = all (i > 1 ? ", " : "") k[i] " " held(k[i])
            line = sprintf("| %s | %s | %s | %s | %s | %s | %s | %s | %s | %s | %s |", name, loss, at(s, 8), at(s, 16), at(s, 32), at(s, 64), at(s, 128), horizon, num(v[h "peak"], "%.2f"), reach(46) " / " reach(91), all)
            gsub(/ 0\./, " .", line); gsub(/\[0\./, "[.", line)
            print line
        }'
}

# table PREFIX SUITE KIND: all networks of a text.
table() {
    ls "$out" | grep -q "^$1-[0-9]*-[0-9]*\.json$" || return 0
    echo
    echo "$1, $2"
    echo
    echo "| network | test loss | told apart 8–15 | 16–31 | 32–63 | 64–127 | 128–255 | horizon | peak, nats | opener felt after 46–64 / 91–128 | best holding unit |"
    echo "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"
    ls "$out" | sed -n "s/^\($1-[0-9]*-[0-9]*\)\.json$/\1/p" | sort -t- -k2n -k3n | while read -r n; do row "$n" "$2" "$3"; done
}

table linux "swap paren" "paren block comment quote"
table linux "swap block" block
table novel gender-told quote
table latex "swap environment" environment
table latex "swap paren" "paren environment"
