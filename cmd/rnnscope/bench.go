package main

import (
	"context"
	"fmt"
	"runtime"
	"strings"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/table"
	"github.com/rnnscope/rnnscope/internal/f32"
)

type benchCmd struct {
	Only    []string `name:"case" placeholder:"NAME" help:"Only configurations whose names begin so; may be repeated."`
	Seconds float64  `default:"0.5" help:"Time for one measurement; whole steps, at least one."`
	Rounds  int      `default:"5" help:"Measurements of each kind, taken in turns; the median counts."`
	Worker  bool     `hidden:"" help:"Answer orders on standard input, one JSON object a line."`
}

func (benchCmd) Help() string {
	return `Times whole training steps (forward, loss, backward, clip by norm, Adam), a forward that keeps every hidden state, and
sampling, for the configurations of BENCHMARKS.md. Products counts the matrix products alone, input gather left out, and is
compared with the fused multiply-add peak of the same cores measured between the rounds.
To hold it against PyTorch, see bench/run.py.

Examples:

  rnnscope bench
  rnnscope bench --case lstm --seconds 0.2 --rounds 3
  rnnscope bench --json > bench.json`
}

// Validate is called by kong.
func (c *benchCmd) Validate() error {
	if !(c.Seconds > 0) || c.Rounds < 1 {
		return misused("--seconds and --rounds must be positive")
	}
	return nil
}

// benchResult is a configuration's figures. Rates are characters a second.
type benchResult struct {
	benchCase
	Rate        float64 `json:"rate"`     // all cores, median
	RateOne     float64 `json:"rate_one"` // one goroutine, median; 0 where there is no choice
	Scaling     float64 `json:"scaling"`  // median of the rounds' ratios
	GFlops      float64 `json:"gflops"`
	Share       float64 `json:"share_of_peak"` // of all cores
	ShareOne    float64 `json:"share_of_peak_one"`
	Allocations float64 `json:"allocations_per_step"`
	Extra       float64 `json:"memory_beyond_need"` // share of the need; training only
}

type benchReport struct {
	Version string        `json:"version"`
	Go      string        `json:"go"`
	Kernels string        `json:"kernels"`
	Cores   int           `json:"cores"`
	Peak    float64       `json:"peak_gflops"`
	PeakOne float64       `json:"peak_gflops_one"`
	Cases   []benchResult `json:"cases"`
}

func (c *benchCmd) Run(ctx context.Context, s *session) error {
	if c.Worker {
		return (&benchServer{s: s}).serve(ctx, s.main.Stdin, s.main.data)
	}
	cases, err := chosenCases(c.Only)
	if err != nil {
		return err
	}
	r := &benchReport{Version: programVersion(), Go: runtime.Version(), Kernels: f32.Path(), Cores: runtime.GOMAXPROCS(0)}
	for _, bc := range cases {
		s.note.Printf("%s ...", bc.Name)
		res, err := c.measure(ctx, s, bc, r)
		if err != nil {
			return err
		}
		r.Cases = append(r.Cases, res)
	}
	for i := range r.Cases {
		x := &r.Cases[i]
		x.GFlops = x.Rate * x.flops() / 1e9
		x.Share = x.GFlops / r.Peak
		x.ShareOne = x.RateOne * x.flops() / 1e9 / r.PeakOne
	}
	if s.json {
		return s.printJSON(r)
	}
	return r.print(s)
}

// measure runs one case on all cores and on one in turns, and the peak between them.
func (c *benchCmd) measure(ctx context.Context, s *session, bc benchCase, r *benchReport) (benchResult, error) {
	res := benchResult{benchCase: bc}
	var jobs []*benchJob
	for _, workers := range []int{r.Cores, 1} {
		if workers == 1 && (bc.Kind == benchSample || r.Cores == 1) {
			break
		}
		j, err := newBenchJob(bc, workers)
		if err != nil {
			return res, err
		}
		jobs = append(jobs, j)
	}
	rates := make([][]float64, len(jobs))
	var ratios []float64
	for round := range c.Rounds + 1 {
		r.Peak = max(r.Peak, benchPeak(r.Cores, seconds(.05))/1e9)
		r.PeakOne = max(r.PeakOne, benchPeak(1, seconds(.05))/1e9)
		for i, j := range jobs {
			took := c.Seconds
			if round == 0 {
				took = 0 // warms up: one step
			}
			chars, sec, err := j.run(ctx, seconds(took))
			if err != nil {
				return res, err
			}
			if round > 0 {
				rates[i] = append(rates[i], float64(chars)/sec)
			}
		}
		if round > 0 && len(jobs) == 2 {
			ratios = append(ratios, rates[0][round-1]/rates[1][round-1])
		}
	}
	res.Rate = median(rates[0])
	if len(jobs) == 2 {
		res.RateOne, res.Scaling = median(rates[1]), median(ratios)
	}
	if bc.Kind == benchSample {
		return res, nil
	}
	res.Allocations = jobs[0].allocations(5)
	if bc.Kind == benchTrain {
		took, need, err := benchMemory(bc, r.Cores)
		if err != nil {
			return res, err
		}
		res.Extra = took/need - 1
	}
	return res, nil
}

func (r *benchReport) print(s *session) error {
	rows := [][]string{{"configuration", "char/s", "GFLOP/s", "of peak", "one core", "of peak", "ratio", "allocations", "memory"}}
	for _, c := range r.Cases {
		row := []string{c.Name, table.Grouped(int(c.Rate)), table.Fixed(c.GFlops, 1), percent(c.Share), "", "", "", "", ""}
		if c.RateOne > 0 {
			row[4], row[5], row[6] = table.Grouped(int(c.RateOne)), percent(c.ShareOne), table.Fixed(c.Scaling, 2)
		}
		if c.Kind != benchSample {
			row[7] = table.Fixed(c.Allocations, 0)
		}
		if c.Kind == benchTrain {
			row[8] = fmt.Sprintf("%+.0f %%", 100*c.Extra)
		}
		rows = append(rows, row)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "rnnscope %s, %s, %s kernels, %d cores; FMA peak %.0f GFLOP/s, one core %.0f\n\n", r.Version, r.Go, r.Kernels, r.Cores, r.Peak, r.PeakOne)
	b.WriteString(table.Aligned(rows, 1))
	b.WriteString("\nmemory: beyond weights, two moments and the activations of backpropagation; allocations: of one step\n")
	_, err := fmt.Fprint(s.main.Stdout, b.String())
	return err
}

func percent(share float64) string { return fmt.Sprintf("%.0f %%", 100*share) }
