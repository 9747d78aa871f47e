package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
	"github.com/rnnscope/rnnscope/cmd/rnnscope/table"
	"github.com/rnnscope/rnnscope/evolve"
	"github.com/rnnscope/rnnscope/lab"
	"github.com/rnnscope/rnnscope/optim"
	"github.com/rnnscope/rnnscope/report/content"
	"github.com/rnnscope/rnnscope/run"
	"github.com/rnnscope/rnnscope/sample"
	"github.com/rnnscope/rnnscope/text"
	"github.com/rnnscope/rnnscope/train"
)

// saveInterval is how much work a kill can cost.
const saveInterval = time.Minute

func (c *trainCmd) Run(ctx context.Context, s *console.Session) error {
	r, err := c.create(ctx, s)
	if err != nil {
		return err
	}
	defer s.Close(r)
	return finishTraining(ctx, s, r, trainHow{From: -1, Workers: int(c.Workers), TensorBoard: c.TensorBoard})
}

// create reads the text and makes the run directory.
func (c *trainCmd) create(ctx context.Context, s *console.Session) (*run.Run, error) {
	cfg, err := c.possible()
	if err != nil {
		return nil, err
	}
	if err := console.MustNotExist(c.Out); err != nil {
		return nil, err // before a long read
	}
	corpus, err := c.corpus(ctx, s)
	if err != nil {
		return nil, err
	}
	before := len(corpus.Notes)
	corpus, split, err := c.split(corpus, cfg.Batch)
	if err != nil {
		return nil, err
	}
	for _, note := range corpus.Notes[before:] {
		s.Note.Printf("%s", note)
	}
	return newRun(s, c.Out, cfg, c.Snapshots, corpus, split)
}

// Any text: what holds for a long one with many symbols holds for every one.
const (
	anySymbols    = 100
	anyCharacters = 1 << 40
)

// possible is the settings, once all has been refused that no text could make possible: before a long
// read, and before a grid begins.
func (c *trainCmd) possible() (train.Config, error) {
	cfg, err := c.config()
	if err != nil {
		return cfg, err
	}
	if _, err := c.tokens(); err != nil {
		return cfg, err
	}
	if shares, _ := ofStreams(c.Split); len(shares) > 0 {
		first, second, err := parseShares(shares)
		if err != nil {
			return cfg, err
		}
		if _, err := text.TailSplit(anyCharacters, first, second); err != nil {
			return cfg, err
		}
	}
	chars := anyCharacters
	if cfg.Iterations == 0 && cfg.Batch > 0 && cfg.Seq > 0 && cfg.Batch <= math.MaxInt32/cfg.Seq {
		chars = cfg.Batch*cfg.Seq + 1 // the shortest text that can be trained on makes the fewest updates of so many epochs
	}
	if err := cfg.Validate(anySymbols, chars); err != nil {
		return cfg, err
	}
	if err := checkSampleSizes(cfg.Samples); err != nil {
		return cfg, err
	}
	if cfg.Iterations > 0 { // epochs are as long as the text
		return cfg, withinTraining(c.Snapshots, cfg.Iterations)
	}
	return cfg, nil
}

// tokens reads --tokens.
func (c *trainCmd) tokens() (text.Tokens, error) {
	tokens, err := text.ParseTokens(c.Tokens)
	if err != nil {
		return tokens, console.Misusef("--tokens: %w", err)
	}
	if tokens.Kind != "" && (c.Bytes || len(c.Split) > 0 && c.Split[0] == "streams") {
		return tokens, console.Misusef("--tokens %s goes with neither --bytes nor --split streams", c.Tokens)
	}
	return tokens, nil
}

