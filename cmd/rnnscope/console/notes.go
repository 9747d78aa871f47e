package console

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"github.com/rnnscope/rnnscope/text"
	"github.com/rnnscope/rnnscope/web/jobs"
)

// Notes speaks to the person who watches: lines and progress, on standard error.
type Notes struct {
	mu     sync.Mutex
	w      io.Writer // the bar draws here itself
	lines  io.Writer // lines printed for people, through text.Screen
	Quiet  bool
	tty    bool
	asJSON bool // progress is written as lines of JSON, for a program that draws it
	bar    *Progress
	Watch  func(jobs.Progress) // also told of all progress; may be nil
}

func newNotes(w io.Writer, quiet bool) *Notes {
	f, isFile := w.(*os.File)
	asJSON := os.Getenv(progressVariable) == "json"
	return &Notes{w: w, lines: text.Screen(w), Quiet: quiet, asJSON: asJSON, tty: !asJSON && isFile && term.IsTerminal(int(f.Fd()))}
}

// progressVariable, set to json, makes progress lines of JSON on standard error, {"progress": jobs.Progress},
// at most one in jsonEvery: a notebook draws them.
const (
	progressVariable = "RNNSCOPE_PROGRESS"
	jsonEvery        = 200 * time.Millisecond
)

// Printf prints a remark, a line, unless --quiet. A progress bar on the terminal is cleared first.
func (n *Notes) Printf(format string, args ...any) {
	if !n.Quiet {
		n.Warnf(format, args...)
	}
}

// Warnf prints a line also with --quiet: something is damaged, failed or was not kept, and the command
// goes on without it.
func (n *Notes) Warnf(format string, args ...any) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.bar != nil && n.bar.bar != nil {
		_ = n.bar.bar.Clear()
	}
	fmt.Fprintf(n.lines, format+"\n", args...)
}

// Progress shows long work: a bar with rate and time left on a terminal, a plain line now and then elsewhere.
type Progress struct {
	n       *Notes
	what    string
	unit    string
	total   int64
	done    int64
	started time.Time
	spoke   time.Time
	written bool // as JSON, at least once
	bar     *progressbar.ProgressBar
	extra   string
	rate    float64
	left    time.Duration
}

// plainEvery is how often long work speaks when nobody watches a terminal.
const plainEvery = 10 * time.Second

func (n *Notes) Progress(what, unit string, total int64) *Progress {
	p := &Progress{n: n, what: what, unit: unit, total: total, started: time.Now(), spoke: time.Now()}
	p.tell(0, "")
	if n.Quiet || !n.tty {
		return p
	}
	p.bar = progressbar.NewOptions64(total,
		progressbar.OptionSetWriter(n.w),
		progressbar.OptionSetDescription(what),
		progressbar.OptionSetItsString(unit),
		progressbar.OptionShowIts(),
		progressbar.OptionShowElapsedTimeOnFinish(),
		progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionSetWidth(24),
		progressbar.OptionClearOnFinish(),
		progressbar.OptionSetTheme(progressbar.Theme{Saucer: "━", SaucerHead: "━", SaucerPadding: "─", BarStart: "", BarEnd: ""}),
	)
	n.bar = p
	return p
}

// Set reports how far the work is; extra is said beside it (a loss, say).
func (p *Progress) Set(done int64, extra string) {
	p.tell(done, extra)
	if p.n.Quiet {
		return
	}
	p.n.mu.Lock()
	defer p.n.mu.Unlock()
	p.done, p.extra = done, extra
	if p.bar != nil {
		p.bar.Describe(joinWords(p.what, extra))
		_ = p.bar.Set64(done)
		return
	}
	if p.n.asJSON {
		p.writeJSON()
		return
	}
	if time.Since(p.spoke) < plainEvery {
		return
	}
	p.spoke = time.Now()
	rate, left := p.pace()
	fmt.Fprintf(p.n.lines, "%s  %3.0f %%  %s %s/s  %s left\n", joinWords(p.what, extra), 100*float64(done)/float64(p.total), short(rate), p.unit, left)
}

// writeJSON writes the state as a line, the last one always.
func (p *Progress) writeJSON() {
	if p.written && p.done < p.total && time.Since(p.spoke) < jsonEvery {
		return
	}
	p.spoke, p.written = time.Now(), true
	line, err := json.Marshal(map[string]jobs.Progress{"progress": p.state(p.done, p.extra)})
	if err != nil {
		return // numbers that JSON lacks: progress is nothing to stop for
	}
	fmt.Fprintf(p.n.w, "%s\n", line)
}

// state is what is done, as other programs hear of it.
func (p *Progress) state(done int64, extra string) jobs.Progress {
	_, left := p.pace()
	return jobs.Progress{What: p.what, Done: done, Total: p.total, Unit: p.unit, Extra: extra, Left: left.Seconds()}
}

// tell hands progress to who watches from elsewhere.
func (p *Progress) tell(done int64, extra string) {
	watch := p.n.Watch
	if watch == nil {
		return
	}
	p.n.mu.Lock()
	p.done = done
	state := p.state(done, extra)
	p.n.mu.Unlock()
	watch(state)
}

// pace is what the work told of itself, or what the time gone by says.
func (p *Progress) pace() (rate float64, left time.Duration) {
	if p.rate > 0 {
		return p.rate, p.left.Round(time.Second)
	}
	rate = float64(p.done) / time.Since(p.started).Seconds()
	if rate == 0 {
		return 0, 0
	}
	return rate, time.Duration(float64(p.total-p.done) / rate * float64(time.Second)).Round(time.Second)
}

// SetPace is Set for work that knows its own rate (a second) and time left.
func (p *Progress) SetPace(done int64, extra string, rate float64, left time.Duration) {
	p.n.mu.Lock()
	p.rate, p.left = rate, left
	p.n.mu.Unlock()
	p.Set(done, extra)
}

// Of is Set for work that tells its own total.
func (p *Progress) Of(done, total int64) {
	p.n.mu.Lock()
	if total != p.total {
		p.total = total
		if p.bar != nil {
			p.bar.ChangeMax64(total)
		}
	}
	p.n.mu.Unlock()
	p.Set(done, "")
}

// Done takes the bar away.
func (p *Progress) Done() {
	p.n.mu.Lock()
	defer p.n.mu.Unlock()
	if p.bar != nil {
		_ = p.bar.Finish()
		_ = p.bar.Clear()
	}
	if p.n.bar == p {
		p.n.bar = nil
	}
}

func joinWords(a, b string) string {
	if b == "" {
		return a
	}
	return a + "  " + b
}

// short writes a count with three significant digits: 1,234,567 as "1.23M".
func short(x float64) string {
	switch {
	case x >= 1e9:
		return fmt.Sprintf("%.3gG", x/1e9)
	case x >= 1e6:
		return fmt.Sprintf("%.3gM", x/1e6)
	case x >= 1e3:
		return fmt.Sprintf("%.3gk", x/1e3)
	}
	return fmt.Sprintf("%.3g", x)
}

// PrintJSON writes the one object a command answers with under --json.
func (s *Session) PrintJSON(v any) error {
	enc := json.NewEncoder(text.JSONScreen(s.Console.Data))
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}
