//go:build linux

package e2e

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/git-credential-pat/git-credential-pat/e2e/githubtest"
)

// hostile is what others may put into a name: it clears the screen, sets the
// title, turns text around, hides and separates. It has no newline and no
// slash, so that it may be the name of a file.
const hostile = "a\x1b[2J\x1b]0;t\ab\u202ec\u200bd\u009b1me\u2028f\rg\x7fh"

// unseen is the part of it that a record may hold.
const unseen = "a\u202eb\u200bc\u009b1md\u2028e"

// ourCodes are the sequences that git pat itself sends to a terminal.
var ourCodes = regexp.MustCompile(`\x1b\[[0-9]*m|\x1b\]8;;[!-~]*\x1b\\|\r\x1b\[K`)

// showsNoControls fails unless all that reached the terminal is text, lines and
// what git pat itself sends, such as the tab that completion has for the shell.
func (s *session) showsNoControls() {
	s.t.Helper()
	shown := strings.Replace(ourCodes.ReplaceAllString(s.screen(), ""), "x\tfor ", "x for ", 1)
	if !utf8.ValidString(shown) {
		s.t.Errorf("what is not UTF-8 reached the terminal: %q", shown)
	}
	for _, r := range shown {
		if r != '\n' && r != '\r' && !strconv.IsPrint(r) {
			s.t.Errorf("%q reached the terminal: %q", r, shown)
			return
		}
	}
	// The \r are those before a newline, and those of progress.
	if bare := strings.ReplaceAll(shown, "\r\n", ""); strings.Contains(bare, "\rg") {
		s.t.Errorf("a carriage return of the text reached the terminal: %q", shown)
	}
}

