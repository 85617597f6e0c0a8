package e2e

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/git-credential-pat/git-credential-pat/e2e/githubtest"
)

// What a person types in error is answered by a line that says what is wrong, and
// changes nothing.
func TestInput(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 64<<10)
	targets := map[string]string{
		"a space": "ac me", "a sign": "acme!", "an escape": "ac\x1b[2Jme", "a newline": "ac\nme", "only spaces": "   ", "above": "acme/..",
		"a slash": "/acme", "64 KiB": long, "a host of 64 KiB": "https://" + long + "/acme", "a path of 64 KiB": "https://github.com/nobody/" + long,
		"letters": "\u00fcml\u00e4ut", "no text": "\xff\xfe", "another protocol": "ftp://github.com/acme", "a port": "github.com:99999/acme",
		"signs at": "a@b@c", "an escaped newline": "https://github.com/ac%0ame/x", "an escaped NUL": "https://github.com/ac%00me/x", "turned text": "ac\u202eme",
		"a token": mint(t, githubtest.FineGrained), "www": "https://www.github.com/acme/widgets", "api": "https://api.github.com/repos/acme/widgets",
	}
	unknown := []string{"nowhere.example/acme", "https://github.com/nobody/thing/tree/main/src"}
	p := newPerson(t)
	secret, other := mint(t, githubtest.Classic), mint(t, githubtest.Classic)
	p.pat(secret+"\n", "add", "acme", "--with-token", "--offline", "--store", "file", "--name", "one")
	p.pat("", "setup")
	check := func(name, in string, args ...string) {
		t.Run(strings.Join(args[:1], " ")+" "+name, func(t *testing.T) { p.errs(t, in, secret, other, args...) })
	}
	onTarget := [][]string{
		{"add", "--with-token", "--offline", "--store", "file"}, {"list"}, {"verify"}, {"explain"}, {"token"}, {"rotate", "--with-token", "--offline"},
		{"revoke", "--yes"}, {"move", "--store", "file", "--yes"}, {"remove", "--yes"}, {"remote"}, {"completion"}, {"help"}, {"setup"}, {"import"},
	}
	for _, command := range onTarget {
		for name, target := range targets {
			check(name, other+"\n", append(slices.Clone(command), target)...)
		}
	}
	for _, target := range unknown {
		for _, command := range onTarget[2:] {
			if command[0] != "setup" {
				check("unknown", other+"\n", append(slices.Clone(command), target)...)
			}
		}
	}
	for name, target := range targets {
		check(name, "", "exec", "--for="+target, "--", "true")
	}
	for _, command := range []string{"add", "verify", "explain", "token", "exec", "rotate", "revoke", "move", "remove", "remote", "completion", "import", "explain --error"} {
		check("nothing", "", strings.Fields(command)...)
	}
	add := []string{"add", "globex", "--with-token", "--offline", "--store", "file"}
	for _, option := range []string{"--name=a\x1b[2Jb", "--name=a\nb", "--name=" + long, "--username=a b", "--username=" + long, "--store=a\x1bb", "--store=" + long,
		"--store=", "--access=all", "--expires=10000-01-01", "--expires=2027-02-30", "--expires=31.01.2027", "--expires=x", "--expires=" + long, "--" + long} {
		if option != "--store=" {
			check(option[:min(len(option), 20)], other+"\n", append(slices.Clone(add), option)...)
		}
	}
	for name, in := range map[string]string{"nothing": "", "a newline": "\n", "spaces": "   \n", "two lines": other + "\nx\n", "64 KiB": "ghp_" + long, "an escape": other + "\x1b\n",
		"GitLab": "glpat-" + "xxxxxxxxxxxxxxxxxxxx\n", "a word": "hello\n"} {
		check(name+" as token", in, add...)
		check(name+" as token", in, "rotate", "acme", "--with-token", "--offline")
	}
	check("no text", "\x1b\x00\xff", "explain", "--error")
	check("64 KiB", long, "explain", "--error")
	check("no file", "", "import", "netrc", "nothing-there")
	check("a file of 64 KiB", "", "import", "netrc", long)
	check("a folder", "", "import", "netrc", ".")
	check("no name", "", "remove", "acme", "--name=\x1b", "--yes")
	check("a command of 64 KiB", "", long)
}

