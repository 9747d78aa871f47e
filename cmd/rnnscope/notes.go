package main

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

// notes speaks to the person who watches: lines and progress, on standard error.
type notes struct {
	mu    sync.Mutex
	w     io.Writer // the bar draws here itself
	lines io.Writer // what is said goes through the door
	quiet bool
	tty   bool
	bar   *progress
	watch func(jobs.Progress) // also told of all progress; may be nil
}

func newNotes(w io.Writer, quiet bool) *notes {
	f, isFile := w.(*os.File)
	return &notes{w: w, lines: text.Screen(w), quiet: quiet, tty: isFile && term.IsTerminal(int(f.Fd()))}
}

// Printf prints a line unless --quiet. A progress bar on the terminal is cleared first.
func (n *notes) Printf(format string, args ...any) {
	if n.quiet {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.bar != nil && n.bar.bar != nil {
		_ = n.bar.bar.Clear()
	}
	fmt.Fprintf(n.lines, format+"\n", args...)
}

// progress shows long work: a bar with rate and time left on a terminal, a plain line now and then elsewhere.
type progress struct {
	n       *notes
	what    string
	unit    string
	total   int64
	done    int64
	started time.Time
	spoke   time.Time
	bar     *progressbar.ProgressBar
	extra   string
	rate    float64
	left    time.Duration
}

// plainEvery is how often long work speaks when nobody watches a terminal.
const plainEvery = 10 * time.Second

func (n *notes) Progress(what, unit string, total int64) *progress {
	p := &progress{n: n, what: what, unit: unit, total: total, started: time.Now(), spoke: time.Now()}
	if n.quiet || !n.tty {
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
func (p *progress) Set(done int64, extra string) {
	p.tell(done, extra)
	if p.n.quiet {
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
	if time.Since(p.spoke) < plainEvery {
		return
	}
	p.spoke = time.Now()
	rate, left := p.pace()
	fmt.Fprintf(p.n.lines, "%s  %3.0f %%  %s %s/s  %s left\n", joinWords(p.what, extra), 100*float64(done)/float64(p.total), short(rate), p.unit, left)
}

// tell hands progress to who watches from elsewhere.
func (p *progress) tell(done int64, extra string) {
	watch := p.n.watch
	if watch == nil {
		return
	}
	p.n.mu.Lock()
	p.done = done
	_, left := p.pace()
	told := jobs.Progress{What: p.what, Done: done, Total: p.total, Unit: p.unit, Extra: extra, Left: left.Seconds()}
	p.n.mu.Unlock()
	watch(told)
}

// pace is what the work told of itself, or what the time gone by says.
func (p *progress) pace() (rate float64, left time.Duration) {
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
func (p *progress) SetPace(done int64, extra string, rate float64, left time.Duration) {
	p.n.mu.Lock()
	p.rate, p.left = rate, left
	p.n.mu.Unlock()
	p.Set(done, extra)
}

// of is Set for work that tells its own total.
func (p *progress) of(done, total int64) {
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
func (p *progress) Done() {
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

// printJSON writes the one object a command answers with under --json.
func (s *session) printJSON(v any) error {
	enc := json.NewEncoder(text.JSONScreen(s.main.data))
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}
