#!/bin/sh
# Prints the tables of learning.md from the answers that learning.sh left in a folder.
#
#   sh docs/results/learning-tables.sh OUT
#
# Figures over seeds are the median and, in brackets, the lowest and highest of the seeds: of five
# independent seeds these hold the true median in 15 cases of 16. A seed in which something never
# came counts as later than all others.
set -eu
out=${1:?usage: learning-tables.sh OUT}

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

# spread: the functions of awk that the tables share.
spread='
function sorted(list, v,    n, i, j, t) {
    n = split(list, v, " ")
    for (i = 2; i <= n; i++) for (j = i; j > 1 && v[j] + 0 < v[j-1] + 0; j--) { t = v[j]; v[j] = v[j-1]; v[j-1] = t }
    return n
}
function show(list, form,    v, n, m) {
    n = sorted(list, v)
    if (n == 0) return "–"
    m = n % 2 ? v[(n+1)/2] : (v[n/2] + v[n/2+1]) / 2
    return sprintf(form " [" form ", " form "]", m, v[1], v[n])
}'

# judged: an abrupt rise that too few snapshots show is only perhaps one; a verdict is printed in words.
judged='
function judged(verdict, trusted) { if (verdict == "abrupt" && trusted != "true") return "perhaps abrupt"; gsub(/_/, " ", verdict); return verdict }'

baseline() {
    [ -e "$out/base-novel.json" ] || return 0
    echo
    echo "| text | 5-gram, bits | best n-gram, bits (order) | LSTM 128, bits | below the 5-gram | below the best | repeated windows |"
    echo "| --- | --- | --- | --- | --- | --- | --- |"
    for d in novel play wiki code latex xml dyck mixed; do beside "$d" "base-$d" ""; done
    beside mixed mixed-long " (10,000 updates of 16 x 64)"
}

# beside TEXT ANSWER NOTE: one network beside the n-gram models.
beside() {
    [ -s "$out/stat-$1.json" ] && [ -s "$out/$2.json" ] || return 0
    { flat "$out/stat-$1.json"; flat "$out/$2.json"; } | awk -F '\t' -v d="$1$3" '
        { v[$1] = $2 }
        END {
            best = v["ngram.best_order"]; five = v["ngram.orders.4.validation_bits"]
            low = v["ngram.orders." best - 1 ".validation_bits"]; net = v["validation_bits_per_symbol"]
            printf "| synth:%s | %.3f | %.3f (%d) | %.3f | %.3f | %.3f | %.2f %% |\n", d, five, low, best, net, five - net, low - net, 100 * v["repeated_windows.share"]
        }'
}

