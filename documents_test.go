package rnnscope_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

// mostColumns is the width of docs/methods.md, in characters.
const mostColumns = 120

var heading = regexp.MustCompile(`(?m)^## (.*)$`)

// methodSections is the number of sections of docs/methods.md, which are numbered from 1.
func methodSections(t *testing.T) int {
	t.Helper()
	doc, err := os.ReadFile(filepath.FromSlash("docs/methods.md"))
	if err != nil {
		t.Fatal(err)
	}
	all := heading.FindAllStringSubmatch(string(doc), -1)
	for i, h := range all {
		if !strings.HasPrefix(h[1], strconv.Itoa(i+1)+". ") {
			t.Errorf("docs/methods.md: section %d is called %q", i+1, h[1])
		}
	}
	for i, line := range strings.Split(string(doc), "\n") {
		if n := utf8.RuneCountInString(line); n > mostColumns {
			t.Errorf("docs/methods.md:%d has %d columns, more than %d", i+1, n, mostColumns)
		}
	}
	return len(all)
}

// tracked lists the files of the repository whose names end so, or all of them.
func tracked(t *testing.T, endings ...string) []string {
	t.Helper()
	var all []string
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == ".git" || d.Name() == "node_modules") {
			return filepath.SkipDir
		}
		if !d.IsDir() && (len(endings) == 0 || slices.Contains(endings, filepath.Ext(path))) {
			all = append(all, filepath.ToSlash(path))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

var toSection = regexp.MustCompile(`methods(?:\.md)?(?:\]\([^)]*\))?, sections? (\d+)`)

// TestSectionsOfMethods: docs/methods.md is numbered one way, and whoever points to a section of it finds one.
func TestSectionsOfMethods(t *testing.T) {
	sections := methodSections(t)
	seen := 0
	for _, path := range tracked(t, ".go", ".md") {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range toSection.FindAllStringSubmatch(string(b), -1) {
			if n, _ := strconv.Atoi(m[1]); n < 1 || n > sections {
				t.Errorf("%s points to section %s of docs/methods.md, which has %d", path, m[1], sections)
			}
			seen++
		}
	}
	if seen < 10 {
		t.Errorf("%d references to sections: the test sees too little", seen)
	}
}

var (
	comment = regexp.MustCompile(`(?m)//(.*)$`)
	file    = regexp.MustCompile(`(?:[A-Za-z0-9_.-]+/)*[A-Za-z0-9_-]+\.(?:json\.gz|go|md|py|sh|json|tsv|ts|svelte|yml|yaml)\b`)
)

// elsewhere are file names in comments that no file here has, with whose they are.
var elsewhere = map[string]string{
	"torch/serialization.py": "PyTorch", "Lib/pickletools.py": "Python", "tokenizer.json": "Hugging Face's tokenizers",
	"../kernels_amd64.go": "avo's command line, from the folder of the generator",
	"../kernels_arm64.go": "the generator's command line, likewise",
	"NAME.json":           "a pattern", "lang/LANGUAGE.json": "a pattern", "LANGUAGE.json": "a pattern",
	"grid.yaml": "the folder of a sweep", "sweep.json": "the folder of a sweep", "table.tsv": "the folder of a sweep",
	"experiment.json": "the folder of an experiment",
	"done/NAME.json":  "the folder of a sweep", "failed/NAME.json": "the folder of a sweep",
}

// TestCommentsNameFilesThatAreThere: a file that a comment names is in the repository, by its path from the top or
// beside the comment's own file.
func TestCommentsNameFilesThatAreThere(t *testing.T) {
	there := map[string]bool{}
	for _, path := range tracked(t) {
		there[path] = true
		there[filepath.Base(path)] = true
	}
	seen := 0
	for _, path := range tracked(t, ".go") {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range comment.FindAllStringSubmatch(string(b), -1) {
			for _, name := range file.FindAllString(c[1], -1) {
				seen++
				if !there[name] && !there[filepath.ToSlash(filepath.Join(filepath.Dir(path), name))] && elsewhere[name] == "" {
					t.Errorf("%s: a comment names %s, which is not in the repository", path, name)
				}
			}
		}
	}
	if seen < 20 {
		t.Errorf("%d names of files in comments: the test sees too little", seen)
	}
}
