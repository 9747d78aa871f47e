package checkpoint

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/rnnscope/rnnscope/checkpoint/torchfile"
)

// shardName is that of one part of weights that Hugging Face's libraries cut into several files.
var shardName = regexp.MustCompile(`-\d{5}-of-\d{5}\.(safetensors|bin)$`)

const (
	maxShards = 1000
	maxIndex  = 64 << 20 // bytes
)

// shardsOf reads b as the index of several files: {"weight_map": {tensor: file}}. It gives the files, each once.
func shardsOf(b []byte) (files []string, ok bool) {
	if len(b) > maxIndex || !bytes.HasPrefix(bytes.TrimSpace(b), []byte("{")) {
		return nil, false
	}
	var index struct {
		WeightMap map[string]string `json:"weight_map"`
	}
	if json.Unmarshal(b, &index) != nil || len(index.WeightMap) == 0 {
		return nil, false
	}
	for _, file := range index.WeightMap {
		files = append(files, file)
	}
	slices.Sort(files)
	return slices.Compact(files), true
}

// looseFromShards reads the files of an index, which lie beside it.
func looseFromShards(dir string, files []string, key string) (*loose, error) {
	if len(files) > maxShards {
		return nil, fmt.Errorf("%d files, more than %d: %w", len(files), maxShards, ErrUnsupported)
	}
	all := &loose{arrays: map[string]*array{}, facts: map[string]string{}, assumptions: []string{fmt.Sprintf("weights of %d files: %s", len(files), strings.Join(files, ", "))}}
	var size int64
	for _, file := range files {
		if file != filepath.Base(file) || file == "." || file == ".." {
			return nil, fmt.Errorf("it names %q, which is no file beside it: %w", file, ErrCorrupt)
		}
		b, err := readFile(filepath.Join(dir, file))
		if err != nil {
			return nil, err
		}
		if size += int64(len(b)); size > maxFile {
			return nil, fmt.Errorf("its files have more than the %d bytes that are read: %w", int64(maxFile), ErrUnsupported)
		}
		part, err := looseOfShard(b, key)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		for name, a := range part.arrays {
			if all.arrays[name] != nil {
				return nil, fmt.Errorf("tensor %s is in two files: %w", name, ErrCorrupt)
			}
			all.arrays[name] = a
		}
	}
	return all, nil
}

// looseOfShard reads one of the files. It need not hold a recurrent layer.
func looseOfShard(b []byte, key string) (*loose, error) {
	if !torchfile.Is(b) || len(b) > 8 && b[8] == '{' {
		return looseFromSafetensors(b)
	}
	groups, err := torchGroups(b)
	if err != nil {
		return nil, err
	}
	for _, g := range groups {
		if g.Path == key || len(groups) == 1 && key == "" {
			return looseOfGroup(g)
		}
	}
	return nil, fmt.Errorf("no tensors under %q: %w", key, ErrForeign)
}
