package main

import (
	"strings"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/words"
	"github.com/git-credential-pat/git-credential-pat/credential"
)

// tokenArgument returns an error if an argument contains a token. Shells keep
// arguments in their history, and other users may see them while a program runs.
func tokenArgument(args []string) error {
	for _, arg := range args {
		masked := credential.MaskTokens(arg)
		if masked == arg {
			continue
		}
		for _, prefix := range []string{"github_pat_", "ghp_", "gho_", "ghu_", "ghs_", "ghr_"} {
			if strings.Contains(masked, prefix+"***") {
				return words.TokenGiven(credential.KindOf(credential.NewSecret(prefix), credential.GitHubHost))
			}
		}
		return words.TokenGiven("") // of another forge
	}
	return nil
}

// ownArguments returns the arguments without those of the command that git pat exec
// runs, which belong to another program.
func (c *commands) ownArguments(args []string) []string {
	command := c.Exec.Command
	if len(command) > 0 && command[0] == "--" {
		command = command[1:]
	}
	return args[:len(args)-max(0, len(command)-1)]
}