// corpus reads the text in the symbols that --tokens asks for.
func (c *trainCmd) corpus(ctx context.Context, s *console.Session) (*text.Corpus, error) {
	tokens, err := c.tokens()
	if err != nil {
		return nil, err
	}
	if tokens.Kind == "" {
		return c.Read(ctx, s, c.Input)
	}
	if c.MinCount == 1 {
		return nil, console.Misusef("--min-count 1: of words, want at least 2, so that there are unknown ones to train on")
	}
	in, share := c.InputFlags, text.DefaultTrain
	in.MinCount = 0 // of words, not of characters
	if len(c.Split) > 0 {
		if share, _, err = parseShares(c.Split); err != nil {
			return nil, err
		}
	}
	corpus, err := in.Read(ctx, s, c.Input)
	if err != nil {
		return nil, err
	}
	before := len(corpus.Notes)
	out, err := tokens.In(corpus, share, c.MinCount)
	if err != nil {
		return nil, err
	}
	for _, note := range out.Notes[before:] {
		s.Note.Printf("%s", note)
	}
	s.Note.Printf("%s: %s %s, %s different", corpus.Name, table.Grouped(len(out.IDs)), tokens.Kind, table.Grouped(out.Alphabet.Size()))
	return out, nil
}

// newRun checks the settings against the text and only then makes the directory.
func newRun(s *console.Session, dir string, cfg train.Config, asked []int64, corpus *text.Corpus, split text.Split) (*run.Run, error) {
	data := train.Data{Alphabet: corpus.Alphabet, IDs: corpus.IDs, Split: split}
	t, err := train.New(cfg, data, train.Options{})
	if err != nil {
		return nil, err
	}
	cfg = t.Config()
	if err := withinTraining(asked, cfg.Iterations); err != nil {
		return nil, err
	}
	cfg.Snapshots = snapshotSteps(cfg.Iterations, asked)
	if err := checkSamples(corpus.Alphabet, cfg.Samples); err != nil {
		return nil, err
	}
	return run.Create(dir, run.Info{Command: s.Console.CommandLine(), Seed: cfg.Seed, Split: split, Config: &cfg}, corpus)
}

// withinTraining refuses snapshots that no training comes to.
func withinTraining(asked []int64, iterations int64) error {
	for _, step := range asked {
		if step < 0 || step > iterations {
			return console.Misusef("--snapshots %d: the training ends after step %d", step, iterations)
		}
	}
	return nil
}

// snapshotSteps is the schedule of docs/methods.md, section 7, or the steps asked for with those that are always kept.
func snapshotSteps(iterations int64, asked []int64) []int64 {
	if len(asked) == 0 {
		return evolve.Schedule(iterations)
	}
	return append([]int64{0, 100, 500, 2000}, asked...)
}

// checkSamples refuses settings with which no snapshot could draw its samples.
func checkSamples(a *text.Alphabet, c train.Samples) error {
	if err := checkSampleSizes(c); err != nil {
		return err
	}
	var foreign *text.SymbolError
	if _, err := a.Encode([]byte(c.Prompt), text.UnknownError); errors.As(err, &foreign) {
		return fmt.Errorf("--prompt: the text has no %q; choose another prompt for the samples", foreign.Rune)
	} else if err != nil {
		return fmt.Errorf("--prompt: %w", err)
	}
	return nil
}

func checkSampleSizes(c train.Samples) error {
	if c.Length < 1 || c.Length > train.LongestSample {
		return console.Misusef("--sample-length %d: want 1 to %d characters", c.Length, train.LongestSample)
	}
	if err := (sample.Options{N: c.Length, Temperature: c.Temperature}).Validate(); err != nil || c.Temperature == 0 {
		return console.Misusef("--temperature %v: want a number above 0", c.Temperature)
	}
	return nil
}

// trainOutcome is what train and resume answer.
type trainOutcome struct {
	Run            string    `json:"run"`
	Symbols        text.Kind `json:"symbols"` // what a symbol is: characters, bytes, words, pieces
	Step           int64     `json:"step"`
	Parameters     int       `json:"parameters"`
	Alphabet       int       `json:"alphabet"`
	ValidationNats float64   `json:"validation_nats"`
	ValidationBits float64   `json:"validation_bits_per_symbol"`
	TestNats       float64   `json:"test_nats"`
	TestBits       float64   `json:"test_bits_per_symbol"`
	BestNats       float64   `json:"best_validation_nats"`
	BestStep       int64     `json:"best_step"`
	Seconds        float64   `json:"seconds"`
}

