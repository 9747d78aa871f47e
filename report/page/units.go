package page

import "html/template"

// AtlasTable lists every unit beside every concept it was scored for, to be sorted and filtered.
type AtlasTable struct {
	Head   []AtlasHead
	Rows   []AtlasRow
	Search string // the label of the field to type into
	Any    string // "all", the first choice of every filter
	Count  string // "%1 of %2 rows", filled in by the script
	Choose []AtlasChoice
}

// AtlasHead is a column; Key is the attribute its rows are sorted by.
type AtlasHead struct{ Name, Key string }

// AtlasChoice is one filter: rows whose attribute is the chosen value stay.
type AtlasChoice struct {
	Name, Key string
	Options   []PageLink // value and word
}

type AtlasRow struct {
	Link, Unit, Concept    string
	Layer, Class, Causal   string // what filters go by
	Verdict, CausalWord    string
	AUROC, Held, Within, D string
	Keys                   [7]string // by column: what it is sorted by
}

// UnitPage is the page of one unit. All pages lie in the one file; the browser shows the one its address names.
type UnitPage struct {
	ID, Name, Where        string
	Prev, Next, Back       PageLink
	Says                   []string
	Legend                 ScaleLegend
	Texts                  []UnitText
	TextTitle, PlacesTitle string
	PeakText               string
	Peaks                  []PeakRow
	Bands                  []BandRow
	BandText               string
	Concepts               []UnitConcept
	OtherTitle             string
	Others                 *Table // concepts for which it was not chosen, but intervened on
	Use                    *UnitUse
	DoseTitle, DoseWords   string
	KindTitle, KindWords   string
	Small                  string
}

type PageLink struct{ ID, Name string }

// BandRow is one place drawn at random from a band of the unit's range.
type BandRow struct {
	Band string
	PeakRow
	On bool
}

// UnitConcept is what the unit has to do with one concept.
type UnitConcept struct {
	Title, Verdict, Class, Sentence string
	Split                           template.HTML
	SplitWords                      string
	Scores                          []ScoreRow
	CurveTitle, CurveWords          string
	Curves                          []SmallPlot
	Causal                          *CausalRow
}

// SmallPlot is a curve with its interval, small enough to stand beside others.
type SmallPlot struct {
	Title, Note string
	Plot        template.HTML
}

// ScoreRow is one figure of a unit for a concept, with a picture where it is an AUROC.
type ScoreRow struct {
	Name, Value, Hint string
	Forest            template.HTML
}

// CausalRow is what interventions say of a unit and a concept.
type CausalRow struct {
	Verdict, Class, Sentence string
	Effects                  []Fact // D by mode
}

// UnitUse is what becomes of the network without the unit, or with it turned.
type UnitUse struct {
	Kinds   *Table
	Doses   []SmallPlot
	Samples []*Table
}

// AddSamples keeps one table for equal texts: several concepts may have turned the unit alike.
func (u *UnitUse) AddSamples(t *Table) {
	if t == nil {
		return
	}
	for _, o := range u.Samples {
		if len(o.Rows) == len(t.Rows) && o.Rows[len(o.Rows)-1][1] == t.Rows[len(t.Rows)-1][1] {
			return
		}
	}
	u.Samples = append(u.Samples, t)
}
