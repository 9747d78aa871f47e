package console

import (
	"context"
	"slices"

	"github.com/rnnscope/rnnscope/run"
	"github.com/rnnscope/rnnscope/text"
)

const (
	Stretches     = 24        // of another text that are looked for in what the network learned
	stretchLength = 200       // characters of each
	mostSearched  = 200 << 20 // characters of a training text that is searched
)

// tellLearned says when another text is one that the network has learned from: figures on it
// then are no test. Not being able to tell is no error.
func tellLearned(ctx context.Context, s *Session, r *run.Run, other text.Source, sha string) {
	info := r.Info()
	if info.SHA256 == "" || info.Symbols > mostSearched {
		return
	}
	if sha == info.SHA256 {
		s.Note.Printf("this is the run's own text, which the network learned: name no text, and figures are measured on the part it has not seen")
		return
	}
	own, err := r.Source(ctx)
	if err != nil {
		return
	}
	defer own.Close()
	if found, asked := LearnedStretches(own, info.Split.Train, other); found > 0 {
		s.Note.Printf("%d of %d stretches of this text stand in what the network learned: figures on them are no test", found, asked)
	}
}

// LearnedStretches looks for stretches of a text, evenly spread, in a part of another: how many
// it has and how many were looked for.
func LearnedStretches(own text.Source, train text.Span, other text.Source) (found, asked int) {
	n := min(stretchLength, other.Len())
	if n == 0 || train.Len() < n {
		return 0, 0
	}
	wanted := map[uint64][][]int32{} // by rolling hash
	for i := range Stretches {
		ids := make([]int32, n)
		if other.Read(ids, i*(other.Len()-n)/max(1, Stretches-1)) != nil {
			return 0, 0
		}
		h := hashOf(ids)
		if !slices.ContainsFunc(wanted[h], func(x []int32) bool { return slices.Equal(x, ids) }) {
			wanted[h] = append(wanted[h], ids)
			asked++
		}
	}
	power := uint64(1)
	for range n {
		power *= hashBase
	}
	const piece = 1 << 16
	window := make([]int32, 0, piece+n)
	for at := train.Lo; at < train.Hi; {
		tail := window[max(0, len(window)-n+1):]
		window = append(window[:0], tail...)
		first, k := len(window), min(piece, train.Hi-at)
		window = window[:first+k]
		if own.Read(window[first:], at) != nil {
			return 0, 0
		}
		at += k
		if len(window) < n {
			continue
		}
		h := hashOf(window[:n])
		for i := 0; ; i++ {
			if list := wanted[h]; list != nil {
				keep := slices.DeleteFunc(list, func(x []int32) bool { return slices.Equal(x, window[i:i+n]) })
				found += len(list) - len(keep)
				if wanted[h] = keep; len(keep) == 0 {
					delete(wanted, h)
				}
			}
			if i+n == len(window) {
				break
			}
			h = h*hashBase + uint64(window[i+n]) + 1 - power*(uint64(window[i])+1)
		}
	}
	return found, asked
}

const hashBase = 0x100000001b3

func hashOf(ids []int32) (h uint64) {
	for _, id := range ids {
		h = h*hashBase + uint64(id) + 1
	}
	return h
}