// An answer that says nothing changes nothing either.
func TestInputAtPrompts(t *testing.T) {
	t.Parallel()
	p, _ := newPersonOnline(t)
	secret := mint(t, githubtest.Classic)
	p.pat(secret+"\n", "add", "acme", "--with-token", "--offline", "--store", "file", "--name", "one")
	p.pat("", "setup")
	repository := exec.Command("sh", "-c", "git init -q && git remote add origin git@github.com:acme/widgets.git")
	repository.Env, repository.Dir = p.env, p.home
	if out, err := repository.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, question := range []struct{ prompt, command string }{
		{"(it is not shown): ", "add globex --store file --offline"},
		{"(it is not shown): ", "rotate acme --offline"},
		{"Type the name of the token", "revoke acme"},
		{"[y/N] ", "remove acme"},
		{"[y/N] ", "move acme --store git:store"},
		{"[y/N] ", "remote --fix"},
	} {
		for name, answer := range map[string]string{"nothing": "\n", "spaces": "   \n", "the end": "\x04"} {
			t.Run(question.command+" "+name, func(t *testing.T) {
				before := everything(t, p.home)
				p := &person{t, p.home, p.env}
				s := p.start(nil, "git-pat", strings.Fields(question.command)...)
				s.until(question.prompt, func() bool { return strings.Contains(s.screen(), question.prompt) })
				s.types(answer)
				if status := s.ends(); status.ExitStatus() != 1 && status.ExitStatus() != 2 {
					t.Errorf("got the status %d", status.ExitStatus())
				}
				if said := s.errOut.String(); !nothing.MatchString(said) {
					t.Errorf("said %q", said)
				}
				if after := everything(t, p.home); after != before {
					t.Errorf("something was changed: before\n%s\nafter\n%s", before, after)
				}
			})
		}
	}
}

var nothing = regexp.MustCompile(`(?m)^git pat: (.+; )?nothing (is|was) (changed|removed|moved|revoked)\n\z`)

// errs runs git pat, which must do nothing but say what is wrong.
func (p *person) errs(t *testing.T, in, secret, other string, args ...string) {
	before := everything(t, p.home)
	cmd := exec.CommandContext(t.Context(), filepath.Join(programs, "git-pat"), args...)
	cmd.Env, cmd.Dir, cmd.Stdin = p.env, p.home, strings.NewReader(in)
	var out, errOut strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &errOut
	err := cmd.Run()
	status := cmd.ProcessState.ExitCode()
	if err == nil && args[0] == "list" {
		status = 1 // to have no token is no error there
	}
	if status != 1 && status != 2 {
		t.Errorf("%v, want the status 1 or 2", err)
	}
	p.saysOneThing(t, errOut.String())
	if leaked(out.String()+errOut.String(), secret) != "" || leaked(out.String()+errOut.String(), other) != "" {
		t.Errorf("a token is shown")
	}
	if after := everything(t, p.home); after != before {
		t.Errorf("something was changed: before\n%s\nafter\n%s", before, after)
	}
}

// messages are those of git pat, of at most four lines each.
var messages = regexp.MustCompile(`\A(git pat: .+\n(hint: .+\n){0,3}|git pat: .+\nusage: .+\n(hint: .+\n){0,2}){1,2}\z`)

func (p *person) saysOneThing(t *testing.T, said string) {
	t.Helper()
	tooLong := func(line string) bool { return len(line) > 1100 }
	if !messages.MatchString(said) || slices.ContainsFunc(strings.Split(said, "\n"), tooLong) || strings.Contains(said, "goroutine ") {
		t.Errorf("said %.3000q", said)
	}
	for _, r := range said {
		if r != '\n' && (r < ' ' || r > '~') {
			t.Errorf("said %q in %.3000q", r, said)
			break
		}
	}
}

// everything returns the files in a folder with their content.
func everything(t *testing.T, folder string) string {
	t.Helper()
	var text strings.Builder
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		content := []byte{}
		if info.Mode().IsRegular() {
			if content, err = os.ReadFile(path); err != nil {
				return err
			}
		}
		fmt.Fprintf(&text, "%s %v %q\n", path, info.Mode(), content)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return text.String()
}
