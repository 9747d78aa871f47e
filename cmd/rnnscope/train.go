package main

import (
	"strconv"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
	"github.com/rnnscope/rnnscope/optim"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/text"
	"github.com/rnnscope/rnnscope/train"
)

type trainCmd struct {
	Input []string `arg:"" help:"Files, folders, globs, - (standard input) or synth:NAME."`
	Out   string   `short:"o" required:"" placeholder:"DIR" help:"Directory of the run; it must not exist."`
	console.InputFlags
	Tokens string `placeholder:"KIND" help:"Symbols: characters (the default), words or words:N (words and marks, the N most frequent of the training part, default 10,000; --min-count at least 2), or bpe:N (N pieces by byte pair encoding, learned from the training part)."`
	trainFlags
}

// trainFlags override a preset; what is not given leaves the preset's.
type trainFlags struct {
	Preset       string   `enum:"${presets}" default:"demo" group:"Network and training" help:"Settings to start from: ${enum}."`
	Cell         string   `enum:",elman,lstm,gru" default:"" placeholder:"CELL" group:"Network and training" help:"elman, lstm or gru."`
	Nonlinearity string   `enum:",tanh,relu" default:"" placeholder:"F" group:"Network and training" help:"Of the Elman cell: tanh or relu."`
	Hidden       *int     `placeholder:"H" group:"Network and training" help:"Units in a layer."`
	Layers       *int     `placeholder:"L" group:"Network and training" help:"Layers."`
	Embed        *int     `placeholder:"N" group:"Network and training" help:"Width of an input embedding; 0 is one-hot input."`
	Dropout      *float64 `placeholder:"P" group:"Network and training" help:"Dropout between layers."`
	Counter      *bool    `group:"Network and training" help:"Give the readout one explicit counter neuron, whose count is carried over time."`
	Batch        *int     `placeholder:"B" group:"Network and training" help:"Parallel streams."`
	Seq          *int     `placeholder:"T" group:"Network and training" help:"Steps of truncated backpropagation through time."`
	Iterations   *int64   `placeholder:"N" xor:"length" group:"Network and training" help:"Updates of the weights."`
	Epochs       *float64 `placeholder:"X" xor:"length" group:"Network and training" help:"Passes over the training part, instead of --iterations."`
	Optimizer    string   `enum:",adam,rmsprop,sgd" default:"" placeholder:"NAME" group:"Network and training" help:"adam, rmsprop or sgd."`
	LR           *float64 `name:"lr" placeholder:"X" group:"Network and training" help:"Learning rate."`
	Momentum     *float64 `placeholder:"X" group:"Network and training" help:"Momentum of sgd and rmsprop."`
	Schedule     string   `enum:",constant,step,step-epochs,cosine" default:"" placeholder:"NAME" group:"Network and training" help:"Of the learning rate: constant, step, step-epochs or cosine."`
	LRFactor     *float64 `name:"lr-factor" placeholder:"X" group:"Network and training" help:"step schedules: the rate is multiplied by this at each decay."`
	LRAfter      *int     `name:"lr-after" placeholder:"N" group:"Network and training" help:"step schedules: no decay before this step or epoch."`
	LREvery      *int     `name:"lr-every" placeholder:"N" group:"Network and training" help:"step schedules: steps or epochs between decays."`
	Clip         string   `enum:",none,norm,value" default:"" placeholder:"HOW" group:"Network and training" help:"Clip gradients: none, norm or value."`
	ClipAt       *float64 `placeholder:"X" group:"Network and training" help:"Where gradients are clipped."`
	Seed         uint64   `placeholder:"N" default:"1" group:"Network and training" help:"Same seed, same text, same settings: same bits."`

	OrderSeed uint64 `placeholder:"N" default:"0" group:"Network and training" help:"Of the text's order, apart from the weights': the training part is read from a place drawn with it, round and round; 0: from its start."`

	ValidateEvery *int64        `placeholder:"N" group:"What is kept" help:"Steps between validations; they also happen at every snapshot."`
	SaveEvery     *int64        `placeholder:"N" group:"What is kept" help:"Steps between saves, beside one every minute."`
	Snapshots     []int64       `placeholder:"STEP,..." group:"What is kept" help:"Steps at which weights, samples and skills are kept; 0, 100, 500 and 2000 always are. Default: a schedule even in log steps."`
	KeepStates    bool          `group:"What is kept" help:"Keep the whole state (moments, hidden state, place in the text) of every snapshot, not its weights alone: verify --from begins there. It takes about three times the space again."`
	Prompt        *string       `placeholder:"TEXT" group:"What is kept" help:"What the samples of snapshots start from; \\n is a newline."`
	SampleLength  *int          `placeholder:"N" group:"What is kept" help:"Characters of a snapshot's sample."`
	Temperature   *float64      `placeholder:"X" group:"What is kept" help:"Temperature of a snapshot's samples."`
	Workers       console.Cores `placeholder:"N" group:"What is kept" help:"Cores to use (default: all); no result depends on it."`
	TensorBoard   string        `name:"tensorboard" placeholder:"DIR" group:"What is kept" help:"Write losses and samples to event files in DIR as well, for TensorBoard."`
	Split         []string      `placeholder:"TRAIN,VALIDATION" group:"What is kept" help:"Shares of the text for training and validation, in percent; the rest, its tail, is test (default 80,10). With streams before them, as in streams,80,10, each stream of the batch is split so, as in the paper of 2015."`
}

