package inspect

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rnnscope/rnnscope/checkpoint"
	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
	"github.com/rnnscope/rnnscope/dissect"
	"github.com/rnnscope/rnnscope/dissect/shard"
	"github.com/rnnscope/rnnscope/internal/durable"
	"github.com/rnnscope/rnnscope/internal/f32"
	"github.com/rnnscope/rnnscope/run"
	"github.com/rnnscope/rnnscope/specimen"
)

// ShardFlags part a dissection among processes that see the same run.
type ShardFlags struct {
	Shard       string                `placeholder:"I/N" help:"Make shard I of N only, counted from 1, and leave it in the run for 'rnnscope merge'."`
	Round       string                `placeholder:"ROUND" help:"With --shard: the round to make, labels, choose or report (default: the first that this shard has not made); what is made already is left as it is. A round begins when all shards have made the one before."`
	Plan        string                `placeholder:"KEY" help:"With --shard: a dissection in shards that was begun, named by its folder in RUN/shards; its text and flags count."`
	Slurm       int                   `placeholder:"N" default:"0" help:"Write array jobs for Slurm, N shards in each round and the merge behind them, and submit them."`
	RequeueCode console.RequeueStatus `placeholder:"N" default:"75" help:"With --shard or --slurm: exit status after SIGTERM or SIGUSR1. Slurm queues the task again if RequeueExit names it."`
}

func (f ShardFlags) inShards() bool { return f.Shard != "" || f.Slurm != 0 }

// place reads --shard: which of how many, counted from 0.
func (f ShardFlags) place() (i, n int, err error) {
	if f.Slurm != 0 {
		if f.Shard != "" {
			return 0, 0, console.Misusef("--slurm submits all shards: leave out --shard")
		}
		if f.Slurm < 1 || f.Slurm > mostShards {
			return 0, 0, console.Misusef("--slurm %d: want 1 to %d shards", f.Slurm, mostShards)
		}
		return 0, f.Slurm, nil
	}
	var rest string
	if k, _ := fmt.Sscanf(f.Shard+" ", "%d/%d%s", &i, &n, &rest); k != 2 || i < 1 || i > n || n > mostShards {
		return 0, 0, console.Misusef("--shard %s: want I/N, as in 3/16, with at most %d shards", f.Shard, mostShards)
	}
	return i - 1, n, nil
}

// mostShards is more than any cluster has use for: every shard reads what all left.
const mostShards = 10_000

// round reads --round.
func (f ShardFlags) round(folder *shard.Folder, i int) (dissect.Round, error) {
	if f.Round == "" {
		for _, r := range dissect.Rounds() {
			if !folder.Has(string(r), i) {
				return r, nil
			}
		}
		return "", nil
	}
	if !slices.Contains(dissect.Rounds(), dissect.Round(f.Round)) {
		return "", console.Misusef("--round %s: want one of %v", f.Round, dissect.Rounds())
	}
	return dissect.Round(f.Round), nil
}

// asked is a dissection in shards that is ready to be worked on.
type asked struct {
	run    *run.Run
	in     *specimen.Specimen
	opt    dissect.Options
	folder *shard.Folder
}

func (a *asked) close(s *console.Session) {
	_ = a.in.Close() // read only
	s.Close(a.run)
}

// ask makes a dissection in n shards ready. key, where it is not empty, is the plan it must be.
func (c *DissectCmd) ask(ctx context.Context, s *console.Session, r *run.Run, ck *checkpoint.Checkpoint, n int, key string) (*asked, error) {
	if slices.Contains(c.Input, "-") {
		return nil, console.Misusef("-: every shard reads the text anew; give a file")
	}
	in, err := c.specimen(ctx, s, r, ck)
	if err != nil {
		return nil, err
	}
	a := &asked{run: r, in: in}
	if a.opt, err = c.options(ctx, s, in.Text.Source); err != nil {
		return nil, errors.Join(err, in.Close())
	}
	plan, err := dissect.PlanOf(in, a.opt, n, f32.Path())
	if err != nil {
		return nil, errors.Join(err, in.Close())
	}
	if key != "" && plan.Key() != key {
		err := shard.SameLabels(shardsOf(r.Dir()), plan)
		if err == nil {
			err = fmt.Errorf("the dissection %s was begun by another program, on other kernels, or of a text or network that has changed since; begin anew without --plan", key)
		}
		return nil, errors.Join(err, in.Close())
	}
	if a.folder, err = shard.OpenFolder(shardsOf(r.Dir()), plan); err != nil {
		return nil, errors.Join(err, in.Close())
	}
	return a, nil
}

// shardsOf is where the folders of a run's dissections in shards are.
func shardsOf(dir string) string { return filepath.Join(dir, "shards") }