# rows NAME: lines "seed path value" of all seeds of a text.
rows() {
    for f in "$out"/skill-"$1"-*.json; do
        seed=${f##*-}
        flat "$f" | grep -v '\.samples\.' | awk -v seed="${seed%.json}" '{ print seed "\t" $0 }'
    done
}

skills() {
    [ -e "$out/skill-$1-1.json" ] || return 0
    echo
    echo "$2"
    echo
    echo "| skill | 0 | 100 | 500 | 2,000 | 4,000 | held-out text | half way (step) | middle (step) | width (decades) | verdict by seed |"
    echo "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"
    rows "$1" | awk -F '\t' "$spread$judged"'
        function at(name, step) { return show(value[name, step], share[name] ? "%.2f" : "%.1f") }
        { n = split($2, p, ".") }
        $2 ~ /^definitions\.[0-9]+\.name$/ { if (!seen[$3]++) name[++names] = $3; defined[p[2]] = $3 }
        $2 ~ /^definitions\.[0-9]+\.share$/ { share[defined[p[2]]] = $3 == "true" }
        $2 ~ /^definitions\.[0-9]+\.lower$/ { low[defined[p[2]]] = $3 == "true" }
        $2 ~ /^snapshots\.[0-9]+\.step$/ { step = $3; if (!(step in place)) { place[step] = ++places; steps[places] = step } }
        $2 ~ /^snapshots\.[0-9]+\.val_loss$/ { value["loss", step] = value["loss", step] " " $3 }
        $2 ~ /^snapshots\.[0-9]+\.skills\.[0-9]+\.name$/ { skill = $3 }
        $2 ~ /^snapshots\.[0-9]+\.skills\.[0-9]+\.value\.estimate$/ && $3 != "null" { value[skill, step] = value[skill, step] " " $3; one[skill, step, $1] = $3 }
        $2 ~ /^reference\.[0-9]+\.name$/ { skill = $3 }
        $2 ~ /^reference\.[0-9]+\.value\.estimate$/ && $3 != "null" { held[skill] = held[skill] " " $3; goal[skill, $1] = $3 / 2 }
        $2 ~ /^emergence\.[0-9]+\.name$/ { skill = $3; x = w = "null" }
        $2 ~ /^emergence\.[0-9]+\.best$/ { best = $3 }
        $2 ~ /^emergence\.[0-9]+\.x0\.estimate$/ { x = $3 }
        $2 ~ /^emergence\.[0-9]+\.w\.estimate$/ { w = $3 }
        $2 ~ /^emergence\.[0-9]+\.from$/ { from = $3 }
        $2 ~ /^emergence\.[0-9]+\.to$/ { to = $3 }
        $2 ~ /^emergence\.[0-9]+\.verdict$/ { says = $3; judge++ }
        $2 ~ /^emergence\.[0-9]+\.trusted$/ {
            judge--; v = judged(says, $3)
            if (x != "null" && best == "sigmoid" && v != "declined" && (to - from) * (skill == "loss" || low[skill] ? -1 : 1) > 0) { middle[skill] = middle[skill] " " 10^x - 1; wide[skill] = wide[skill] " " w }
            came[skill, v]++; if (!kind[v]++) verdict[++verdicts] = v
        }
        # half: the step from which on a share stays at half of the held-out text or above, by seed.
        function half(k, seed,    i, from) {
            for (i = places; i > 0; i--) {
                if ((k, steps[i], seed) in one && one[k, steps[i], seed] < goal[k, seed]) return from
                if ((k, steps[i], seed) in one) from = steps[i]
            }
            return from
        }
        # halfway: seeds that never stay there come after all others in median and range.
        function halfway(list, never,    v, n, i, m) {
            n = sorted(list, v)
            for (i = 1; i <= never; i++) v[++n] = "never"
            if (n == 0 || never == n) return "–" (never ? ", never in " never : "")
            m = v[int(n / 2) + 1]
            if (n % 2 == 0) m = m == "never" ? "after " v[n/2] : (v[n/2] + m) / 2
            return m " [" v[1] ", " v[n] "]" (never ? ", never in " never : "")
        }
        function halves(k,    seed, h, s, never) {
            if (!share[k]) return "–"
            for (seed = 1; seed <= 5; seed++) if ((k, seed) in goal) { h = half(k, seed); if (h == "") never++; else s = s " " h }
            return halfway(s, never)
        }
        # The steps at which one seed was looked at again are not those of the others.
        function ascending(    i, j, t) {
            for (i = 2; i <= places; i++) for (j = i; j > 1 && steps[j] + 0 < steps[j-1] + 0; j--) { t = steps[j]; steps[j] = steps[j-1]; steps[j-1] = t }
        }
        END {
            if (judge) { print "an answer of an older version does not say whether a verdict is trusted: run evolution again" > "/dev/stderr"; exit 1 }
            ascending()
            name[0] = "loss"
            for (i = 0; i <= names; i++) {
                k = name[i]; s = ""
                for (j = 1; j <= verdicts; j++) if (came[k, verdict[j]]) s = s (s ? ", " : "") came[k, verdict[j]] " " verdict[j]
                printf "| %s | %s | %s | %s | %s | %s | %s | %s | %s | %s | %s |\n", i ? k : "validation loss, nats", at(k, 0), at(k, 100), at(k, 500), at(k, 2000), at(k, 4000),
                    show(held[k], share[k] ? "%.2f" : "%.1f"), halves(k), show(middle[k], "%.0f"), show(wide[k], "%.2f"), s
            }
        }'
}

# noise: the untrained network beside one that knows nothing.
noise() {
    [ -e "$out/skill-play-1.json" ] || return 0
    echo
    echo "| text | symbols | ln V, nats | validation loss at step 0, nats | words at step 0 | words of held-out text |"
    echo "| --- | --- | --- | --- | --- | --- |"
    for d in "$@"; do
        [ -e "$out/skill-$d-1.json" ] || continue
        for f in "$out"/train-"$d"-?.json "$out"/skill-"$d"-?.json; do flat "$f" | grep -v '\.samples\.'; done | awk -F '\t' -v d="$d" "$spread"'
            $1 == "alphabet" { v = v " " $2 }
            $1 ~ /^snapshots\.[0-9]+\.step$/ { step = $2 }
            step == 0 && $1 ~ /^snapshots\.[0-9]+\.val_loss$/ { loss = loss " " $2 }
            $1 ~ /^(snapshots\.[0-9]+\.skills|reference)\.[0-9]+\.name$/ { skill = $2 }
            step == 0 && skill == "words" && $1 ~ /^snapshots\.[0-9]+\.skills\.[0-9]+\.value\.estimate$/ { words = words " " $2 }
            skill == "words" && $1 ~ /^reference\.[0-9]+\.value\.estimate$/ { held = held " " $2 }
            END {
                n = sorted(v, w)
                printf "| %s | %d to %d | %.2f to %.2f | %s | %s | %s |\n", d, w[1], w[n], log(w[1]), log(w[n]), show(loss, "%.3f"), show(words, "%.3f"), show(held, "%.3f")
            }'
    done
}

# jumps: how each figure came in every run, and where the abrupt ones did.
jumps() {
    [ -e "$out/skill-play-1.json" ] || return 0
    echo
    echo "| text | skill curves | abrupt | perhaps abrupt | gradual | unresolved | declined | no change | abrupt ones, by skill at step (snapshots inside the rise) |"
    echo "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"
    for d in "$@"; do
        [ -e "$out/skill-$d-1.json" ] || continue
        rows "$d" | awk -F '\t' -v d="$d" "$judged"'
            $2 ~ /^emergence\.[0-9]+\.name$/ { skill = $3 }
            $2 ~ /^emergence\.[0-9]+\.inside$/ { inside = $3 }
            $2 ~ /^emergence\.[0-9]+\.verdict$/ { says = $3 }
            $2 ~ /^emergence\.[0-9]+\.x0\.estimate$/ { x = $3 }
            $2 ~ /^emergence\.[0-9]+\.trusted$/ && skill != "loss" {
                all++; v = judged(says, $3); got[v]++
                if (v == "abrupt") list = list (list ? ", " : "") sprintf("%s %.0f (%d)", skill, 10^x - 1, inside)
            }
            END { printf "| %s | %d | %d | %d | %d | %d | %d | %d | %s |\n", d, all, got["abrupt"], got["perhaps abrupt"], got["gradual"], got["unresolved"], got["declined"], got["no change"], list }'
    done
}

# said NAME: how often samples say "the" and "and", a hundred words (runs of two letters and more).
said() {
    [ -e "$out/skill-$1-1.json" ] || return 0
    for f in "$out"/skill-"$1"-*.json; do
        flat "$f" | awk -F '\t' '
            $1 ~ /^snapshots\.[0-9]+\.step$/ { step = $2 }
            $1 ~ /^snapshots\.[0-9]+\.samples\./ {
                s = tolower($2); gsub(/\\n/, " ", s); gsub(/[^a-z]+/, " ", s)
                m = split(s, w, " ")
                for (i = 1; i <= m; i++) if (length(w[i]) > 1) { all[step]++; the[step] += w[i] == "the"; and[step] += w[i] == "and" }
            }
            END { for (s in all) print s "\t" 100 * the[s] / all[s] "\t" 100 * and[s] / all[s] }'
    done | awk -F '\t' -v text="$1" "$spread"'
        { the[$1] = the[$1] " " $2; and[$1] = and[$1] " " $3 }
        END {
            n = split("0 12 26 56 100 213 500 2000 4000", want, " ")
            for (i = 1; i <= n; i++) printf "| %s | %s | %s | %s |\n", text, want[i], show(the[want[i]], "%.1f"), show(and[want[i]], "%.1f")
        }'
}

grammar() {
    [ -e "$out/grammar-1-100.json" ] || return 0
    echo
    echo "| step | the verb that agrees is likelier | items told apart |"
    echo "| --- | --- | --- |"
    for step in 100 500 4000; do
        for f in "$out"/grammar-*-"$step".json; do flat "$f"; done | awk -F '\t' -v step="$step" "$spread"'
            $1 == "minimal.0.all.right.estimate" { right = right " " $2 }
            $1 == "minimal.0.all.apart.estimate" { apart = apart " " $2 }
            $1 == "minimal.0.all.ngram_right.estimate" { r = $2 }
            $1 == "minimal.0.all.ngram_apart.estimate" { a = $2 }
            END {
                printf "| %d | %s | %s |\n", step, show(right, "%.2f"), show(apart, "%.2f")
                if (step == 4000) printf "| 5-gram | %.2f | %.2f |\n", r, a
            }'
    done
}

# ends: the line-end unit of the demo network on each kind of text alone.
ends() {
    [ -e "$out/ends-code.json" ] || return 0
    echo
    echo "| text | ends of lines, % | unit | AUROC | mean at line ends | mean elsewhere | verdict |"
    echo "| --- | --- | --- | --- | --- | --- | --- |"
    for d in novel play wiki code latex xml; do
        flat "$out/ends-$d.json" | awk -F '\t' -v d="$d" '
            function ci(p) { return sprintf("%.3f [%.3f, %.3f]", v[p ".estimate"], v[p ".lo"], v[p ".hi"]) }
            $1 ~ /^concepts\./ { split($1, p, "."); key = substr($1, length(p[1] p[2]) + 3) }
            key == "concept" && $1 ~ /concept$/ { name = $2 }
            name == "line-end-next" && $1 ~ /^concepts\./ { v[key] = $2 }
            END { printf "| synth:%s | %.1f | %s[%d] | %s | %s | %s | %s |\n", d, 100 * v["positive"] / v["n"], v["best.site"], v["best.unit"], ci("best.auroc"), ci("best.mean_on"), ci("best.mean_off"), v["verdict"] }'
    done
}

# concepts NAME...: the rows of the atlas that speak of the claims, one text after the other.
concepts() {
    echo
    echo "| text | concept | on, % | verdict | unit | AUROC | best untrained | held 20 characters | among equal characters | the character alone |"
    echo "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"
    for d in "$@"; do
        [ -e "$out/dissect-$d.json" ] || continue
        flat "$out/dissect-$d.json" | awk -F '\t' -v d="$d" '
            BEGIN { split("line-end-next column capital-next proper-noun-next in-quote quote-single url latex-environment string-literal comment bracket-depth indentation", w, " "); for (i in w) want[w[i]] = 1 }
            function num(x) { return x == "" || x == "null" ? "–" : sprintf("%.3f", x) }
            function finish() {
                if (name in want && verdict != "not_in_text")
                    printf "| %s | %s | %.1f | %s | %s[%d] | %.3f [%.3f, %.3f] | %s | %s | %s | %.2f |\n", d, name, 100 * on / n, verdict, v["site"], v["unit"], v["auroc.estimate"], v["auroc.lo"], v["auroc.hi"],
                        num(v["untrained_max"]), num(v["held.2.auroc.estimate"]),
                        num(within) == "–" ? "–" : sprintf("%.3f [%.3f, %.3f]", within, low, high), alone
            }
            $1 !~ /^concepts\./ { next }
            { split($1, p, "."); key = substr($1, length(p[1] p[2]) + 3) }
            key == "concept" { finish(); name = $2; within = low = high = ""; split("", v) }
            key == "closer.within.estimate" { within = $2 }
            key == "closer.within.lo" { low = $2 }
            key == "closer.within.hi" { high = $2 }
            key == "verdict" { verdict = $2 }
            key == "n" { n = $2 }
            key == "positive" { on = $2 }
            key == "surface" { alone = $2 }
            key ~ /^best\./ { v[substr(key, 6)] = $2 }
            END { finish() }'
    done
}

# kinds NAME...: how many concepts got each verdict, and how many different units the learned ones name.
kinds() {
    echo
    echo "| text | units (of all sites) | concepts in the text | learned | associated | not found | too little text | units named by learned concepts (%, 95 % Wilson) | units that hold a state |"
    echo "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"
    for d in "$@"; do
        [ -e "$out/dissect-$d.json" ] || continue
        flat "$out/dissect-$d.json" | awk -F '\t' -v d="$d" '
            # share of k in n, in percent, as if units were drawn one by one
            function share(k, n,    p, z, mid, half) {
                p = k / n; z = 1.959964; mid = (p + z * z / 2 / n) / (1 + z * z / n); half = z * sqrt(p * (1 - p) / n + z * z / 4 / n / n) / (1 + z * z / n)
                return sprintf("%d (%.1f [%.1f, %.1f])", k, 100 * p, 100 * (k > 0 ? mid - half : 0), 100 * (mid + half))
            }
            $1 ~ /^sites\.[0-9]+\.units$/ { units += $2 }
            $1 ~ /^concepts\.[0-9]+\.verdict$/ { verdict = $2; got[$2]++; all += $2 != "not_in_text" }
            $1 ~ /^concepts\.[0-9]+\.best\.site$/ { site = $2 }
            $1 ~ /^concepts\.[0-9]+\.best\.unit$/ && verdict == "learned" && !seen[site, $2]++ { named++ }
            $1 ~ /^concepts\.[0-9]+\.best\.site$/ { last = $2 }
            $1 ~ /^concepts\.[0-9]+\.best\.unit$/ { last = last " " $2 }
            $1 ~ /^concepts\.[0-9]+\.holds$/ && $2 == "true" && !kept[last]++ { holding++ }
            END { printf "| %s | %d | %d | %d | %d | %d | %d | %s | %s |\n", d, units, all, got["learned"], got["associated"], got["not_found"], got["too_little_text"], share(named, units), share(holding, units) }'
    done
}

groups() {
    echo
    printf '%s\n' "| text | \`\\begin{\` on test | verdict | units tested | units that jump | share | largest jump |"
    echo "| --- | --- | --- | --- | --- | --- | --- |"
    for d in "$@"; do
        [ -e "$out/dissect-$d.json" ] || continue
        flat "$out/dissect-$d.json" | awk -F '\t' -v d="$d" '
            $1 ~ /^environment\./ { v[$1] = $2 }
            $1 ~ /^environment\.units\.[0-9]+\.unit$/ { k++ }
            END { if (v["environment.events"] > 0)
                printf "| %s | %d | %s | %d | %d | %.0f %% | %s[%d] %.2f [%.2f, %.2f] |\n", d, v["environment.events"], v["environment.verdict"], v["environment.tested"], k, 100 * k / (v["environment.tested"] + !v["environment.tested"]),
                    v["environment.units.0.site"], v["environment.units.0.unit"], v["environment.units.0.jump.estimate"], v["environment.units.0.jump.lo"], v["environment.units.0.jump.hi"] }'
    done
}

urls() {
    echo
    echo "| text | verdict | unit | mean of its size in URLs | outside | difference |"
    echo "| --- | --- | --- | --- | --- | --- |"
    for d in "$@"; do
        [ -e "$out/dissect-$d.json" ] || continue
        flat "$out/dissect-$d.json" | awk -F '\t' -v d="$d" '
            function ci(p) { return sprintf("%.3f [%.3f, %.3f]", v[p ".estimate"], v[p ".lo"], v[p ".hi"]) }
            $1 ~ /^url\./ { v[$1] = $2 }
            END { if (v["url.site"] != "") printf "| %s | %s | %s[%d] | %s | %s | %s |\n", d, v["url.verdict"], v["url.site"], v["url.unit"], ci("url.on"), ci("url.off"), ci("url.difference") }'
    done
    echo
    echo "| text | after | characters | mean activation of that unit |"
    echo "| --- | --- | --- | --- |"
    for d in "$@"; do
        [ -e "$out/dissect-$d.json" ] || continue
        flat "$out/dissect-$d.json" | awk -F '\t' -v d="$d" '
            $1 ~ /^url\.kinds\.[0-9]+\.kind$/ { kind = $2 }
            $1 ~ /^url\.kinds\.[0-9]+\.mean\.estimate$/ { m = $2 }
            $1 ~ /^url\.kinds\.[0-9]+\.mean\.lo$/ { lo = $2 }
            $1 ~ /^url\.kinds\.[0-9]+\.mean\.hi$/ { hi = $2 }
            $1 ~ /^url\.kinds\.[0-9]+\.mean\.n$/ && $2 > 0 { printf "| %s | %s | %d | %.3f [%.3f, %.3f] |\n", d, kind, $2, m, lo, hi }'
    done
}

texts="mixed shakespeare warpeace linux latex enwiki"
baseline
noise play wiki code shakespeare
skills play "synth:play"
skills wiki "synth:wiki"
skills code "synth:code"
skills shakespeare "tinyshakespeare"
jumps play wiki code shakespeare
if [ -e "$out/skill-play-1.json" ]; then
    echo
    echo "| text | step | *the*, of 100 words | *and*, of 100 words |"
    echo "| --- | --- | --- | --- |"
    for d in play wiki shakespeare; do said "$d"; done
fi
grammar
ends
if [ -e "$out/dissect-mixed.json" ]; then
    # shellcheck disable=SC2086
    { kinds $texts; concepts $texts; groups $texts; urls $texts; }
fi
