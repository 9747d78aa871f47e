package speed

import (
	"context"
	"runtime"

	"github.com/rnnscope/rnnscope/internal/f32"
)

// Options say what is measured.
type Options struct {
	Only    []string // configurations whose names begin so; none: all
	Seconds float64  // of one measurement
	Rounds  int      // measurements of each kind, taken in turns
}

// Result is a configuration's figures. Rates are characters a second.
type Result struct {
	Case
	Rate        float64 `json:"rate"`     // all cores, median
	RateOne     float64 `json:"rate_one"` // one goroutine, median; 0 where there is no choice
	Scaling     float64 `json:"scaling"`  // median of the rounds' ratios
	GFlops      float64 `json:"gflops"`
	Share       float64 `json:"share_of_peak"` // of all cores
	ShareOne    float64 `json:"share_of_peak_one"`
	Allocations float64 `json:"allocations_per_step"`
	Extra       float64 `json:"memory_beyond_need"` // share of the need; training only

	FarBytes  float64 `json:"far_bytes,omitempty"`        // one stream: what a character must read that the second-level caches cannot hold
	ReadRate  float64 `json:"read_gbytes,omitempty"`      // rate at which the same cores read as many bytes as the weights, 10^9 a second; median of the rounds
	ReadShare float64 `json:"share_of_reading,omitempty"` // far_bytes a character over that rate; median of the rounds' ratios
}

type Report struct {
	Version string   `json:"version"`
	Go      string   `json:"go"`
	Kernels string   `json:"kernels"`
	Cores   int      `json:"cores"`
	Peak    float64  `json:"peak_gflops"`
	PeakOne float64  `json:"peak_gflops_one"`
	Cases   []Result `json:"cases"`
}

// Measure times the configurations in turns on all cores and on one, beside the peak of the same cores. tell may be nil: it hears
// of every configuration before it begins. Errors match ErrUnknown or are ctx's.
func Measure(ctx context.Context, opt Options, tell func(name string)) (*Report, error) {
	cases, err := chosenCases(opt.Only)
	if err != nil {
		return nil, err
	}
	r := &Report{Go: runtime.Version(), Kernels: f32.Path(), Cores: runtime.GOMAXPROCS(0)}
	for _, bc := range cases {
		if tell != nil {
			tell(bc.Name)
		}
		res, err := opt.measure(ctx, bc, r)
		if err != nil {
			return nil, err
		}
		r.Cases = append(r.Cases, res)
	}
	for i := range r.Cases {
		x := &r.Cases[i]
		x.GFlops = x.Rate * x.flops() / 1e9
		x.Share = x.GFlops / r.Peak
		x.ShareOne = x.RateOne * x.flops() / 1e9 / r.PeakOne
	}
	return r, nil
}

// measure runs one case on all cores and on one in turns, and the peak between them.
func (opt Options) measure(ctx context.Context, bc Case, r *Report) (Result, error) {
	res := Result{Case: bc}
	var jobs []*job
	for i, workers := range []int{r.Cores, 1} {
		if i > 0 && (bc.Kind == KindSample || r.Cores == 1) {
			break
		}
		j, err := newJob(bc, workers)
		if err != nil {
			return res, err
		}
		jobs = append(jobs, j)
	}
	var read *reader
	if bc.Kind == KindSample {
		if res.FarBytes = bc.farBytes(r.Cores); res.FarBytes > 0 {
			read = newReader(bc.weightBytes(), r.Cores)
		}
	}
	rates := make([][]float64, len(jobs))
	var ratios, read1e9, reading []float64
	for round := range opt.Rounds + 1 {
		r.Peak = max(r.Peak, peak(r.Cores, seconds(.05))/1e9)
		r.PeakOne = max(r.PeakOne, peak(1, seconds(.05))/1e9)
		for i, j := range jobs {
			took := opt.Seconds
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
		if read != nil {
			rate := read.rate(seconds(opt.Seconds / 4))
			if round > 0 {
				read1e9 = append(read1e9, rate/1e9)
				reading = append(reading, rates[0][round-1]*res.FarBytes/rate)
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
	if bc.Kind == KindSample {
		res.ReadRate, res.ReadShare = median(read1e9), median(reading)
		return res, nil
	}
	res.Allocations = jobs[0].allocations(5)
	if bc.Kind == KindTrain {
		took, need, err := memory(bc, r.Cores)
		if err != nil {
			return res, err
		}
		res.Extra = took/need - 1
	}
	return res, nil
}
