package records

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/rnnscope/rnnscope/checkpoint"
	"github.com/rnnscope/rnnscope/checkpoint/torchfile"
	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
	"github.com/rnnscope/rnnscope/cmd/rnnscope/table"
	"github.com/rnnscope/rnnscope/internal/durable"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/run"
	"github.com/rnnscope/rnnscope/text"
	"github.com/rnnscope/rnnscope/trace"
)

type ImportCmd struct {
	File     string `arg:"" type:"existingfile" help:"Weights saved from PyTorch: .safetensors, or what torch.save wrote (.pt, .pth, .ckpt, .bin)."`
	Alphabet string `required:"" type:"existingfile" placeholder:"FILE" help:"JSON: a list of symbols in id order, a map from symbol to id or from id to symbol, {stoi, itos}, {\"bytes\": true}, or a tokenizer.json."`
	Out      string `short:"o" placeholder:"DIR" help:"Directory of the run; it must not exist. Without it the network is only checked."`

	Check     string  `type:"existingfile" placeholder:"FILE" help:"A text: print its loss in nats a symbol, the mean over all symbols after the first, from the state before any text."`
	Expect    float64 `placeholder:"NATS" help:"The loss that your own program has on the text of --check: where it is another, nothing is imported."`
	Tolerance float64 `placeholder:"NATS" default:"0.0001" help:"How far the two losses may lie apart."`

	Nonlinearity string   `enum:",tanh,relu" default:"" placeholder:"FUNCTION" help:"The function of an Elman network's cell: tanh or relu."`
	Input        string   `enum:",onehot,embedding,linear,tied" default:"" placeholder:"WAY" help:"How symbols enter: onehot vectors, rows of an embedding, a linear layer of one-hot vectors, or rows of the output layer's own matrix (tied)."`
	Embedding    string   `placeholder:"NAME" help:"The matrix that symbols enter by."`
	Output       string   `placeholder:"NAME" help:"The last matrix, that of the output layer."`
	Order        []string `sep:"," placeholder:"NAME" help:"Several recurrent modules in their order, from the input up."`
	HiddenAt     string   `enum:",output,input" default:"" placeholder:"END" help:"Where a hidden layer stands: before the output layer, or at the input."`
	Activation   string   `enum:",identity,relu,leaky_relu,elu,tanh,sigmoid,silu,gelu" default:"" placeholder:"FUNCTION" help:"The function that follows a hidden layer: identity, relu, leaky_relu, elu, tanh, sigmoid, silu or gelu."`
	Norm         string   `enum:",layer,rms" default:"" placeholder:"KIND" help:"Which norm one without a bias is: layer or rms."`
	NormAt       string   `enum:",output,input" default:"" placeholder:"END" help:"Where a norm stands: on the last states (output), or on the embedding (input)."`
	NormEps      float64  `placeholder:"EPS" help:"The eps of a norm (default: 1e-05, PyTorch's)."`
	Start        []string `sep:"," placeholder:"H" help:"The names of the initial state h and, of an LSTM, c."`
	Key          string   `placeholder:"KEY" help:"The dict to take of a file that holds several networks: state_dict, ema.model."`
	ResetAfter   string   `enum:",yes,no" default:"" placeholder:"YES|NO" help:"How the reset gate of a GRU in the layout of Keras acts: on the recurrent product (yes: Keras's default, PyTorch) or on the state before it (no)."`
	Ignore       []string `sep:"," placeholder:"NAME" help:"Tensors that are no part of the network; a * at the end stands for anything."`
}

func (ImportCmd) Help() string {
	return `The network is one or several nn.RNN, nn.LSTM or nn.GRU (or their cells), an nn.Linear of the last states to
symbols, before which a LayerNorm or one hidden layer may stand, and an nn.Embedding, an nn.Linear or one-hot
vectors at the input, under whatever names. How they go together follows from their shapes; where shapes fit in
several ways, import asks for the option that tells them apart. Nothing in a file of torch.save is ever run.

What was taken for granted is printed, and so is the loss on a text. Compare it with your own program's:

  x = torch.tensor([ids])                                          # the text of --check
  F.cross_entropy(model(x)[0][:-1], x[0, 1:])                      # give it to --expect

In Python, to save:

  torch.save(model.state_dict(), "weights.pt")
  json.dump(chars, open("alphabet.json", "w"))                     # chars[i] is symbol i

Examples:

  rnnscope import weights.pt --alphabet alphabet.json --check line.txt
  rnnscope import weights.pt --alphabet alphabet.json --check line.txt --expect 1.6213 --out my-run
  rnnscope dissect my-run novel.txt`
}

