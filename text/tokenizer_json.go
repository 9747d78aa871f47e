package text

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/rnnscope/rnnscope/text/pieces"
)

// tokenizerJSON is what we read of a tokenizer.json of Hugging Face's tokenizers: the
// symbols, how they are written, and how a text is cut into them (package pieces).
type tokenizerJSON struct {
	Model struct {
		Type         string          `json:"type"`
		Vocab        json.RawMessage `json:"vocab"`
		Merges       pieces.Merges   `json:"merges"`
		UnkToken     *string         `json:"unk_token"`
		UnkID        *int32          `json:"unk_id"`
		EndOfWord    *string         `json:"end_of_word_suffix"`
		Continue     *string         `json:"continuing_subword_prefix"`
		FuseUnknown  bool            `json:"fuse_unk"`
		ByteFallback bool            `json:"byte_fallback"`
		IgnoreMerges bool            `json:"ignore_merges"`
		Longest      int             `json:"max_input_chars_per_word"`
	} `json:"model"`
	Added        []pieces.Added  `json:"added_tokens"`
	Normalizer   json.RawMessage `json:"normalizer"`
	PreTokenizer json.RawMessage `json:"pre_tokenizer"`
	Decoder      json.RawMessage `json:"decoder"`
}

// fromTokenizer makes the alphabet of a tokenizer.json.
func fromTokenizer(data []byte, _ map[string]any) (*Alphabet, error) {
	var t tokenizerJSON
	if err := json.Unmarshal(data, &t); err != nil {
		return nil, fmt.Errorf("%w: this tokenizer.json cannot be read (%v)", ErrAlphabet, err)
	}
	v := Vocabulary{Kind: Pieces, Unknown: -1, Line: -1}
	var err error
	var scores []float64
	if v.Names, scores, err = t.names(); err != nil {
		return nil, err
	}
	v.Marks, v.Rules = t.marks(), t.rules(scores)
	if t.Model.Type == "WordLevel" {
		v.Kind = Words
	}
	for id, name := range v.Names {
		switch {
		case t.Model.UnkToken != nil && name == *t.Model.UnkToken, t.Model.UnkID != nil && int32(id) == *t.Model.UnkID:
			v.Unknown = int32(id)
		case name == "\n" && v.Kind == Words:
			v.Line = int32(id)
		}
	}
	for _, a := range t.Added {
		if a.Special && a.ID != v.Unknown {
			v.Special = append(v.Special, a.ID)
		}
	}
	return NewVocabulary(v)
}

// rules is how a text is cut.
func (t *tokenizerJSON) rules(scores []float64) *pieces.Rules {
	r := &pieces.Rules{Normalizer: compact(t.Normalizer), PreTokenizer: compact(t.PreTokenizer), Added: t.Added}
	m := &t.Model
	r.Model = pieces.Model{
		Type: m.Type, Merges: m.Merges, Scores: scores, FuseUnknown: m.FuseUnknown, ByteFallback: m.ByteFallback, IgnoreMerges: m.IgnoreMerges, Longest: m.Longest,
	}
	switch {
	case m.Type != "":
	case len(m.Merges) > 0: // older files have no type
		r.Model.Type = "BPE"
	case scores != nil:
		r.Model.Type = "Unigram"
	}
	for to, from := range map[*string]*string{&r.Model.Unknown: m.UnkToken, &r.Model.Continue: m.Continue, &r.Model.End: m.EndOfWord} {
		if from != nil {
			*to = *from
		}
	}
	if r.Model.Type == "Unigram" && m.UnkID != nil {
		var pairs [][]any
		if json.Unmarshal(m.Vocab, &pairs) == nil && int(*m.UnkID) < len(pairs) && *m.UnkID >= 0 {
			r.Model.Unknown, _ = pairs[*m.UnkID][0].(string)
		}
	}
	return r
}

// compact is JSON without spaces; nil of null.
func compact(raw json.RawMessage) json.RawMessage {
	var b bytes.Buffer
	if json.Compact(&b, raw) != nil || b.String() == "null" {
		return nil
	}
	return b.Bytes()
}

// names is the symbols by id, added ones included, and of unigrams their scores.
func (t *tokenizerJSON) names() (names []string, scores []float64, err error) {
	ids := map[string]float64{}
	var pairs [][]any // Unigram: [symbol, score]
	switch {
	case json.Unmarshal(t.Model.Vocab, &ids) == nil:
	case json.Unmarshal(t.Model.Vocab, &pairs) == nil:
		for i, p := range pairs {
			if len(p) != 2 {
				return nil, nil, fmt.Errorf("%w: symbol %d of this tokenizer.json is no pair of a string and a score", ErrAlphabet, i)
			}
			name, isName := p[0].(string)
			score, isScore := p[1].(float64)
			if !isName || !isScore {
				return nil, nil, fmt.Errorf("%w: symbol %d of this tokenizer.json is no pair of a string and a score", ErrAlphabet, i)
			}
			ids[name], scores = float64(i), append(scores, score)
		}
	default:
		return nil, nil, fmt.Errorf("%w: this tokenizer.json has no vocabulary that is known", ErrAlphabet)
	}
	for _, a := range t.Added {
		ids[a.Content] = float64(a.ID)
	}
	if len(ids) > MaxSymbols {
		return nil, nil, fmt.Errorf("%w: %d symbols, more than %d", ErrAlphabet, len(ids), MaxSymbols)
	}
	names, err = namesByID(ids)
	return names, scores, err
}

// marks reads how pieces note the words they are of.
func (t *tokenizerJSON) marks() Marks {
	both := string(t.Decoder) + string(t.PreTokenizer)
	switch {
	case strings.Contains(both, `"ByteLevel"`):
		return MarkByte
	case strings.Contains(both, `"Metaspace"`), t.Model.Type == "Unigram", strings.Contains(string(t.Decoder), string(MarkSpace)):
		return MarkSpace
	case t.Model.Type == "WordPiece", t.Model.Continue != nil && *t.Model.Continue == string(MarkContinue):
		return MarkContinue
	case t.Model.EndOfWord != nil && *t.Model.EndOfWord == string(MarkEnd):
		return MarkEnd
	}
	return NoMarks
}
