package main

import (
	"fmt"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
)

// withoutJSON are the commands whose answer is never JSON, and why; docs/schema has a file of every other.
var withoutJSON = map[string]string{
	"mcp":        "speaks a protocol of its own",
	"completion": "a script",
	"man":        "a page",
}

type manCmd struct {
	Format string `enum:"roff,markdown" default:"roff" help:"One of: ${enum}."`
}

// Run writes the manual: a page for man, or the page of the documentation. Both are made from the parser that reads the
// command line.
func (c *manCmd) Run(s *console.Session, k *kong.Kong) error {
	page := manualPage
	if c.Format == "markdown" {
		page = referencePage
	}
	_, err := fmt.Fprint(s.Console.Stdout, page(k.Model))
	return err
}

// manualPage is man page rnnscope(1): the program's description, the flags of every command, then a section a command.
func manualPage(app *kong.Application) string {
	var page strings.Builder
	title, rest, _ := strings.Cut(app.Help, "\n")
	fmt.Fprintf(&page, ".TH %s 1 \"\" \"%s\" \"User commands\"\n.SH NAME\n%s \\- %s\n", strings.ToUpper(app.Name), roffText(console.ProgramVersion()), app.Name, roffText(title))
	fmt.Fprintf(&page, ".SH SYNOPSIS\n.B %s\n.I command\n[flags]\n.SH DESCRIPTION\n", app.Name)
	roffProse(&page, rest)
	page.WriteString(".SH OPTIONS\n")
	roffFlags(&page, app.Flags)
	for _, leaf := range app.Leaves(true) {
		roffCommand(&page, leaf)
	}
	return page.String()
}

func roffCommand(page *strings.Builder, leaf *kong.Node) {
	name := strings.TrimSuffix(leaf.Summary(), " [flags]")
	fmt.Fprintf(page, ".SH \"%s\"\n%s\n", roffText(strings.ToUpper(leaf.Path())), roffText(leaf.Help))
	fmt.Fprintf(page, ".PP\n.B rnnscope %s\n", roffText(name))
	roffProse(page, leaf.Detail)
	for _, arg := range leaf.Positional {
		fmt.Fprintf(page, ".TP\n.I %s\n%s\n", roffText(arg.Summary()), roffText(arg.Help))
	}
	roffFlags(page, leaf.Flags)
}

func roffFlags(page *strings.Builder, flags []*kong.Flag) {
	for _, flag := range flags {
		if flag.Hidden {
			continue
		}
		fmt.Fprintf(page, ".TP\n.B %s\n%s\n", roffText(flag.String()), roffText(flag.Help))
	}
}

// roffProse writes paragraphs; indented lines (examples) stay as they are.
func roffProse(page *strings.Builder, prose string) {
	for block := range strings.SplitSeq(strings.TrimSpace(prose), "\n\n") {
		if strings.HasPrefix(block, "  ") {
			fmt.Fprintf(page, ".PP\n.nf\n%s\n.fi\n", roffText(block))
			continue
		}
		if block != "" {
			fmt.Fprintf(page, ".PP\n%s\n", roffText(block))
		}
	}
}

// roffText protects what roff would read as its own: backslashes, hyphens, and dots and quotes that begin a line.
func roffText(s string) string {
	s = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(s)
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
			lines[i] = `\&` + line
		}
	}
	return strings.Join(lines, "\n")
}

// referencePage is docs/reference.md.
func referencePage(app *kong.Application) string {
	var page strings.Builder
	page.WriteString("# Commands\n\nWritten by `rnnscope man --format markdown` from the program's own parser. Every command has `--help`, and these flags:\n\n")
	markdownFlags(&page, app.Flags)
	for _, leaf := range app.Leaves(true) {
		fmt.Fprintf(&page, "\n## rnnscope %s\n\n%s\n\n", leaf.Path(), leaf.Help)
		fmt.Fprintf(&page, "    rnnscope %s\n\n", leaf.Summary())
		if withoutJSON[leaf.Path()] == "" {
			fmt.Fprintf(&page, "With `--json`: [schema](schema/%s.json).\n\n", strings.ReplaceAll(leaf.Path(), " ", "-"))
		}
		for block := range strings.SplitSeq(strings.TrimSpace(leaf.Detail), "\n\n") {
			if strings.HasPrefix(block, "  ") {
				block = "  " + strings.ReplaceAll(block, "\n", "\n  ")
			} else {
				block = markdownText(block)
			}
			if block != "" {
				fmt.Fprintf(&page, "%s\n\n", block)
			}
		}
		if len(leaf.Positional) > 0 {
			page.WriteString("| argument | what |\n| --- | --- |\n")
		}
		for _, arg := range leaf.Positional {
			fmt.Fprintf(&page, "| `%s` | %s |\n", arg.Summary(), markdownText(arg.Help))
		}
		if len(leaf.Positional) > 0 {
			page.WriteString("\n")
		}
		markdownFlags(&page, leaf.Flags)
	}
	return page.String()
}

func markdownFlags(page *strings.Builder, flags []*kong.Flag) {
	if len(flags) == 0 {
		return
	}
	page.WriteString("| flag | what |\n| --- | --- |\n")
	for _, flag := range flags {
		if !flag.Hidden {
			fmt.Fprintf(page, "| `%s` | %s |\n", strings.ReplaceAll(flag.String(), "|", `\|`), markdownText(flag.Help))
		}
	}
}

// markdownText protects what Markdown and HTML would read as their own.
func markdownText(s string) string {
	return strings.NewReplacer("|", `\|`, "<", "&lt;", "*", `\*`, "_", `\_`).Replace(s)
}