// ImportResult is import --json.
type ImportResult struct {
	Run        string       `json:"run,omitempty"`
	Model      rnn.Config   `json:"model"`
	Parameters int          `json:"parameters"`
	Weights    int          `json:"weights"` // numbers in the file
	Symbols    text.Kind    `json:"symbols"`
	Assumed    []string     `json:"assumed"`
	Check      *importCheck `json:"check,omitempty"`
}

// importCheck is the network's loss on a text.
type importCheck struct {
	Text   string  `json:"text"` // the file, or the line itself
	Count  int     `json:"count"`
	Nats   float64 `json:"nats"`
	Guess  float64 `json:"guess"` // ln V: every symbol alike
	Expect float64 `json:"expect,omitempty"`
	isFile bool
}

func (c *ImportCmd) Run(ctx context.Context, s *console.Session) error {
	if err := c.validate(); err != nil {
		return err
	}
	net, err := c.load(ctx, s)
	if err != nil {
		return err
	}
	check, err := c.check(ctx, s, net)
	if err != nil {
		return err
	}
	if check != nil && c.Expect != 0 && !(math.Abs(check.Nats-c.Expect) <= c.Tolerance) {
		return fmt.Errorf("%s: %.6f nats a symbol on %s, not %.6f: it is read as another network than yours, and nothing was imported. Taken for granted: %s",
			c.File, check.Nats, c.Check, c.Expect, strings.Join(net.Assumed, "; "))
	}
	result := ImportResult{
		Model: net.Model.Config(), Parameters: net.Model.Config().Parameters(), Weights: net.Weights,
		Symbols: net.Alphabet.Kind(), Assumed: net.Assumed, Check: check,
	}
	if c.Out != "" {
		r, err := run.Import(c.Out, run.Info{
			Name: c.File, Command: s.Console.CommandLine(), Sources: []string{c.File}, Notes: net.Assumed, Alphabet: net.Alphabet,
		}, net.Checkpoint)
		if err != nil {
			return err
		}
		defer s.Close(r)
		result.Run = r.Dir()
	}
	if s.JSON {
		return s.PrintJSON(result)
	}
	_, err = s.Console.Stdout.Write([]byte(result.String()))
	return err
}

func (c *ImportCmd) validate() error {
	switch {
	case c.Out == "" && c.Check == "":
		return console.Misusef("give --out DIR to import the network, or --check FILE to see its loss on a text")
	case c.Expect != 0 && c.Check == "":
		return console.Misusef("--expect is the loss on the text of --check FILE: give that as well")
	case !(c.Tolerance >= 0):
		return console.Misusef("--tolerance %v: want 0 or more", c.Tolerance)
	case !(c.NormEps >= 0 && c.NormEps < 1):
		return console.Misusef("--norm-eps %v: want 0 or more and less than 1", c.NormEps)
	case c.Out != "":
		return console.MustNotExist(c.Out)
	}
	return nil
}

// load reads the alphabet and the weights.
func (c *ImportCmd) load(ctx context.Context, s *console.Session) (*checkpoint.ImportResult, error) {
	a, err := readAlphabet(ctx, s, c.Alphabet)
	if err != nil {
		return nil, err
	}
	opt := checkpoint.ImportOptions{
		Alphabet: a, Nonlinearity: c.Nonlinearity, Input: c.Input, Embedding: c.Embedding, Output: c.Output, Order: c.Order,
		HiddenAt: c.HiddenAt, Activation: c.Activation, Norm: c.Norm, NormAt: c.NormAt, NormEps: c.NormEps, Start: c.Start, Key: c.Key, ResetAfter: c.ResetAfter, Ignore: c.Ignore,
	}
	net, err := checkpoint.Import(c.File, opt)
	if zero, ok := a.WithZero(); ok && errors.Is(err, checkpoint.ErrAlphabet) {
		opt.Alphabet = zero
		if again, errAgain := checkpoint.Import(c.File, opt); !errors.Is(errAgain, checkpoint.ErrAlphabet) {
			net, err = again, errAgain
		}
	}
	switch {
	case errors.Is(err, checkpoint.ErrAmbiguous):
		return nil, console.Misusef("%w", err)
	case errors.Is(err, checkpoint.ErrForeign) && !errors.Is(err, torchfile.ErrForeign):
		return nil, fmt.Errorf("%w; save the weights with torch.save(model.state_dict(), ...) or safetensors.torch.save_file", err)
	}
	return net, err
}

