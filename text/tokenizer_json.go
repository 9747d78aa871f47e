package text

import (
	"encoding/json"
	"fmt"
	"strings"
)

// tokenizerJSON is what we read of a tokenizer.json of Hugging Face's tokenizers: the
// symbols and how they are written. How a text is cut (normalisers, merges) is not
// read: but for words between white space a text must come cut.
type tokenizerJSON struct {
	Model struct {
		Type      string          `json:"type"`
		Vocab     json.RawMessage `json:"vocab"`
		UnkToken  *string         `json:"unk_token"`
		UnkID     *int32          `json:"unk_id"`
		EndOfWord *string         `json:"end_of_word_suffix"`
		Continue  *string         `json:"continuing_subword_prefix"`
	} `json:"model"`
	Added []struct {
		ID      int    `json:"id"`
		Content string `json:"content"`
		Special bool   `json:"special"`
	} `json:"added_tokens"`
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
	if v.Names, err = t.names(); err != nil {
		return nil, err
	}
	v.Marks = t.marks()
	if t.Model.Type == "WordLevel" {
		v.Kind, v.Cut = Words, !strings.Contains(string(t.PreTokenizer), `"WhitespaceSplit"`)
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
		if a.Special && int32(a.ID) != v.Unknown {
			v.Special = append(v.Special, int32(a.ID))
		}
	}
	return NewVocabulary(v)
}

// names is the symbols by id, added ones included.
func (t *tokenizerJSON) names() ([]string, error) {
	ids := map[string]float64{}
	var pairs [][]any // Unigram: [symbol, score]
	switch {
	case json.Unmarshal(t.Model.Vocab, &ids) == nil:
	case json.Unmarshal(t.Model.Vocab, &pairs) == nil:
		for i, p := range pairs {
			name, ok := "", len(p) > 0
			if ok {
				name, ok = p[0].(string)
			}
			if !ok {
				return nil, fmt.Errorf("%w: symbol %d of this tokenizer.json is no string", ErrAlphabet, i)
			}
			ids[name] = float64(i)
		}
	default:
		return nil, fmt.Errorf("%w: this tokenizer.json has no vocabulary that is known", ErrAlphabet)
	}
	for _, a := range t.Added {
		ids[a.Content] = float64(a.ID)
	}
	if len(ids) > MaxSymbols {
		return nil, fmt.Errorf("%w: %d symbols, more than %d", ErrAlphabet, len(ids), MaxSymbols)
	}
	return namesByID(ids)
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
