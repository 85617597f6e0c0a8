package main

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/term"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/words"
)

// No command accepts a token as an argument, wherever it is, and none shows it.
func TestTokenArgument(t *testing.T) {
	t.Setenv("GIT_PAT_DIR", t.TempDir())
	body := strings.Repeat("a1B2", 15)
	fineGrained := "github_pat_" + body[:22] + "_" + body[:59]
	secrets := map[string]string{
		fineGrained:          "https://github.com/settings/personal-access-tokens",
		"ghp_" + body[:36]:   "https://github.com/settings/tokens",
		"gho_" + body[:36]:   "https://github.com/settings/applications",
		"ghs_" + body[:40]:   "",
		"glpat-" + body[:20]: "",
		"ghr_" + body[:60]:   "",
		"ghu_" + body[:36]:   "https://github.com/settings/applications",
		"ghp_" + body[4:50]:  "https://github.com/settings/tokens",
	}
	model, err := kong.New(new(commands), kong.NoDefaultHelp())
	if err != nil {
		t.Fatal(err)
	}
	// X stands for the token.
	lines := []string{"X", "--X", "frobnicate X", "--version X", "help X", "exec X", "exec --for X true", "exec --env X -- true", "exec -- X",
		"exec --for https://you:X@github.com/acme -- true"}
	for _, node := range model.Model.Children {
		for _, rest := range []string{"X", "acme X", "--X", "acme --help X", "acme --help=X", "-- X", "https://you:X@github.com/acme/widgets.git"} {
			if node.Name != "exec" || rest == "X" {
				lines = append(lines, node.Name+" "+rest)
			}
		}
		for _, flag := range node.Flags {
			lines = append(lines, node.Name+" --"+flag.Name+"=X acme", node.Name+" --"+flag.Name+" X")
		}
	}
	for secret, page := range secrets {
		tried := lines[:1]
		if secret == fineGrained {
			tried = lines
		}
		want := "git pat: an argument contains a token; nothing was done\nhint: it is in your shell's history now, so revoke it; git pat add asks for a "
		if page == "" {
			want += "token without showing it\n"
		} else {
			want += "new one:\nhint:   " + page + "\n"
		}
		for _, line := range tried {
			var out, errOut bytes.Buffer
			status := run(t.Context(), strings.Fields(strings.ReplaceAll(line, "X", secret)), &term.Terminal{Out: &out, Err: &errOut})
			if status != words.ExitUsage || errOut.String() != want || out.Len() > 0 {
				t.Errorf("git pat %s: got %d, %q, want %d, %q", line, status, strings.ReplaceAll(errOut.String(), secret, "X"), words.ExitUsage, want)
			}
		}
	}
}

// What belongs to a command that git pat exec runs, and what only looks like the start
// of a token.
func TestNotTokenArgument(t *testing.T) {
	t.Setenv("GIT_PAT_DIR", t.TempDir())
	secret := "ghp_" + strings.Repeat("a1B2", 9)
	for _, args := range [][]string{
		{"exec", "true", secret},
		{"exec", "--for", "acme", "--", "curl", "-H", "Authorization: token " + secret},
		{"exec", "curl", "--header=" + secret, "--", secret},
		{"list", "acme/walkthroughs_and_guides"},
		{"list", "acme", "--", secret[:30]},
		{"explain", strings.Repeat("0123456789", 4)},
	} {
		var errOut bytes.Buffer
		run(t.Context(), slices.Clone(args), &term.Terminal{Out: &errOut, Err: &errOut})
		if strings.Contains(errOut.String(), "contains a token") {
			t.Errorf("%q: got %q", args, &errOut)
		}
	}
}
