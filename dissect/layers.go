package dissect

import (
	"strconv"
	"strings"
)

// siteSummaries counts by site what was learned there.
func siteSummaries(res *Result) []SiteSummary {
	out := []SiteSummary{}
	for s, info := range res.Sites {
		sum := SiteSummary{Site: info.Name, Layer: layerOf(info.Name), Units: info.Units, Learned: []string{}, Best: []string{}}
		distinct := map[int]bool{}
		for _, k := range res.Concepts {
			if len(k.Sites) <= s || k.Sites[s].Verdict != Learned {
				continue
			}
			sum.Learned = append(sum.Learned, k.Concept)
			distinct[k.Sites[s].Unit] = true
			if k.Best.Site == info.Name {
				sum.Best = append(sum.Best, k.Concept)
			}
		}
		sum.Distinct = len(distinct)
		out = append(out, sum)
	}
	return out
}

// layerOf is the layer in a site's name: 1 of "l1.h". Every site has one.
func layerOf(site string) int {
	head, _, _ := strings.Cut(strings.TrimPrefix(site, "l"), ".")
	n, err := strconv.Atoi(head)
	if err != nil {
		return 0
	}
	return n
}
