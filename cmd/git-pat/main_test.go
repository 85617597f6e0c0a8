package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/term"
)

// Kong's own words for wrong usage name types and tokens of its parser. If a
// new version of it has others, they show here.
func TestUsage(t *testing.T) {
	t.Setenv("GIT_PAT_DIR", t.TempDir())
	for _, test := range []struct{ args, want, help string }{
		{"frobnicate", `"frobnicate" is not a command`, "git pat help"},
		{"lst", `"lst" is not a command, did you mean "list"?`, "git pat help"},
		{"-x", `there is no option "-x"`, "git pat help"},
		{"--frobnicate list", `there is no option "--frobnicate"`, "git pat help"},
		{"list --jsn", `there is no option "--jsn", did you mean "--json"?`, "git pat help list"},
		{"list a b", `"b" is one argument too many`, "git pat help list"},
		{"list --json=perhaps", `--json takes no value`, "git pat help list"},
		{"add", `TARGET is missing`, "git pat help add"},
		{"add --name n", `TARGET is missing`, "git pat help add"},
		{"remove -y", `TARGET is missing`, "git pat help remove"},
		{"add a --name", `--name needs a value`, "git pat help add"},
		{"add a --name --with-token", `--name needs a value`, "git pat help add"},
		{"add a --expires --", `--expires needs a value`, "git pat help add"},
		{"setup --save", `--save needs a value`, "git pat help setup"},
		{"setup --save=some", `--save: must be tokens, any or never`, "git pat help setup"},
		{"version now", `"now" is one argument too many`, "git pat help version"},
	} {
		t.Run(test.args, func(t *testing.T) {
			var out, errOut bytes.Buffer
			status := run(t.Context(), strings.Fields(test.args), &term.Terminal{Out: &out, Err: &errOut})
			want := "git pat: " + test.want + "\nhint: to see how to use it:\nhint:   " + test.help + "\n"
			if status != exitUsage || errOut.String() != want || out.Len() > 0 {
				t.Errorf("got %d, %q, want %d, %q", status, &errOut, exitUsage, want)
			}
		})
	}
}

func TestHelp(t *testing.T) {
	t.Setenv("GIT_PAT_DIR", t.TempDir())
	for _, test := range []struct{ args, want string }{
		{"", "usage: git pat <command>"},
		{"help", "usage: git pat <command>"},
		{"-h", "usage: git pat <command>"},
		{"--help", "usage: git pat <command>"},
		{"add -h", "usage: git pat add "},
		{"add --frobnicate -h", "usage: git pat add "},
		{"help add", "usage: git pat add "},
		{"list acme --help", "usage: git pat list "},
		{"--version", "git-pat version "},
		{"version", "git-pat version "},
	} {
		t.Run(test.args, func(t *testing.T) {
			var out, errOut bytes.Buffer
			status := run(t.Context(), strings.Fields(test.args), &term.Terminal{Out: &out, Err: &errOut})
			if status != 0 || !strings.HasPrefix(out.String(), test.want) || errOut.Len() > 0 {
				t.Errorf("got %d, %.60q, %q, want %q", status, &out, &errOut, test.want)
			}
		})
	}
	// What follows -- is no option.
	var out, errOut bytes.Buffer
	status := run(t.Context(), []string{"list", "--", "-h"}, &term.Terminal{Out: &out, Err: &errOut})
	if status != 0 || out.Len() > 0 || !strings.HasPrefix(errOut.String(), "git pat: no token for github.com/-h\n") {
		t.Errorf("-h after --: got %d, %q, %q", status, &out, &errOut)
	}
}