// longestAlphabet bounds an alphabet file in bytes: all of Unicode as JSON has 20 MB.
const longestAlphabet = 64 << 20

func readAlphabet(ctx context.Context, s *console.Session, path string) (*text.Alphabet, error) {
	raw, err := durable.ReadFile(ctx, path, longestAlphabet)
	if err != nil {
		return nil, err
	}
	a, err := text.ParseAlphabet(raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return a, nil
}

// checkLine is what is read without --check, as far as the alphabet has its symbols.
const checkLine = "He said, \"The old tree (by the water) fell in 1850.\" Then: nothing; only rain?\n"

// maxCheck bounds the text of a check, in symbols.
const maxCheck = 1_000_000

// check is the loss on the text of --check, or on a line.
func (c *ImportCmd) check(ctx context.Context, s *console.Session, net *checkpoint.ImportResult) (*importCheck, error) {
	out := &importCheck{Text: checkLine, Guess: math.Log(float64(net.Alphabet.Size())), Expect: c.Expect}
	var ids []int32
	if c.Check != "" {
		corpus, err := text.ReadWith(ctx, []string{c.Check}, text.Options{}, net.Alphabet, text.UnknownError)
		if err != nil {
			return nil, err
		}
		ids, out.Text, out.isFile = corpus.IDs, c.Check, true
	} else {
		var err error
		if ids, err = net.Alphabet.Encode([]byte(checkLine), text.UnknownSkip); err != nil {
			ids = nil // a vocabulary that does not say how a text is cut
		}
		if len(ids) < 20 {
			ids = firstSymbols(net.Alphabet)
		}
		out.Text = net.Alphabet.ShowString(ids)
	}
	if len(ids) < 2 {
		if c.Check != "" {
			return nil, fmt.Errorf("%s: one symbol; the first of a text has no loss, so give at least two", c.Check)
		}
		return nil, nil
	}
	if len(ids) > maxCheck {
		return nil, console.Misusef("%s has %s symbols; a check needs no more than %s", c.Check, table.Grouped(len(ids)), table.Grouped(maxCheck))
	}
	t, err := trace.Passage(ctx, net.Model, ids, trace.Options{Loss: true})
	if err != nil {
		return nil, err
	}
	var sum float64
	for _, l := range t.Loss[:len(ids)-1] {
		sum += float64(l)
	}
	out.Count, out.Nats = len(ids), sum/float64(len(ids)-1)
	return out, nil
}

// firstSymbols is the symbols in the order of their ids, at most 64 of them.
func firstSymbols(a *text.Alphabet) []int32 {
	ids := make([]int32, min(64, a.Size()))
	for i := range ids {
		ids[i] = int32(i)
	}
	return ids
}

func (r ImportResult) String() string {
	var b strings.Builder
	if r.Run != "" {
		fmt.Fprintf(&b, "run         %s\n", r.Run)
	}
	m := r.Model
	size := fmt.Sprintf("%dx%d", m.Layers, m.Hidden)
	if m.Sizes != "" {
		size = strings.ReplaceAll(m.Sizes, ",", "+")
	}
	fmt.Fprintf(&b, "network     %s %s, %d %s\nweights     %s in the file, %s in the network\n", m.Cell, size, m.Vocab, r.Symbols, table.Grouped(r.Weights), table.Grouped(r.Parameters))
	for i, line := range r.Assumed {
		head := ""
		if i == 0 {
			head = "read as"
		}
		fmt.Fprintf(&b, "%-11s %s\n", head, line)
	}
	if r.Check != nil {
		fmt.Fprint(&b, r.Check)
	}
	return b.String()
}

// String is the line on the loss, and what it says.
func (k *importCheck) String() string {
	on := k.Text
	if !k.isFile {
		on = text.VisibleString(k.Text)
	}
	line := fmt.Sprintf("loss        %.6f nats a symbol on %s (%s symbols; guessing has %.4f)\n", k.Nats, on, table.Grouped(k.Count), k.Guess)
	switch {
	case k.Expect != 0:
		line += fmt.Sprintf("            your program: %.6f\n", k.Expect)
	case k.Nats > k.Guess:
		line += "            worse than guessing: is the alphabet in the right order, is something missing between the layers? Compare with your own program: --check FILE --expect NATS\n"
	default:
		line += "            compare with your own program: --check FILE --expect NATS\n"
	}
	return line
}
