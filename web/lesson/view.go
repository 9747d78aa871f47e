package lesson

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
)

// View is a view of a run with its parameters: what stands behind # in the address of the page.
type View struct {
	Run    string
	Name   string
	Params map[string]string
}

// Names are the views that can be copied.
var Names = []string{"reader", "unit", "turn", "match", "why", "evolution", "beside", "atlas", "map", "heatmap", "memory", "report", "notes"}

// Parse reads a view: RUN/VIEW?parameters, with or without what stands before it in the address. Errors match ErrInput.
func Parse(s string) (View, error) {
	if _, after, found := strings.Cut(s, "#"); found {
		s = after
	}
	where, query, _ := strings.Cut(strings.TrimLeft(s, "/"), "?")
	v := View{Name: "reader", Params: map[string]string{}}
	parts := strings.Split(where, "/")
	for i, to := range []*string{&v.Run, &v.Name} {
		if i >= len(parts) {
			break
		}
		said, err := url.PathUnescape(parts[i])
		if err != nil {
			return v, fmt.Errorf("%w: %q: %w", ErrInput, s, err)
		}
		*to = said
	}
	if v.Run == "" || len(parts) > 2 || !slices.Contains(Names, v.Name) {
		return v, fmt.Errorf("%w: %q; write RUN/VIEW?parameters as in the page's address, with a view of %s", ErrInput, s, strings.Join(Names, ", "))
	}
	q, err := url.ParseQuery(query)
	if err != nil {
		return v, fmt.Errorf("%w: %q: %w", ErrInput, s, err)
	}
	for k := range q {
		v.Params[k] = q.Get(k)
	}
	return v, nil
}

// String is the part behind #/ of the page's address.
func (v View) String() string {
	names := make([]string, 0, len(v.Params))
	for k := range v.Params {
		names = append(names, k)
	}
	sort.Strings(names)
	s := url.PathEscape(v.Run) + "/" + v.Name
	for i, k := range names {
		sep := "&"
		if i == 0 {
			sep = "?"
		}
		s += sep + k + "=" + url.QueryEscape(v.Params[k])
	}
	return s
}

// number is a parameter, or otherwise.
func (v View) number(name string, otherwise int) int {
	if n, err := strconv.Atoi(v.Params[name]); err == nil {
		return n
	}
	return otherwise
}

func (v View) float(name string, otherwise float64) float64 {
	if x, err := strconv.ParseFloat(v.Params[name], 64); err == nil {
		return x
	}
	return otherwise
}

func (v View) word(name, otherwise string) string {
	if s := v.Params[name]; s != "" {
		return s
	}
	return otherwise
}

// span is the selection [lo,hi) that the parameter span names.
func (v View) span() (lo, hi int, ok bool) {
	a, z, found := strings.Cut(v.Params["span"], ":")
	lo, errA := strconv.Atoi(a)
	hi, errZ := strconv.Atoi(z)
	return lo, hi, found && errA == nil && errZ == nil && lo >= 0 && hi > lo
}

var unitName = regexp.MustCompile(`^(l\d+\.[a-z.]+)\[(\d+)\]$`)

// unit is the unit that a parameter names, if the run has it.
func (v View) unit(name string, sites []siteInfo, otherwise string) (site string, unit int) {
	m := unitName.FindStringSubmatch(v.Params[name])
	if m == nil {
		return otherwise, 0
	}
	n, err := strconv.Atoi(m[2])
	if err != nil || !slices.ContainsFunc(sites, func(s siteInfo) bool { return s.Name == m[1] && n < s.Units }) {
		return otherwise, 0
	}
	return m[1], n
}
