package checkpoint

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"strconv"
	"strings"

	"github.com/rnnscope/rnnscope/internal/durable"
	"github.com/rnnscope/rnnscope/rnn"
	"github.com/rnnscope/rnnscope/text"
)

// Keys of the metadata. Those of Checkpoint.Meta are stored with the prefix.
const (
	keyPrefix   = "rnnscope."
	keyKind     = keyPrefix + "kind"
	keyFormat   = keyPrefix + "format"
	keyConfig   = keyPrefix + "config"
	keyAlphabet = keyPrefix + "alphabet"
	keyStep     = keyPrefix + "step"
	keyTraining = keyPrefix + "training"
	keyChecksum = keyPrefix + "sha256"

	kindWeights   = "weights"
	kindResume    = "resume"
	formatVersion = "1"
)

// Entries of Checkpoint.Meta that the program writes.
const (
	MetaVersion = "version"     // of the program that trained
	MetaSeed    = "seed"        // of the run, decimal
	MetaText    = "text_sha256" // of the training text, hex
	MetaKernels = "kernels"     // f32.Path of the machine that trained
)

var reserved = map[string]bool{
	keyKind: true, keyFormat: true, keyConfig: true, keyAlphabet: true,
	keyStep: true, keyTraining: true, keyChecksum: true,
}

// Checkpoint is a network, what its symbols mean, and where it came from.
type Checkpoint struct {
	Model    *rnn.Model
	Alphabet *text.Alphabet
	Step     int64             // optimiser steps taken
	Meta     map[string]string // MetaVersion, MetaSeed, ...
}

// Save writes c to path as a weights file, atomically. It fails with ErrNotFinite,
// and leaves path alone, when a weight is NaN or infinite. The same checkpoint
// gives the same bytes.
func Save(path string, c *Checkpoint) error {
	return durable.WriteFile(path, func(w io.Writer) error { return Write(w, c) })
}

// Write writes c to w as a weights file.
func Write(w io.Writer, c *Checkpoint) error {
	meta, err := c.metadata(kindWeights)
	if err != nil {
		return err
	}
	return encode(w, c.tensors(), meta)
}

// Load reads a weights file written by Save. The errors are ErrCorrupt,
// ErrTruncated, ErrForeign (see Import), ErrUnsupported, ErrNotFinite, or those of
// the file system.
func Load(path string) (*Checkpoint, error) {
	b, err := readFile(path)
	if err != nil {
		return nil, err
	}
	c, err := Decode(b)
	return c, within(path, err)
}

// Decode is Load from memory.
func Decode(b []byte) (*Checkpoint, error) {
	f, err := parse(b)
	if err != nil {
		return nil, err
	}
	if err := f.verify(kindWeights); err != nil {
		return nil, err
	}
	c, err := f.checkpoint()
	if err != nil {
		return nil, err
	}
	return c, f.empty()
}

// tensors lists the network's parameters under PyTorch's names and layout.
func (c *Checkpoint) tensors() map[string]tensor {
	out := make(map[string]tensor)
	for _, p := range c.Model.Params() {
		t := tensor{shape: p.Shape, data: make([]float32, len(p.Data))}
		p.Export(t.data)
		out[p.Name] = t
	}
	return out
}

func (c *Checkpoint) metadata(kind string) (map[string]string, error) {
	config, err := json.Marshal(c.Model.Config())
	if err != nil {
		return nil, err
	}
	alphabet, err := json.Marshal(c.Alphabet)
	if err != nil {
		return nil, err
	}
	meta := map[string]string{
		"format":    "pt", // how Python loaders tell PyTorch's layout
		keyKind:     kind,
		keyFormat:   formatVersion,
		keyConfig:   string(config),
		keyAlphabet: string(alphabet),
		keyStep:     strconv.FormatInt(c.Step, 10),
	}
	for k, v := range c.Meta {
		if reserved[keyPrefix+k] {
			return nil, fmt.Errorf("metadata entry %q is reserved", k)
		}
		meta[keyPrefix+k] = v
	}
	return meta, nil
}

// checkpoint builds the network of a verified file. The config is believed only
// where the tensors agree, so that a forged one cannot make a large allocation.
func (f *file) checkpoint() (*Checkpoint, error) {
	var cfg rnn.Config
	if err := strictJSON(f.meta[keyConfig], &cfg); err != nil {
		return nil, fmt.Errorf("%w: config: %w", ErrCorrupt, err)
	}
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("%w: config: %w", ErrCorrupt, err)
	}
	if err := f.fits(cfg); err != nil {
		return nil, err
	}
	alphabet := new(text.Alphabet)
	if err := json.Unmarshal([]byte(f.meta[keyAlphabet]), alphabet); err != nil {
		return nil, fmt.Errorf("%w: alphabet: %w", ErrCorrupt, err)
	}
	if alphabet.Size() != cfg.Vocab {
		return nil, fmt.Errorf("%w: %d symbols in the alphabet, %d in the network", ErrCorrupt, alphabet.Size(), cfg.Vocab)
	}
	step, err := strconv.ParseInt(f.meta[keyStep], 10, 64)
	if err != nil || step < 0 {
		return nil, fmt.Errorf("%w: step %q", ErrCorrupt, f.meta[keyStep])
	}
	model, err := rnn.New(cfg)
	if err != nil {
		return nil, err
	}
	for _, p := range model.Params() {
		x, err := f.take(p.Name, p.Shape...)
		if err != nil {
			return nil, err
		}
		p.Import(x)
	}
	c := &Checkpoint{Model: model, Alphabet: alphabet, Step: step, Meta: map[string]string{}}
	for k, v := range f.meta {
		if strings.HasPrefix(k, keyPrefix) && !reserved[k] {
			c.Meta[strings.TrimPrefix(k, keyPrefix)] = v
		}
	}
	return c, nil
}

// fits checks that the file really holds a network as large as cfg says, before
// memory is taken for it.
func (f *file) fits(cfg rnn.Config) error {
	var elements uint64
	for _, v := range f.views {
		elements += v.DataLen() / v.DType().Size()
	}
	layers := 0
	for name := range f.views {
		if strings.HasPrefix(name, "rnn.weight_hh_l") {
			layers++
		}
	}
	small := func(n int) bool { return uint64(n) <= elements }
	if layers != cfg.Layers || !small(cfg.Hidden) || !small(cfg.Vocab) || !small(cfg.Embed) ||
		uint64(cfg.Parameters()) > elements {
		return fmt.Errorf("%w: the config speaks of another network than the one in the file", ErrCorrupt)
	}
	return nil
}

// empty checks that every tensor was taken.
func (f *file) empty() error {
	for name := range maps.Keys(f.views) {
		return fmt.Errorf("%w: unknown tensor %s", ErrCorrupt, name)
	}
	return nil
}

// strictJSON decodes s, which must hold one value and no unknown field.
func strictJSON(s string, v any) error {
	dec := json.NewDecoder(bytes.NewReader([]byte(s)))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		return err
	}
	if dec.More() {
		return fmt.Errorf("more than one value")
	}
	return nil
}
