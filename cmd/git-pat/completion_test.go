package main

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/term"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/words"
)

// These words may replace the last one. Words are separated by spaces, so a
// space at the end begins a new word.
func TestComplete(t *testing.T) {
	t.Setenv("GIT_PAT_DIR", t.TempDir())
	t.Chdir(t.TempDir()) // no repository, which would have remotes
	stores := []string{"keyring", "file"}
	const otherProgram = words.ExitFailure
	for _, test := range []struct {
		line   string
		want   []string
		status int
	}{
		{line: "re", want: []string{"revoke", "remove", "remote"}},
		{line: "ma"}, // is hidden
		{line: "man "},
		{line: "frobnicate "},
		{line: "--", want: []string{"--help"}},
		{line: "-h", want: []string{"-h"}},
		{line: "version "},
		{line: "version x "},
		{line: "completion ", want: []string{"bash", "zsh", "fish"}},
		{line: "completion bash "},
		{line: "help exe", want: []string{"exec"}},

		{line: "remove -", want: []string{"--name", "--yes", "-y", "--help", "-h"}},
		{line: "remove -y -", want: []string{"--name", "--help", "-h"}},
		{line: "remove --name n acme --", want: []string{"--yes", "--help"}},
		{line: "remove --name=n acme --", want: []string{"--yes", "--help"}},
		{line: "remove --frobnicate --y", want: []string{"--yes"}},
		{line: "remove -- --y"},
		{line: "exec --env A --e", want: []string{"--env"}},

		{line: "add acme --store ", want: stores},
		{line: "add --store ", want: stores},
		{line: "add --offline --store f", want: []string{"file"}},
		{line: "add --store=", want: stores},
		{line: "add --store=f", want: []string{"file"}},
		{line: "add --store --", want: nil}, // the value, whatever it looks like
		{line: "add --offline="},
		{line: "add --frobnicate="},
		{line: "add -- --store="},
		{line: "setup a b git", want: []string{"github.com"}}, // one of several
		{line: "setup --save n", want: []string{"never"}},

		{line: "exec ", status: otherProgram},
		{line: "exec --env A gh", status: otherProgram},
		{line: "exec gh --e", status: otherProgram},
		{line: "exec gh --env ", status: otherProgram},
		{line: "exec -- --e", status: otherProgram},
		{line: "exec --e", want: []string{"--env"}},
	} {
		t.Run(test.line, func(t *testing.T) {
			var out, errOut bytes.Buffer
			args := append([]string{"__complete"}, strings.Split(test.line, " ")...)
			status := run(t.Context(), args, &term.Terminal{Out: &out, Err: &errOut})
			var got []string
			for line := range strings.Lines(out.String()) {
				word, meaning, _ := strings.Cut(line, "\t")
				if strings.TrimSpace(meaning) == "" {
					t.Errorf("%q has no meaning", word)
				}
				got = append(got, word)
			}
			if !slices.Equal(got, test.want) || status != test.status || errOut.Len() > 0 {
				t.Errorf("got %q, status %d, %q, want %q, status %d", got, status, &errOut, test.want, test.status)
			}
		})
	}
}
