package main

import (
	"fmt"

	"github.com/rnnscope/rnnscope/cmd/rnnscope/console"
)

type completionCmd struct {
	Shell string `arg:"" enum:"bash,zsh,fish,powershell" help:"One of: ${enum}."`
}

func (completionCmd) Help() string {
	return `The script asks the program itself what can follow, so it never grows old. Where the program has no word to offer, the
shell offers files.

Examples:

  rnnscope completion bash > ~/.local/share/bash-completion/completions/rnnscope
  echo 'source <(rnnscope completion zsh)' >> ~/.zshrc
  rnnscope completion fish > ~/.config/fish/completions/rnnscope.fish
  rnnscope completion powershell >> $PROFILE`
}

// completionScripts tell each shell to run the program with the line so far in COMP_LINE and the
// cursor in COMP_POINT; it answers one candidate a line (github.com/posener/complete).
var completionScripts = map[string]string{
	"bash": `complete -o default -C rnnscope rnnscope
`,
	"zsh": `autoload -U +X compinit && compinit -C
autoload -U +X bashcompinit && bashcompinit
complete -o default -C rnnscope rnnscope
`,
	"fish": `function __rnnscope_complete
    set -lx COMP_LINE (commandline -cp)
    set -lx COMP_POINT (string length -- "$COMP_LINE")
    test -z (commandline -ct); and set COMP_LINE "$COMP_LINE "
    rnnscope
end
complete -c rnnscope -a '(__rnnscope_complete)'
`,
	"powershell": `Register-ArgumentCompleter -Native -CommandName rnnscope -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $line = $commandAst.ToString()
    if ($wordToComplete -eq '' -and -not $line.EndsWith(' ')) { $line += ' ' }
    $env:COMP_LINE = $line
    $env:COMP_POINT = $line.Length
    try {
        & rnnscope | ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }
    } finally {
        Remove-Item Env:COMP_LINE, Env:COMP_POINT -ErrorAction SilentlyContinue
    }
}
`,
}

func (c *completionCmd) Run(s *console.Session) error {
	_, err := fmt.Fprint(s.Console.Stdout, completionScripts[c.Shell])
	return err
}
