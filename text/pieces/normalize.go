package pieces

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// normalizer changes a text before it is cut.
type normalizer func(string) string

func newNormalizer(raw json.RawMessage) (normalizer, error) {
	kind, err := kindOf(raw)
	if err != nil {
		return nil, err
	}
	var o struct {
		Prepend      string  `json:"prepend"`
		Pattern      pattern `json:"pattern"`
		Content      string  `json:"content"`
		Left         bool    `json:"strip_left"`
		Right        bool    `json:"strip_right"`
		Clean        bool    `json:"clean_text"`
		Chinese      bool    `json:"handle_chinese_chars"`
		StripAccents *bool   `json:"strip_accents"`
		Lower        bool    `json:"lowercase"`
	}
	if kind != "" {
		if err := json.Unmarshal(raw, &o); err != nil {
			return nil, fmt.Errorf("%w: the normalizer %s: %v", ErrRules, kind, err)
		}
	}
	switch kind {
	case "":
		return func(s string) string { return s }, nil
	case "Sequence":
		return normalizers(raw)
	case "NFC":
		return norm.NFC.String, nil
	case "NFD":
		return norm.NFD.String, nil
	case "NFKC":
		return norm.NFKC.String, nil
	case "NFKD":
		return norm.NFKD.String, nil
	case "Lowercase":
		return strings.ToLower, nil
	case "StripAccents":
		return withoutMarks, nil
	case "Strip":
		return func(s string) string {
			if o.Left {
				s = strings.TrimLeftFunc(s, unicode.IsSpace)
			}
			if o.Right {
				s = strings.TrimRightFunc(s, unicode.IsSpace)
			}
			return s
		}, nil
	case "Prepend":
		return func(s string) string {
			if s == "" {
				return s
			}
			return o.Prepend + s
		}, nil
	case "Replace":
		if o.Pattern.String != nil && *o.Pattern.String != "" {
			return strings.NewReplacer(*o.Pattern.String, o.Content).Replace, nil
		}
	case "BertNormalizer":
		accents := o.Lower
		if o.StripAccents != nil {
			accents = *o.StripAccents
		}
		return bert(o.Clean, o.Chinese, accents, o.Lower), nil
	}
	return nil, fmt.Errorf("%w: the normalizer %s", ErrRules, kind)
}

func normalizers(raw json.RawMessage) (normalizer, error) {
	list, err := sequence(raw, "normalizers")
	if err != nil {
		return nil, err
	}
	var all []normalizer
	for _, r := range list {
		n, err := newNormalizer(r)
		if err != nil {
			return nil, err
		}
		all = append(all, n)
	}
	return func(s string) string {
		for _, n := range all {
			s = n(s)
		}
		return s
	}, nil
}

// withoutMarks drops combining marks.
func withoutMarks(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, s)
}

// bert is BERT's normaliser.
func bert(clean, chinese, accents, lower bool) normalizer {
	return func(s string) string {
		var b strings.Builder
		for _, r := range s {
			switch {
			case clean && (r == 0 || r == 0xFFFD || isControl(r)):
			case clean && unicode.IsSpace(r):
				b.WriteByte(' ')
			case chinese && isChinese(r):
				b.WriteByte(' ')
				b.WriteRune(r)
				b.WriteByte(' ')
			default:
				b.WriteRune(r)
			}
		}
		s = b.String()
		if accents {
			s = withoutMarks(norm.NFD.String(s))
		}
		if lower {
			s = strings.ToLower(s)
		}
		return s
	}
}

// isControl is Unicode's Other but for what counts as white space.
func isControl(r rune) bool {
	return r != '\t' && r != '\n' && r != '\r' && unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co)
}

// isChinese is the blocks that BERT sets apart.
func isChinese(r rune) bool {
	return r >= 0x4E00 && r <= 0x9FFF || r >= 0x3400 && r <= 0x4DBF || r >= 0x20000 && r <= 0x2A6DF || r >= 0x2A700 && r <= 0x2B73F ||
		r >= 0x2B740 && r <= 0x2B81F || r >= 0x2B920 && r <= 0x2CEAF || r >= 0xF900 && r <= 0xFAFF || r >= 0x2F800 && r <= 0x2FA1F
}
