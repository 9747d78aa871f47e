package main

import (
	"fmt"
	"strings"

	"github.com/alecthomas/kong"
)

type manCmd struct{}

// Run writes the manual page, made from the parser that reads the command line.
func (manCmd) Run(s *session, k *kong.Kong) error {
	_, err := fmt.Fprint(s.main.Stdout, manualPage(k.Model))
	return err
}

// manualPage is man page rnnscope(1): the program's description, the flags of every command, then a section a command.
func manualPage(app *kong.Application) string {
	var page strings.Builder
	title, rest, _ := strings.Cut(app.Help, "\n")
	fmt.Fprintf(&page, ".TH %s 1 \"\" \"%s\" \"User commands\"\n.SH NAME\n%s \\- %s\n", strings.ToUpper(app.Name), roffText(programVersion()), app.Name, roffText(title))
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