func (trainCmd) Help() string {
	return `Examples:

  rnnscope train novel.txt --out novel-run
  rnnscope train synth:wiki --out wiki-run --cell gru --hidden 256 --iterations 5000
  cat src/*.c | rnnscope train - --out code-run --layers 2
  rnnscope train shakespeare.txt --out run --preset char-rnn --epochs 10
  rnnscope train novel.txt --out pieces-run --tokens bpe:1000 --embed 64

Ctrl-C saves and stops; "rnnscope resume DIR" goes on exactly there.`
}

// config is the preset with the flags that were given.
func (f *trainFlags) config() (train.Config, error) {
	c, err := train.Preset(f.Preset)
	if err != nil {
		return c, err
	}
	override((*string)(&c.Model.Cell), f.Cell)
	override(&c.Model.Nonlinearity, f.Nonlinearity)
	if c.Model.Cell != rnn.Elman && f.Nonlinearity == "" {
		c.Model.Nonlinearity = ""
	}
	assign(&c.Model.Hidden, f.Hidden)
	assign(&c.Model.Layers, f.Layers)
	assign(&c.Model.Embed, f.Embed)
	assign(&c.Model.Dropout, f.Dropout)
	if f.Dropout != nil && *f.Dropout > 0 && c.Model.Layers == 1 {
		return c, console.Misusef("--dropout lies between layers, and there is one: give --layers 2, or leave it out")
	}
	assign(&c.Model.Counter, f.Counter)
	assign(&c.Batch, f.Batch)
	assign(&c.Seq, f.Seq)
	f.length(&c)
	f.optimizer(&c.Optim)
	c.Seed, c.OrderSeed, c.KeepStates = f.Seed, f.OrderSeed, f.KeepStates
	assign(&c.ValidateEvery, f.ValidateEvery)
	assign(&c.SaveEvery, f.SaveEvery)
	assign(&c.Samples.Length, f.SampleLength)
	assign(&c.Samples.Temperature, f.Temperature)
	if f.Prompt != nil {
		c.Samples.Prompt = console.Unescape(*f.Prompt)
	}
	return c, nil
}

// length lets --iterations and --epochs replace each other.
func (f *trainFlags) length(c *train.Config) {
	if f.Epochs != nil {
		c.Epochs, c.Iterations = *f.Epochs, 0
	}
	if f.Iterations != nil {
		c.Iterations, c.Epochs = *f.Iterations, 0
	}
}

func (f *trainFlags) optimizer(o *optim.Config) {
	if f.Optimizer != "" && f.Optimizer != o.Name {
		*o = optim.Config{Name: f.Optimizer, LR: o.LR, Clip: o.Clip, ClipAt: o.ClipAt, Schedule: o.Schedule}
	}
	assign(&o.LR, f.LR)
	assign(&o.Momentum, f.Momentum)
	override(&o.Clip, f.Clip)
	assign(&o.ClipAt, f.ClipAt)
	if f.Schedule != "" && f.Schedule != o.Schedule.Name {
		o.Schedule = optim.Schedule{Name: f.Schedule}
	}
	assign(&o.Schedule.Factor, f.LRFactor)
	assign(&o.Schedule.After, f.LRAfter)
	assign(&o.Schedule.Every, f.LREvery)
}

// split cuts the text: by its tail, or each stream of the batch by its own, which rearranges the text.
func (f *trainFlags) split(c *text.Corpus, batch int) (*text.Corpus, text.Split, error) {
	return splitText(c, f.Split, batch)
}

// ofStreams takes the word streams from the start of --split.
func ofStreams(words []string) (shares []string, streams bool) {
	if len(words) > 0 && words[0] == "streams" {
		return words[1:], true
	}
	return words, false
}

// splitText cuts a text as the words of --split say.
func splitText(c *text.Corpus, words []string, batch int) (*text.Corpus, text.Split, error) {
	shares, streams := ofStreams(words)
	train, val := text.DefaultTrain, text.DefaultVal
	if len(shares) > 0 {
		var err error
		if train, val, err = parseShares(shares); err != nil {
			return nil, text.Split{}, err
		}
	}
	if streams {
		return c.SplitStreams(batch, train, val)
	}
	split, err := text.TailSplit(len(c.IDs), train, val)
	return c, split, err
}

// parseShares reads the shares of training and validation, in percent.
func parseShares(words []string) (train, val float64, err error) {
	if len(words) == 2 {
		var first, second error
		train, first = strconv.ParseFloat(words[0], 64)
		val, second = strconv.ParseFloat(words[1], 64)
		if first == nil && second == nil {
			return train / 100, val / 100, nil
		}
	}
	return 0, 0, console.Misusef("--split takes two shares in percent, as in --split 90,5, or streams, as in --split streams or --split streams,90,5")
}

func override[T comparable](dst *T, v T) {
	var zero T
	if v != zero {
		*dst = v
	}
}

func assign[T any](dst *T, v *T) {
	if v != nil {
		*dst = *v
	}
}