// trainHow says how a run is trained, or trained on.
type trainHow struct {
	From        int64 // step of a snapshot to go on from, or -1 for the exact state
	Extend      train.Extend
	Workers     int
	TensorBoard string // directory for event files, or none
}

// finishTraining trains what is left of a run and says how it went.
func finishTraining(ctx context.Context, s *console.Session, r *run.Run, how trainHow) error {
	out, err := trainRun(ctx, s, r, how)
	if err != nil {
		return err
	}
	if s.JSON {
		return s.PrintJSON(out)
	}
	symbol := r.Info().Alphabet.Kind().One()
	_, err = fmt.Fprintf(s.Console.Stdout, `run         %s
step        %s
parameters  %s
validation  %.4f nats, %.4f bits per %s
test        %.4f nats, %.4f bits per %s
`, out.Run, table.Grouped(int(out.Step)), table.Grouped(out.Parameters), out.ValidationNats, out.ValidationBits, symbol, out.TestNats, out.TestBits, symbol)
	if err != nil {
		return err
	}
	s.Note.Printf("\nnext:  rnnscope sample %s\n       rnnscope dissect %s\n       rnnscope report %s", r.Dir(), r.Dir(), r.Dir())
	return nil
}

// trainRun trains with progress, records everything in the run and returns the outcome.
func trainRun(ctx context.Context, s *console.Session, r *run.Run, how trainHow) (*trainOutcome, error) {
	opt := train.Options{Workers: how.Workers, SaveInterval: saveInterval}
	start := func() (*train.Trainer, []string, error) { return r.Trainer(how.Extend, opt) }
	if how.From >= 0 {
		start = func() (*train.Trainer, []string, error) { return r.TrainerFrom(how.From, how.Extend, opt) }
	}
	t, notes, err := start()
	if err != nil {
		return nil, err
	}
	for _, n := range notes {
		s.Note.Warnf("%s", n)
	}
	cfg := t.Config()
	s.Note.Printf("%s", describe(cfg, r))
	if f := cfg.Optim.Schedule; f.Name == optim.Cosine && cfg.Iterations > int64(f.Steps) {
		s.Note.Printf("The learning rate has come down its curve by step %s, as planned at first; from there on it stays at its floor.", table.Grouped(f.Steps))
	}
	watch := newWatch(s, r, cfg)
	started := time.Now()
	listener, endBoard, err := onBoard(how.TensorBoard, watch.Listener(), func() string { return watch.Samples.Newest })
	if err != nil {
		return nil, err
	}
	err = t.Run(ctx, r.Listener(listener))
	watch.Done()
	if err = errors.Join(err, endBoard()); err != nil {
		return nil, explainStop(r, err)
	}
	if err := r.Flush(); err != nil {
		return nil, err
	}
	best, bestStep := t.Best()
	loss, err := lastValidation(r)
	if err != nil {
		return nil, err
	}
	test, err := testLoss(ctx, s, r, t)
	if err != nil {
		return nil, err
	}
	return &trainOutcome{
		Run: r.Dir(), Symbols: r.Info().Alphabet.Kind(), Step: t.Step(), Parameters: cfg.Model.Parameters(), Alphabet: cfg.Model.Vocab,
		ValidationNats: loss, ValidationBits: train.Bits(loss), BestNats: best, BestStep: bestStep,
		TestNats: test, TestBits: train.Bits(test), Seconds: time.Since(started).Seconds(),
	}, nil
}