// begun is what a task leaves for those that are told the plan alone: the command as it was given.
type begun struct {
	Here    string     `json:"here"` // where relative paths count from
	Command DissectCmd `json:"command"`
	Shards  int        `json:"shards"`

	// The file names of Command again, to the byte: JSON holds Unicode alone.
	Input  [][]byte `json:"input_bytes,omitempty"`
	Labels [][]byte `json:"labels_bytes,omitempty"`
}

// toBytes are names to the byte.
func toBytes(names []string) [][]byte {
	var out [][]byte
	for _, n := range names {
		out = append(out, []byte(n))
	}
	return out
}

// fromBytes puts names to the byte in place of those that JSON held.
func fromBytes(names []string, bytes [][]byte) {
	if len(names) != len(bytes) {
		return // begun by an earlier version
	}
	for i, b := range bytes {
		names[i] = string(b)
	}
}

const begunName = "command.json"

// leave writes what the command was.
func (a *asked) leave(c *DissectCmd, n int) error {
	path := filepath.Join(a.folder.Dir, begunName)
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	here, err := os.Getwd()
	if err != nil {
		return err
	}
	own := *c
	own.ShardFlags = ShardFlags{}
	b, err := json.MarshalIndent(begun{here, own, n, toBytes(own.Input), toBytes(own.Labels)}, "", "  ")
	if err != nil {
		return err
	}
	return durable.WriteFile(path, func(w io.Writer) error { _, err := w.Write(append(b, '\n')); return err })
}

