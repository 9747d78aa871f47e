package inspect

import (
	"context"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
	"github.com/rnnscope/rnnscope/cmd/rnnscope/table"
	"github.com/rnnscope/rnnscope/explain"
	"github.com/rnnscope/rnnscope/lab"
	"github.com/rnnscope/rnnscope/specimen"
)

// planted explains units of known rule and says how often the rule was found.
func (c *ExplainCmd) planted(ctx context.Context, s *console.Session) error {
	bar := s.Note.Progress("planting", "network", int64(c.Seeds))
	defer bar.Done()
	all, err := lab.Planted(ctx, c.Seeds, int(c.Workers), func(done, _ int64) { bar.Set(done, "") })
	if err != nil {
		return err
	}
	if s.JSON {
		return s.PrintJSON(all)
	}
	return table.Planted(s.Console.Stdout, all)
}

// untrained says how often untrained networks pass for ones that remember.
func (c *ExplainCmd) untrained(ctx context.Context, s *console.Session, sp *specimen.Specimen, opt explain.Options) error {
	bar := newStages(s.Note)
	defer bar.done()
	all, err := explain.Calibrate(ctx, sp, opt, c.Seeds, bar.tell)
	if err != nil {
		return err
	}
	if s.JSON {
		return s.PrintJSON(all)
	}
	return table.UntrainedPass(s.Console.Stdout, all)
}

// directions says whether other directions of the top layer's h are easier to explain than its units.
func (c *ExplainCmd) directions(ctx context.Context, s *console.Session, sp *specimen.Specimen, opt explain.Options) error {
	bar := newStages(s.Note)
	defer bar.done()
	r, err := explain.ExplainDirections(ctx, sp, opt, explain.DirectionOptions{Seeds: c.Seeds, Times: c.Times}, bar.tell)
	if err != nil {
		return err
	}
	if s.JSON {
		return s.PrintJSON(r)
	}
	return table.Directions(s.Console.Stdout, r)
}