// Whatever stands in names, files, Git's configuration and the answers of a
// server, nothing but text reaches the terminal.
func TestTerminalHostile(t *testing.T) {
	t.Parallel()
	asJSON := func(s string) string {
		text, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	write := func(p *person, name, text string) {
		path := filepath.Join(p.home, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			p.t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			p.t.Fatal(err)
		}
	}
	git := func(p *person, args ...string) {
		cmd := exec.Command("git", args...)
		cmd.Env, cmd.Dir = p.env, p.home
		if out, err := cmd.CombinedOutput(); err != nil {
			p.t.Fatalf("git %q: %v\n%s", args, err, out)
		}
	}
	const records = ".local/share/git-pat/tokens/github.com/acme/@/"
	record := func(p *person) {
		write(p, records+"x.record", "format=1\ntarget=github.com/acme\nname="+unseen+"\nusername="+unseen+"\nkind=fine-grained\nstore=env:"+unseen+"\n\n")
	}
	for _, test := range []struct {
		name    string
		prepare func(*person, *githubtest.Server)
		program string // git-pat
		args    []string
		want    string // is shown
		answer  string // to the question in want, where there is one
	}{
		{name: "a record in list", prepare: func(p *person, _ *githubtest.Server) { record(p) },
			args: []string{"list"}, want: `a\u202eb\u200bc\u009b1md\u2028e`},
		{name: "a record in JSON", prepare: func(p *person, _ *githubtest.Server) { record(p) },
			args: []string{"list", "--json"}, want: `"a\u202eb\u200bc\u009b1md\u2028e"`},
		{name: "a record in a question", prepare: func(p *person, _ *githubtest.Server) { record(p) },
			args: []string{"remove", "acme"}, want: `Remove the token "a\u202eb`, answer: "n\n"},
		{name: "a record in a question for its name",
			prepare: func(p *person, _ *githubtest.Server) {
				write(p, records+"x.record", "format=1\ntarget=github.com/acme\nname="+unseen+"\nkind=fine-grained\nstore=file\n\n")
				write(p, ".local/share/git-pat/secrets/github.com/acme/@/x", mint(p.t, githubtest.FineGrained))
			},
			args: []string{"revoke", "acme"}, want: `Type the name of the token, a\u202eb`, answer: "no\n"},
		{name: "a record in doctor", prepare: func(p *person, _ *githubtest.Server) { record(p) },
			args: []string{"doctor"}, want: `"a\u202eb`},
		{name: "a record in explain", prepare: func(p *person, _ *githubtest.Server) { record(p) },
			args: []string{"explain", "acme/widgets"}, want: `"a\u202eb`},
		{name: "a record in completion",
			prepare: func(p *person, _ *githubtest.Server) {
				write(p, ".local/share/git-pat/tokens/forge.example/team/@/x.record",
					"format=1\ntarget=forge.example/team/"+unseen+"\nname=x\nkind=other\nstore=file\n\n")
			},
			args: []string{"__complete", "remove", "--name", ""}, want: `for forge.example/team/a\u202eb`},
		{name: "a damaged record", prepare: func(p *person, _ *githubtest.Server) { write(p, records+"x"+hostile+".record", "{") },
			args: []string{"list"}, want: `/xa\x1b[2J`},
		{name: "the folder",
			prepare: func(p *person, _ *githubtest.Server) {
				p.env = append(p.env, "GIT_PAT_DIR="+filepath.Join(p.home, hostile))
				write(p, hostile+"/tokens/github.com/acme/@/x.record", "{")
			},
			args: []string{"doctor"}, want: `/a\x1b[2J`},
		{name: "the folder, relative",
			prepare: func(p *person, _ *githubtest.Server) { p.env = append(p.env, "GIT_PAT_DIR="+hostile) },
			args:    []string{"list"}, want: `GIT_PAT_DIR is "a\x1b[2J`},
		{name: "a submodule", prepare: func(p *person, _ *githubtest.Server) {
			git(p, "init", "-q")
			git(p, "update-index", "--add", "--cacheinfo", "160000,1234567890123456789012345678901234567890,"+hostile)
			git(p, "config", "-f", ".gitmodules", "submodule."+hostile+".path", hostile)
			git(p, "config", "-f", ".gitmodules", "submodule."+hostile+".url", "git@github.com:acme/widgets.git")
		}, args: []string{"remote"}, want: `submodule "a\x1b[2J`},
		{name: "a rule of insteadOf", prepare: func(p *person, _ *githubtest.Server) {
			git(p, "config", "--global", "url.git@github.com:.insteadOf", "https://github.com/"+hostile+"/")
			git(p, "config", "--global", "--add", "url.git@github.com:.insteadOf", "https://github.com/")
		}, args: []string{"doctor"}, want: `github.com/a\x1b[2J`},
		{name: "a file to import", prepare: func(p *person, _ *githubtest.Server) {
			write(p, hostile, "https://"+hostile+":"+mint(p.t, githubtest.Classic)+"@github.com/acme\n")
		}, args: []string{"import", "git-credentials", hostile, "--dry-run", "--offline"}, want: `a\x1b[2J`},
		{name: "a file that is not there", args: []string{"import", "netrc", hostile}, want: `a\x1b[2J`},
		{name: "gh's configuration",
			prepare: func(p *person, _ *githubtest.Server) {
				p.env = append(p.env, "GH_CONFIG_DIR="+filepath.Join(p.home, hostile))
			},
			args: []string{"import", "gh"}, want: `/a\x1b[2J`},
		{name: "a certificate",
			prepare: func(p *person, _ *githubtest.Server) {
				p.pat(mint(p.t, githubtest.FineGrained)+"\n", "add", "acme", "--with-token", "--store", "file")
				p.env = append(p.env, "GIT_SSL_CAINFO="+hostile)
			},
			args: []string{"verify", "--all"}, want: `a\x1b[2J`},
		{name: "a server's names", prepare: func(p *person, s *githubtest.Server) {
			p.pat(issue(p.t, s, githubtest.Token{})+"\n", "add", "acme", "--with-token", "--store", "file")
			s.Answer("api.github.com", "/user/repos", `[{"full_name": `+asJSON("acme/"+hostile)+`, "owner": {"login": "acme"}}]`, -1)
			s.Answer("api.github.com", "/user", `{"login": `+asJSON(hostile)+`}`, -1)
		}, args: []string{"verify", "--all"}, want: `a\x1b[2J`},
		{name: "a server's text", prepare: func(p *person, s *githubtest.Server) {
			p.pat(issue(p.t, s, githubtest.Token{})+"\n", "add", "acme", "--with-token", "--store", "file")
			s.Fail("api.github.com", "/user", 418, hostile, -1)
		}, args: []string{"verify", "--all"}, want: `the server answered 418: "a\x1b[2J`},
		{name: "an argument", args: []string{hostile}, want: `"a\x1b[2J`},
		{name: "a target", args: []string{"remove", "acme", "--name", hostile, "--yes"}, want: `"a\x1b[2J`},
		{name: "an option", args: []string{"list", "--" + hostile}, want: `"--a\x1b[2J`},
		{name: "a command to run", args: []string{"exec", "--for", "acme", "--", "./" + hostile}, want: `"./a\x1b[2J`},
		{name: "a host to set up", args: []string{"setup", "--dry-run", "x." + hostile}, want: `"x.a\x1b[2J`},
		{name: "an operation of the helper", program: "git-credential-pat", args: []string{hostile}, want: `"a\x1b[2J`},
		{name: "a store of the helper", program: "git-credential-pat", args: []string{"--store", hostile, "get"}, want: `"a\x1b[2J`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p, server := newPersonOnline(t)
			if test.prepare != nil {
				test.prepare(p, server)
			}
			p.env = append(p.env, "TERM=xterm")
			if test.program == "" {
				test.program = "git-pat"
			}
			s := p.start(func(cmd *exec.Cmd, tty *os.File) { cmd.Stdin, cmd.Stdout, cmd.Stderr = tty, tty, tty }, test.program, test.args...)
			s.until(test.want, func() bool { return strings.Contains(s.screen(), test.want) })
			if test.answer != "" {
				s.types(test.answer)
			} else {
				s.types("\x04") // the helper reads on
			}
			s.ends()
			s.showsNoControls()
		})
	}
}