// plansOf lists the dissections in shards of a run; none is an error.
func plansOf(dir string) ([]string, error) {
	entries, err := os.ReadDir(shardsOf(dir))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var out []string
	for _, e := range entries {
		if e.IsDir() {
			out = append(out, e.Name())
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s holds no dissection in shards; begin with: rnnscope dissect %s --shard 1/N", dir, console.ShellWord(dir))
	}
	return out, nil
}

// valid holds a command that was read to what the parser of command lines demands.
func (b *begun) valid() error {
	if b.Shards < 1 || b.Shards > mostShards {
		return fmt.Errorf("%d shards: want 1 to %d", b.Shards, mostShards)
	}
	return errors.Join(b.Command.Untrained.Validate(), b.Command.Workers.Validate())
}

// begunAs reads what the command was.
func begunAs(dir, key string) (*begun, error) {
	there, err := plansOf(dir)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(there, key) {
		return nil, console.Misusef("--plan %s: %s holds no such dissection in shards; there are %s", key, dir, strings.Join(there, ", "))
	}
	b, err := shard.ReadSmall(filepath.Join(shardsOf(dir), key, begunName))
	if err != nil {
		return nil, fmt.Errorf("it cannot be read how the dissection %s was begun: %w", key, err)
	}
	out := &begun{}
	err = json.Unmarshal(b, out)
	if err == nil {
		err = out.valid()
	}
	if err != nil {
		return nil, fmt.Errorf("%s does not say how the dissection was begun (%w); remove %s and begin anew", begunName, err, filepath.Join(shardsOf(dir), key))
	}
	fromBytes(out.Command.Input, out.Input)
	fromBytes(out.Command.Labels, out.Labels)
	if here, err := os.Getwd(); err == nil && here != out.Here && len(out.Command.Input)+len(out.Command.Labels) > 0 {
		return nil, fmt.Errorf("the dissection %s was begun in %s, and its files are named from there: start this there", key, out.Here)
	}
	return out, nil
}

// cannotGoOn says that what a dissection was begun with is refused: nothing on this command line is wrong. Without
// a key this command line begins it.
func cannotGoOn(ctx context.Context, key string, err error) error {
	if key == "" || ctx.Err() != nil {
		return err
	}
	return fmt.Errorf("the dissection %s cannot go on: %v", key, err)
}

// shards makes a shard of a round, or hands all of them to Slurm.
func (c *DissectCmd) shards(ctx context.Context, s *console.Session) error {
	if c.States != "" || c.Only != "" {
		return console.Misusef("--shard and --slurm are of a dissection of a network: leave out --states and --matrix")
	}
	i, n, err := c.place()
	if err != nil {
		return err
	}
	of := c
	if c.Plan != "" {
		b, err := begunAs(c.Dir, c.Plan)
		if err != nil {
			return err
		}
		if b.Shards != n {
			return console.Misusef("--shard %s: the dissection %s has %d shards", c.Shard, c.Plan, b.Shards)
		}
		of = &b.Command
		of.Dir, of.Workers = c.Dir, c.Workers
	}
	ctx, stop := console.Saving(ctx)
	defer stop()
	r, ck, err := console.ReadNetwork(s, c.Dir, of.Step)
	if err != nil {
		return cannotGoOn(ctx, c.Plan, err)
	}
	a, err := of.ask(ctx, s, r, ck, n, c.Plan)
	if err != nil {
		s.Close(r)
		return cannotGoOn(ctx, c.Plan, err)
	}
	defer a.close(s)
	if err := a.leave(of, n); err != nil {
		return err
	}
	if c.Slurm != 0 {
		return c.submit(ctx, s, a.folder, n)
	}
	return c.shard(ctx, s, a, i)
}

// shard makes one shard of a round.
func (c *DissectCmd) shard(ctx context.Context, s *console.Session, a *asked, i int) error {
	round, err := c.round(a.folder, i)
	if err != nil {
		return err
	}
	switch {
	case a.folder.Merged():
		return c.answerShard(s, a, i, "merged already", "rnnscope merge prints the result again; to dissect anew remove "+a.folder.Dir)
	case round == "":
		return c.answerShard(s, a, i, "made", "it has made all rounds; when all shards have: rnnscope merge "+console.ShellWord(c.Dir))
	}
	if a.folder.Has(string(round), i) {
		return c.answerShard(s, a, i, "round "+string(round)+" made already", a.missing(round))
	}
	bar := s.Note.Progress(fmt.Sprintf("round %s, shard %d of %d:", round, i+1, a.folder.Plan.Shards), "char", 0)
	err = dissect.RunShard(ctx, a.in, a.opt, dissect.Task{Folder: a.folder, Round: round, Shard: i}, bar.Of)
	bar.Done()
	if err != nil && ctx.Err() != nil {
		return console.Requeue(c.RequeueCode)
	}
	if err != nil {
		return err
	}
	return c.answerShard(s, a, i, "round "+string(round)+" made", a.missing(round))
}

// missing says how many shards have not made a round.
func (a *asked) missing(round dissect.Round) string {
	if n := len(a.folder.Missing(string(round))); n > 0 {
		if n == 1 {
			return "1 shard of this round is missing"
		}
		return fmt.Sprintf("%d shards of this round are missing", n)
	}
	if round == dissect.ReportRound {
		return "the round is whole, now: rnnscope merge"
	}
	return "the round is whole, now every shard once more"
}

// ShardAnswer is the answer of dissect --shard --json.
type ShardAnswer struct {
	Plan    string           `json:"plan"`
	Shard   int              `json:"shard"`
	Shards  int              `json:"shards"`
	Said    string           `json:"said"`
	Missing map[string][]int `json:"missing"` // by round: shards that have not made it
}

func (c *DissectCmd) answerShard(s *console.Session, a *asked, i int, what, next string) error {
	if !s.JSON {
		_, err := fmt.Fprintf(s.Console.Stdout, "shard %d of %d: %s; %s\n", i+1, a.folder.Plan.Shards, what, next)
		return err
	}
	out := ShardAnswer{Plan: filepath.Base(a.folder.Dir), Shard: i + 1, Shards: a.folder.Plan.Shards, Said: what, Missing: map[string][]int{}}
	for _, r := range dissect.Rounds() {
		out.Missing[string(r)] = append([]int{}, a.folder.Missing(string(r))...)
	}
	return s.PrintJSON(out)
}

// submit hands all rounds and the merge to Slurm, each behind the one before.
func (c *DissectCmd) submit(ctx context.Context, s *console.Session, folder *shard.Folder, n int) error {
	key, logs := filepath.Base(folder.Dir), filepath.Join(folder.Dir, "slurm")
	out := SlurmShards{Plan: key, Jobs: []string{}}
	after := ""
	for _, r := range dissect.Rounds() {
		job := console.Job{
			Name: string(r), Array: fmt.Sprintf("1-%d", n), Logs: logs, After: after,
			Words: []string{"dissect", c.Dir, "--plan", key, "--shard", console.TaskID + fmt.Sprintf("/%d", n), "--round", string(r), "--workers", "1", "--requeue-code", fmt.Sprint(c.RequeueCode)},
		}
		id, err := job.Submit(ctx, filepath.Join(folder.Dir, string(r)+".sbatch"))
		if err != nil {
			return err
		}
		after, out.Jobs = id, append(out.Jobs, id)
	}
	merge := console.Job{Name: "merge", Logs: logs, After: after, Words: []string{"merge", c.Dir, "--plan", key, "--workers", "1", "--requeue-code", fmt.Sprint(c.RequeueCode)}}
	id, err := merge.Submit(ctx, filepath.Join(folder.Dir, "merge.sbatch"))
	if err != nil {
		return err
	}
	out.Jobs = append(out.Jobs, id)
	if s.JSON {
		return s.PrintJSON(out)
	}
	_, err = fmt.Fprintf(s.Console.Stdout, "submitted %v: three rounds of %d shards, and the merge\nlogs: %s\nwhen they are done: rnnscope atlas %s\n",
		out.Jobs, n, logs, console.ShellWord(c.Dir))
	return err
}

// SlurmShards is the answer of dissect --slurm --json.
type SlurmShards struct {
	Plan string   `json:"plan"`
	Jobs []string `json:"jobs"` // Slurm's numbers: labels, choose, report, merge
}