// testLoss reads the test part once, when training is over, and keeps the loss in the run.
func testLoss(ctx context.Context, s *console.Session, r *run.Run, t *train.Trainer) (float64, error) {
	corpus, err := r.Corpus()
	if err != nil {
		return 0, err
	}
	e, err := train.NewEvaluator(t.Model(), corpus.IDs, r.Info().Split.Test, 0)
	if err != nil {
		return 0, err
	}
	bar := s.Note.Progress("test loss", "step", 0)
	defer bar.Done()
	loss, _, err := e.Loss(ctx, func(done, total int) { bar.Of(int64(done), int64(total)) })
	if err != nil {
		return 0, err
	}
	return loss, r.AddMetric(t.Step(), content.MetricTestLoss, loss)
}

// lastValidation is the loss of the newest validation, of this session or an earlier one.
func lastValidation(r *run.Run) (float64, error) {
	losses, err := r.Metrics(run.MetricValLoss)
	if err != nil || len(losses) == 0 {
		return math.NaN(), err
	}
	return losses[len(losses)-1].Value, nil
}

func explainStop(r *run.Run, err error) error {
	var stop *train.InterruptedError
	if errors.As(err, &stop) {
		return console.Reword(fmt.Sprintf("stopped and saved after step %s; go on with: rnnscope resume %s", table.Grouped(int(stop.Step)), console.ShellWord(r.Dir())), err)
	}
	if errors.Is(err, train.ErrDiverged) {
		return fmt.Errorf("%w; a lower --lr or a tighter --clip-at helps", err)
	}
	return err
}

// describe is the line printed before training starts.
func describe(cfg train.Config, r *run.Run) string {
	info := r.Info()
	m := cfg.Model
	return fmt.Sprintf("%s %dx%d, %s parameters, on %s (%s characters, %d symbols, %s)",
		m.Cell, m.Layers, m.Hidden, table.Grouped(m.Parameters()), info.Name, table.Grouped(info.Symbols), m.Vocab, info.Split.Name)
}

// newWatch follows a training: the progress bar, and the samples of its snapshots.
func newWatch(s *console.Session, r *run.Run, cfg train.Config) lab.Watcher {
	bar := s.Note.Progress("training", "char", cfg.Iterations*int64(cfg.Batch*cfg.Seq))
	samples := &lab.Sampler{Run: r, Config: cfg}
	smooth := 0.0 // training loss, over about 50 steps
	return lab.Watcher{
		Samples: samples,
		Step: func(e train.Step) error {
			const keep = 0.98
			if smooth == 0 {
				smooth = e.Loss
			}
			smooth = keep*smooth + (1-keep)*e.Loss
			bar.SetPace(e.Step*e.Chars, fmt.Sprintf("loss %.3f nats", smooth), e.Rate, e.Left)
			return nil
		},
		Drawn: func(e train.Snapshot) {
			if slices.Contains(shownSteps, e.Step) {
				s.Note.Printf("\n%s\n%s", snapshotHeading(e), quoted(samples.Newest))
			}
		},
		Done: bar.Done,
	}
}

// shownSteps are the snapshots whose sample is printed while training goes on.
var shownSteps = []int64{0, 10, 100, 500, 2000, 10_000, 50_000}

func snapshotHeading(e train.Snapshot) string {
	return fmt.Sprintf("after %s updates, validation %.3f nats (%.3f bits per %s), it writes:", table.Grouped(int(e.Step)), e.Loss, train.Bits(e.Loss), e.Checkpoint.Alphabet.Kind().One())
}

// shownLines and shownColumns bound a sample on the screen.
const (
	shownLines   = 6
	shownColumns = 76
)

// quoted indents the first lines of a sample, control characters made visible.
func quoted(said string) string {
	var b strings.Builder
	for i, line := range strings.Split(said, "\n") {
		if i == shownLines {
			break
		}
		fmt.Fprintf(&b, "  │ %s\n", table.Clip(line, shownColumns))
	}
	return strings.TrimRight(b.String(), "\n")
}
