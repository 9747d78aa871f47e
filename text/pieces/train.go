package pieces

import (
	"cmp"
	"container/heap"
	"encoding/json"
	"slices"
)

// Splitting a text for the vocabularies made here, as GPT-2 does and, for words, with every
// mark, line end and CJK character by itself.
const (
	gpt2Split  = `{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":false,"use_regex":true}`
	wordsSplit = `{"type":"Sequence","pretokenizers":[{"type":"Split","pattern":{"Regex":"'(?:s|t|re|ve|m|ll|d)(?!\\p{L})| ?[\\p{Han}\\p{Hiragana}\\p{Katakana}]| ?(?:(?![\\p{Han}\\p{Hiragana}\\p{Katakana}])[\\p{L}\\p{M}])+| ?\\p{N}+| ?[^\\s\\p{L}\\p{M}\\p{N}]|\\s"},"behavior":"Isolated","invert":false},{"type":"Metaspace","replacement":"▁","prepend_scheme":"never","split":false}]}`
)

// Unknown is the name of the symbol for words that are not listed.
const Unknown = "<unk>"

// WordRules cut a text into words, each with the space before it.
func WordRules() Rules {
	return Rules{PreTokenizer: json.RawMessage(wordsSplit), Model: Model{Type: "WordLevel", Unknown: Unknown}}
}

// counted is a word and how often it occurs.
type counted struct {
	word string
	n    int
}

// count splits a text and counts, the most frequent first, of equals by spelling.
func count(text string, split json.RawMessage) ([]counted, error) {
	s, err := newSplitter(split)
	if err != nil {
		return nil, err
	}
	words, err := s([]string{text}, true)
	if err != nil {
		return nil, err
	}
	times := map[string]int{}
	for _, w := range words {
		times[w]++
	}
	out := make([]counted, 0, len(times))
	for w, n := range times {
		out = append(out, counted{w, n})
	}
	slices.SortFunc(out, func(a, b counted) int { return cmp.Or(cmp.Compare(b.n, a.n), cmp.Compare(a.word, b.word)) })
	return out, nil
}

// Words lists the words that occur least times or more, at most most of them, the most
// frequent first.
func Words(text string, least, most int) ([]string, error) {
	list, err := count(text, json.RawMessage(wordsSplit))
	if err != nil {
		return nil, err
	}
	var out []string
	for _, c := range list {
		if c.n >= least && len(out) < most && c.word != Unknown {
			out = append(out, c.word)
		}
	}
	return out, nil
}

// leastPairs is how often a pair occurs that is still worth a symbol.
const leastPairs = 2

// LearnBPE learns byte-level BPE with at most size symbols, the 256 bytes among them
// (Sennrich, Haddow and Birch 2016): the most frequent pair becomes a symbol, of equals
// the one of the earlier symbols, again and again.
func LearnBPE(text string, size int) (names []string, rules Rules, err error) {
	list, err := count(text, json.RawMessage(gpt2Split))
	if err != nil {
		return nil, Rules{}, err
	}
	for _, r := range byteLevel {
		names = append(names, string(r))
	}
	slices.Sort(names)
	index := make(map[string]int32, size)
	for id, name := range names {
		index[name] = int32(id)
	}
	l := newLearner(list, index)
	rules = Rules{PreTokenizer: json.RawMessage(gpt2Split), Model: Model{Type: "BPE"}}
	for len(names) < size {
		pair, ok := l.best()
		if !ok {
			break
		}
		a, b := names[pair[0]], names[pair[1]]
		rules.Model.Merges = append(rules.Model.Merges, [2]string{a, b})
		id, known := index[a+b]
		if !known {
			id = int32(len(names))
			names, index[a+b] = append(names, a+b), id
		}
		l.join(pair, id)
	}
	return names, rules, nil
}

// learner counts the pairs of neighbouring symbols in a list of words.
type learner struct {
	words [][]int32
	times []int
	count map[[2]int32]int
	in    map[[2]int32]map[int]bool // words that have, or had, the pair
	queue pairQueue
}

func newLearner(list []counted, index map[string]int32) *learner {
	l := &learner{count: map[[2]int32]int{}, in: map[[2]int32]map[int]bool{}}
	for i, c := range list {
		var ids []int32
		for _, r := range c.word {
			ids = append(ids, index[string(r)])
		}
		l.words, l.times = append(l.words, ids), append(l.times, c.n)
		for k := range len(ids) - 1 {
			l.add([2]int32{ids[k], ids[k+1]}, i, c.n)
		}
	}
	for pair, n := range l.count {
		l.queue = append(l.queue, queued{pair, n})
	}
	heap.Init(&l.queue)
	return l
}

func (l *learner) add(pair [2]int32, word, n int) {
	l.count[pair] += n
	if l.in[pair] == nil {
		l.in[pair] = map[int]bool{}
	}
	l.in[pair][word] = true
}

// best is the most frequent pair.
func (l *learner) best() (pair [2]int32, ok bool) {
	for len(l.queue) > 0 {
		top := heap.Pop(&l.queue).(queued)
		if now := l.count[top.pair]; now != top.n {
			if now >= leastPairs {
				heap.Push(&l.queue, queued{top.pair, now})
			}
			continue
		}
		return top.pair, top.n >= leastPairs
	}
	return pair, false
}

// join makes a pair one symbol in every word.
func (l *learner) join(pair [2]int32, id int32) {
	touched := map[[2]int32]bool{}
	for i := range l.in[pair] {
		ids, n := l.words[i], l.times[i]
		out := ids[:0:0]
		for k := 0; k < len(ids); k++ {
			if k+1 == len(ids) || ids[k] != pair[0] || ids[k+1] != pair[1] {
				out = append(out, ids[k])
				continue
			}
			out = append(out, id)
			k++
		}
		for k := range len(ids) - 1 {
			l.count[[2]int32{ids[k], ids[k+1]}] -= n
		}
		for k := range len(out) - 1 {
			p := [2]int32{out[k], out[k+1]}
			l.add(p, i, n)
			touched[p] = true
		}
		l.words[i] = out
	}
	delete(l.in, pair)
	for p := range touched {
		if p[0] == id || p[1] == id {
			heap.Push(&l.queue, queued{p, l.count[p]})
		}
	}
}

// queued is a pair as often as it was counted when it was queued.
type queued struct {
	pair [2]int32
	n    int
}

type pairQueue []queued

func (q pairQueue) Len() int { return len(q) }
func (q pairQueue) Less(i, j int) bool {
	return cmp.Or(cmp.Compare(q[j].n, q[i].n), slices.Compare(q[i].pair[:], q[j].pair[:])) < 0
}
func (q pairQueue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }

// Push implements heap.Interface.
func (q *pairQueue) Push(x any) { *q = append(*q, x.(queued)) }

// Pop implements heap.Interface.
func (q *pairQueue) Pop() any {
	last := (*q)[len(*q)-1]
	*q = (*q)[:len(*q)-1]
	return last
}
