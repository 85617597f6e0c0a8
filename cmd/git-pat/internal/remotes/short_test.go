package remotes

import (
	"strings"

	"github.com/git-credential-pat/git-credential-pat/credential/forge"
)

// inShort is an entry as the tables of tests have it: what it is and where it
// leads, what is wrong with it, and its commands.
func inShort(e *Entry) string {
	text := "remote " + e.Name
	if e.Submodule != "" {
		text = "submodule " + e.Submodule
	}
	if !e.Fetch {
		text += " (push)"
	}
	if !e.Push {
		text += " (fetch)"
	}
	text += " " + e.HTTPS
	if e.NotHTTPS() {
		text += ", over " + e.Protocol
	}
	if e.Secret != nil {
		text += ", secret " + e.Secret.Shown
	}
	if e.Follows != "" {
		text += ", follows " + e.Follows
	}
	if e.Wrong != nil {
		text += ", " + e.Wrong.Error()
	}
	for _, command := range e.Commands {
		text += "\n> " + strings.Join(command, " ")
	}
	if e.ByHand != nil {
		text += "\n> by hand: " + strings.Join(e.ByHand, " ")
	}
	return text
}

// forgeOf returns a function that knows the forge of one host.
func forgeOf(host string, f forge.Forge) func(string) forge.Forge {
	return func(asked string) forge.Forge {
		if asked == host {
			return f
		}
		return forge.Other
	}
}
