package finding

import (
	"embed"
	"encoding/json"
	"fmt"
)

//go:embed lang/en.json lang/zh.json
var lang embed.FS

// Words are what readers of one language see of metrics, verdicts, kinds, controls and gaps.
type Words map[string]string

// LoadWords gives the words of a language, English where there are none of it.
func LoadWords(language string) Words {
	b, err := lang.ReadFile("lang/" + language + ".json")
	if err != nil {
		if b, err = lang.ReadFile("lang/en.json"); err != nil {
			panic(err) // embedded
		}
	}
	var w Words
	if err := json.Unmarshal(b, &w); err != nil {
		panic(fmt.Sprintf("lang/%s.json: %v", language, err))
	}
	return w
}

// Metric is the sentence that says what a metric is.
func (w Words) Metric(name string) string { return w["metric."+name] }

// Verdict is a verdict in words.
func (w Words) Verdict(v Verdict) string { return w["verdict."+string(v)] }

// Control is what a verdict was held against, in words.
func (w Words) Control(c Control) string { return w["control."+string(c)] }

// Gap is what is not known of a subject, in words.
func (w Words) Gap(g Gap) string { return w["gap."+string(g)] }

// Kind is a metric's kind in words; a kind without words of its own is its name.
func (w Words) Kind(metric, kind string) string {
	if said, ok := w["kind."+metric+"."+kind]; ok {
		return said
	}
	return kind
}
