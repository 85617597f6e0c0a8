package e2e

import (
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/git-credential-pat/git-credential-pat/e2e/githubtest"
)

// A change is what another program does to the token laptop for acme while
// somebody is asked about it.
type change struct {
	name string
	do   func(p *person, fresh string)
	was  string // what is said of it; nothing if it does not count
	left func(old, fresh string) string
}

func (p *person) plain() string { return "git:store --file=" + filepath.Join(p.home, "plain") }

func oldOne(old, _ string) string     { return old }
func freshOne(_, fresh string) string { return fresh }

var changes = []change{
	{"rotated", func(p *person, fresh string) { p.pat(fresh+"\n", "rotate", "acme", "--with-token", "--offline") }, "changed", freshOne},
	{"moved", func(p *person, _ string) { p.pat("", "move", "acme", "--store", p.plain(), "--yes") }, "changed", oldOne},
	{"removed and added", func(p *person, fresh string) {
		p.pat("", "remove", "acme", "--yes")
		p.pat(fresh+"\n", "add", "acme", "--with-token", "--store", "file", "--name", "laptop")
	}, "changed", freshOne},
	{"removed", func(p *person, _ string) { p.pat("", "remove", "acme", "--yes") }, "removed", func(string, string) string { return "" }},
	{"refused", func(p *person, _ string) { p.helper("erase", p.token()) }, "", nil},
}

// helper tells the helper what became of a token for acme.
func (p *person) helper(operation, token string) {
	p.t.Helper()
	cmd := exec.Command(filepath.Join(programs, "git-credential-pat"), operation)
	cmd.Env, cmd.Dir = p.env, p.home
	cmd.Stdin = strings.NewReader("protocol=https\nhost=github.com\npath=acme/widgets\npassword=" + token + "\n")
	if out, err := cmd.CombinedOutput(); err != nil {
		p.t.Fatalf("%v: %s", err, out)
	}
}

// isTidy fails if there is a secret without a record, or a record without its
// secret.
func (p *person) isTidy() {
	p.t.Helper()
	cmd := exec.Command(filepath.Join(programs, "git-pat"), "doctor", "--json")
	cmd.Env, cmd.Dir = p.env, p.home
	out, _ := cmd.Output() // Git is not set up, which is an error
	var findings []struct{ Check, What string }
	if err := json.Unmarshal(out, &findings); err != nil {
		p.t.Fatal(err)
	}
	for _, f := range findings {
		switch f.Check {
		case "orphan", "leftover", "token-secret", "token-damaged", "token-rival":
			p.t.Errorf("%s: %s", f.Check, f.What)
		}
	}
}

// everything is all that is kept anywhere.
func (p *person) everything() string {
	p.t.Helper()
	var all strings.Builder
	for _, root := range []string{filepath.Join(p.home, ".local/share/git-pat"), filepath.Join(p.home, "plain"), filepath.Join(p.home, "other")} {
		filepath.WalkDir(root, func(path string, entry os.DirEntry, err error) error {
			if err == nil && entry.Type().IsRegular() {
				data, err := os.ReadFile(path)
				if err != nil {
					p.t.Fatal(err)
				}
				all.Write(data)
			}
			return nil
		})
	}
	return all.String()
}

// What is done after a question is done to what was asked about, or not at all:
// a newer token stays, a moved one leaves nothing behind, and a rotation undoes
// no move.
func TestTerminalChangedMeanwhile(t *testing.T) {
	t.Parallel()
	const one = `the token "laptop" for github.com/acme`
	for _, command := range []struct {
		name     string
		args     []string
		question string
		dark     bool // it does not show
		answer   func(newest string) string
		so       string
		hints    map[string]string // by what was done, where it is not to look at the list
		done     string            // what is said where nothing changed
		left     func(old, newest string) string
	}{
		{
			name: "remove", args: []string{"remove", "acme"}, question: "Remove " + one + "? It cannot be shown again. [y/N] ",
			answer: func(string) string { return "y" }, so: "nothing was removed",
			done: "removed " + one, left: func(string, string) string { return "" },
		}, {
			name: "revoke", args: []string{"revoke", "acme"}, question: "Type the name of the token, laptop, to revoke it: ",
			answer: func(string) string { return "laptop" }, so: "nothing was revoked",
			done: "asked github.com to revoke " + one + ", and removed it here", left: func(string, string) string { return "" },
		}, {
			name: "rotate", args: []string{"rotate", "acme", "--keep-old"}, question: tokenPrompt, dark: true,
			answer: func(newest string) string { return newest }, so: "the new token does not replace it",
			hints: map[string]string{
				"changed": "hint: the new token is not kept; to replace the token that is there now, or to add the new one beside it:\n" +
					"hint:   git pat rotate acme --name laptop\nhint:   git pat add acme --name laptop-2\n",
				"removed": "hint: the new token is not kept; to add it:\nhint:   git pat add acme --name laptop\n",
			},
			done: `the fine-grained token "laptop"`, left: freshOne,
		}, {
			name: "move", args: []string{"move", "acme", "--store", "git:store --file=other"}, question: "Move " + one + ` to the store "git:store --file=other"? [y/N] `,
			answer: func(string) string { return "y" }, so: "it is not moved",
			done: "moved " + one, left: func(string, string) string { return "" }, // it was refused before
		}, {
			name: "move all", args: []string{"move", "--all", "--store", "git:store --file=other"}, question: "Move " + one + ` to the store "git:store --file=other"? [y/N] `,
			answer: func(string) string { return "y" }, so: "it is not moved",
			done: "moved " + one, left: func(string, string) string { return "" },
		},
	} {
		for _, change := range changes {
			t.Run(command.name+" "+change.name, func(t *testing.T) {
				t.Parallel()
				p, server := newPersonOnline(t)
				old, fresh, newest := issue(t, server, githubtest.Token{}), issue(t, server, githubtest.Token{}), issue(t, server, githubtest.Token{})
				p.pat(old+"\n", "add", "acme", "--with-token", "--store", "file", "--name", "laptop")

				args := command.args
				if i := len(args) - 1; args[i] == "git:store --file=other" {
					args = append(args[:i:i], "git:store --file="+filepath.Join(p.home, "other"))
				}
				s := p.start(nil, "git-pat", args...)
				question := strings.ReplaceAll(command.question, "--file=other", "--file="+filepath.Join(p.home, "other"))
				if command.dark {
					s.promptedInTheDark(question)
				} else {
					s.until("the question", func() bool { return strings.Contains(s.screen(), question) })
				}
				change.do(p, fresh)
				before := p.everything()
				s.types(command.answer(newest) + "\n")
				status := s.ends()
				s.hides(old, fresh, newest)

				if change.was == "" {
					if status.ExitStatus() != 0 || !strings.Contains(s.errOut.String(), "git pat: "+command.done) {
						t.Errorf("exit status %d: %s", status.ExitStatus(), &s.errOut)
					}
					if got := p.token(); got != command.left(old, newest) {
						t.Errorf("another token answers, of %d bytes", len(got))
					}
					p.isTidy()
					return
				}
				hint := command.hints[change.was]
				if hint == "" {
					hint = "hint: to see the tokens that there are now:\nhint:   git pat list acme\n"
				}
				want := "git pat: " + one + " was " + change.was + " meanwhile, so " + command.so + "\n" + hint
				if status.ExitStatus() != 1 || !strings.Contains(s.errOut.String(), want) {
					t.Errorf("exit status %d, said %q, want %q", status.ExitStatus(), &s.errOut, want)
				}
				if got := p.token(); got != change.left(old, fresh) {
					t.Errorf("another token answers, of %d bytes", len(got))
				}
				if got := p.everything(); got != before {
					t.Error("something was written")
				}
				if server.Revoked(old) || server.Revoked(fresh) || server.Revoked(newest) {
					t.Error("a token was revoked")
				}
				p.isTidy()
			})
		}
	}
}

// duringCall runs git pat, and does something between its call to a path of
// GitHub's API and the answer.
func (p *person) duringCall(server *githubtest.Server, path string, do func(), in string, args ...string) *session {
	p.t.Helper()
	held, release := server.Hold("api.github.com", path)
	defer release()
	s := p.start(func(cmd *exec.Cmd, _ *os.File) { cmd.Stdin = strings.NewReader(in) }, "git-pat", args...)
	s.until("the call", func() bool {
		select {
		case <-held:
			return true
		default:
			return false
		}
	})
	do()
	return s
}

// A rotation that waits for GitHub puts the new token in the place of the very
// one that it was to replace, and holds no lock meanwhile.
func TestChangedDuringRotate(t *testing.T) {
	t.Parallel()
	for _, change := range changes {
		t.Run(change.name, func(t *testing.T) {
			t.Parallel()
			p, server := newPersonOnline(t)
			old, fresh, newest := issue(t, server, githubtest.Token{}), issue(t, server, githubtest.Token{}), issue(t, server, githubtest.Token{})
			p.pat(old+"\n", "add", "acme", "--with-token", "--store", "file", "--name", "laptop")
			s := p.duringCall(server, "/user", func() { change.do(p, fresh) }, newest+"\n", "rotate", "acme", "--with-token", "--revoke")
			status := s.ends()
			s.hides(old, fresh, newest)
			if change.was == "" {
				if status.ExitStatus() != 0 || p.token() != newest || !server.Revoked(old) {
					t.Errorf("exit status %d: %s", status.ExitStatus(), &s.errOut)
				}
				p.isTidy()
				return
			}
			want := `git pat: the token "laptop" for github.com/acme was ` + change.was + " meanwhile, so the new token does not replace it\n" +
				"hint: the new token is not kept; "
			if status.ExitStatus() != 1 || !strings.Contains(s.errOut.String(), want) {
				t.Errorf("exit status %d, said %q, want %q", status.ExitStatus(), &s.errOut, want)
			}
			if got := p.token(); got != change.left(old, fresh) {
				t.Errorf("another token answers, of %d bytes", len(got))
			}
			if strings.Contains(p.everything(), newest) || server.Revoked(old) || server.Revoked(newest) {
				t.Error("something was done all the same")
			}
			p.isTidy()
		})
	}
}

// What GitHub was told to revoke is revoked, and what has taken its place here
// meanwhile stays.
func TestChangedDuringRevoke(t *testing.T) {
	t.Parallel()
	const told = `git pat: asked github.com to revoke the token "laptop" for github.com/acme`
	for _, change := range changes {
		t.Run(change.name, func(t *testing.T) {
			t.Parallel()
			p, server := newPersonOnline(t)
			old, fresh := issue(t, server, githubtest.Token{}), issue(t, server, githubtest.Token{})
			p.pat(old+"\n", "add", "acme", "--with-token", "--store", "file", "--name", "laptop")
			s := p.duringCall(server, "/credentials/revoke", func() { change.do(p, fresh) }, "", "revoke", "acme", "--yes")
			status := s.ends()
			want, exit := told+", and removed it here\n", 0
			left := ""
			switch change.was {
			case "changed":
				want, exit = told+"; another program changed it here meanwhile, so what there is now stays\nhint: to check whether the new one is valid:\nhint:   git pat verify acme\n", 1
				left = change.left(old, fresh)
			case "removed":
				want = told + ", and another program removed it here meanwhile\n"
			}
			if status.ExitStatus() != exit || s.errOut.String() != want {
				t.Errorf("exit status %d, said %q, want %d and %q", status.ExitStatus(), &s.errOut, exit, want)
			}
			if got := p.token(); got != left {
				t.Errorf("another token answers, of %d bytes", len(got))
			}
			if !server.Revoked(old) || server.Revoked(fresh) {
				t.Errorf("revoked: the old one %v, the new one %v", server.Revoked(old), server.Revoked(fresh))
			}
			p.isTidy()
		})
	}
}

// A token that is pasted in the place of another one comes where that one is by
// then.
func TestTerminalAddAfterMove(t *testing.T) {
	t.Parallel()
	p := newPerson(t)
	old, fresh := mint(t, githubtest.FineGrained), mint(t, githubtest.FineGrained)
	p.pat(old+"\n", "add", "acme", "--with-token", "--store", "file", "--name", "laptop")
	s := p.start(nil, "git-pat", "add", "acme", "--name", "laptop", "--replace", "--offline")
	s.promptedInTheDark(tokenPrompt)
	p.pat("", "move", "acme", "--store", p.plain(), "--yes")
	s.types(fresh + "\n")
	status := s.ends()
	s.hides(old, fresh)
	if status.ExitStatus() != 0 || p.token() != fresh || !strings.Contains(p.read("plain"), fresh) || strings.Contains(p.everything(), old) {
		t.Errorf("exit status %d: %s", status.ExitStatus(), &s.errOut)
	}
	p.isTidy()
}

// The old token of a rotation is the one that is revoked, whatever is in its
// place by now.
func TestTerminalChangedBeforeRevoking(t *testing.T) {
	t.Parallel()
	p, server := newPersonOnline(t)
	old, fresh, newest := issue(t, server, githubtest.Token{}), issue(t, server, githubtest.Token{}), issue(t, server, githubtest.Token{})
	p.pat(old+"\n", "add", "acme", "--with-token", "--store", "file", "--name", "laptop")
	s := p.start(nil, "git-pat", "rotate", "acme")
	s.promptedInTheDark(tokenPrompt)
	s.types(fresh + "\n")
	s.until("the question", func() bool { return strings.Contains(s.screen(), revokePrompt) })
	p.pat(newest+"\n", "rotate", "acme", "--with-token", "--keep-old")
	s.types("y\n")
	if status := s.ends(); status.ExitStatus() != 0 {
		t.Errorf("exit status %d: %s", status.ExitStatus(), &s.errOut)
	}
	if !server.Revoked(old) || server.Revoked(fresh) || server.Revoked(newest) || p.token() != newest {
		t.Errorf("revoked: %v, %v, %v", server.Revoked(old), server.Revoked(fresh), server.Revoked(newest))
	}
	p.isTidy()
}

// A verdict on a token that is another one by now is not noted.
func TestChangedDuringVerify(t *testing.T) {
	t.Parallel()
	p, server := newPersonOnline(t)
	old, fresh := issue(t, server, githubtest.Token{}), issue(t, server, githubtest.Token{})
	p.pat(old+"\n", "add", "acme", "--with-token", "--store", "file", "--name", "laptop")
	s := p.duringCall(server, "/user", func() {
		server.Fail("api.github.com", "/user", http.StatusUnauthorized, "Bad credentials", 1)
		p.pat(fresh+"\n", "rotate", "acme", "--with-token", "--offline")
	}, "", "verify", "acme")
	if status := s.ends(); status.ExitStatus() != 1 || !strings.Contains(s.out.String(), "refused") {
		t.Errorf("exit status %d: %s", status.ExitStatus(), &s.out)
	}
	if got := p.token(); got != fresh {
		t.Errorf("another token answers, of %d bytes", len(got))
	}
}

// An entry goes from a source only if its token is here when it goes, and what
// was written there since it was read stays.
func TestTerminalImportChangedMeanwhile(t *testing.T) {
	t.Parallel()
	const remains = "/.git-credentials:1 stays, because its token is not stored any more\n"
	line := func(token string) string { return "https://alice:" + token + "@github.com/acme/widgets\n" }
	for _, test := range []struct {
		name string
		do   func(p *person, file, fresh string)
		said string                          // that it stays, or nothing
		left func(acme, fresh string) string // in the file
	}{
		{"nothing", func(*person, string, string) {}, "", func(string, string) string { return "" }},
		{
			"rotated",
			func(p *person, _, fresh string) { p.pat(fresh+"\n", "rotate", "acme", "--with-token", "--offline") },
			remains, oldOne,
		},
		{
			"moved",
			func(p *person, _, _ string) { p.pat("", "move", "acme", "--store", p.plain(), "--yes") },
			"", func(string, string) string { return "" },
		},
		{"removed", func(p *person, _, _ string) { p.pat("", "remove", "acme", "--yes") }, remains, oldOne},
		{
			"made for another owner",
			func(p *person, _, fresh string) {
				p.pat("", "remove", "acme", "--yes")
				p.pat(fresh+"\n", "add", "globex", "--with-token", "--store", "file", "--name", "alice")
			},
			remains, oldOne,
		},
		{
			"another in the file",
			func(p *person, file, fresh string) { p.write(file, line(fresh), 0o600) },
			"/.git-credentials:1 stays, because it changed since it was read\n", freshOne,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p, server := newPersonOnline(t)
			acme, other, fresh := issue(t, server, githubtest.Token{}), mint(t, githubtest.FineGrained), issue(t, server, githubtest.Token{})
			const file = ".git-credentials"
			text := line(acme)
			if test.name != "another in the file" {
				text += "https://alice:" + other + "@github.com/initech/app\n" // which goes in any case
			}
			p.write(file, text, 0o600)
			s := p.start(nil, "git-pat", "import", "git-credentials", "--store", "file", "--remove-source")
			s.until("the question", func() bool { return strings.Contains(s.screen(), "Remove the imported entries from ") })
			test.do(p, file, fresh)
			s.types("y\n")
			status := s.ends()
			s.hides(acme, other, fresh)
			want := test.left(acme, fresh)
			if want != "" {
				want = line(want)
			}
			if got := p.read(file); got != want {
				t.Errorf("in the file are %d bytes, want %d", len(got), len(want))
			}
			if (status.ExitStatus() == 0) != (test.said == "") || !strings.Contains(s.errOut.String(), test.said) {
				t.Errorf("exit status %d, said %q, want %q", status.ExitStatus(), &s.errOut, test.said)
			}
			p.isTidy()
		})
	}
}

func (p *person) write(name, text string, mode os.FileMode) {
	p.t.Helper()
	path := filepath.Join(p.home, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		p.t.Fatal(err)
	}
}

func (p *person) read(name string) string {
	p.t.Helper()
	data, err := os.ReadFile(filepath.Join(p.home, name))
	if err != nil {
		p.t.Fatal(err)
	}
	return string(data)
}

// Another helper forgets what is kept, and nothing that it got since.
func TestTerminalHelperChangedMeanwhile(t *testing.T) {
	t.Parallel()
	p := newPerson(t)
	acme, fresh := mint(t, githubtest.FineGrained), mint(t, githubtest.FineGrained)
	p.write("password", acme, 0o600)
	p.write("helper", "#!/bin/sh\ncd "+p.home+"\ncase $1 in\nget) echo username=alice; echo password=$(cat password);;\nerase) rm password;;\nesac\n", 0o700)
	s := p.start(nil, "git-pat", "import", "git:"+filepath.Join(p.home, "helper"), "https://github.com/acme/widgets", "--store", "file", "--remove-source")
	s.until("the question", func() bool { return strings.Contains(s.screen(), "Erase the imported tokens from the helper ") })
	p.write("password", fresh, 0o600)
	s.types("y\n")
	status := s.ends()
	s.hides(acme, fresh)
	const want = "git pat: https://github.com/acme/widgets stays, because it changed since it was read\n"
	if status.ExitStatus() != 1 || !strings.Contains(s.errOut.String(), want) {
		t.Errorf("exit status %d, said %q, want %q", status.ExitStatus(), &s.errOut, want)
	}
	if got := p.read("password"); got != fresh {
		t.Errorf("the helper has %d bytes", len(got))
	}
}

// Gh is logged out of accounts with the tokens that are kept, and of no others.
func TestTerminalGhChangedMeanwhile(t *testing.T) {
	t.Parallel()
	p := newPerson(t)
	alice, carol, fresh := mint(t, githubtest.Classic), mint(t, githubtest.Classic), mint(t, githubtest.Classic)
	hosts := func(ofAlice string) string {
		return "github.com:\n    user: alice\n    oauth_token: " + ofAlice + "\nghes.example:\n    user: carol\n    oauth_token: " + carol + "\n"
	}
	p.write("bin/gh", "#!/bin/sh\necho \"$*\" >>"+p.home+"/logouts\n", 0o700)
	p.env = append(p.env, "PATH="+filepath.Join(p.home, "bin")+":"+os.Getenv("PATH"))
	p.write(".config/gh/hosts.yml", hosts(alice), 0o600)
	s := p.start(nil, "git-pat", "import", "gh", "--store", "file", "--remove-source")
	s.until("the question", func() bool { return strings.Contains(s.screen(), "Log gh out of the imported accounts? ") })
	p.write(".config/gh/hosts.yml", hosts(fresh), 0o600)
	s.types("y\n")
	status := s.ends()
	s.hides(alice, carol, fresh)
	const want = "git pat: alice@github.com stays, because it changed since it was read\n"
	if status.ExitStatus() != 1 || !strings.Contains(s.errOut.String(), want) {
		t.Errorf("exit status %d, said %q, want %q", status.ExitStatus(), &s.errOut, want)
	}
	if got, want := p.read("logouts"), "auth logout --hostname ghes.example --user carol\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// git runs Git in a folder of the home.
func (p *person) git(folder string, args ...string) string {
	p.t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Env, cmd.Dir = p.env, filepath.Join(p.home, folder)
	out, err := cmd.CombinedOutput()
	if err != nil {
		p.t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

// A URL is changed, and the token in it kept, as it was shown. What somebody
// writes there meanwhile, or adds for the same owner, stays.
func TestTerminalRemoteChangedMeanwhile(t *testing.T) {
	t.Parallel()
	url := func(token string) string { return "https://alice:" + token + "@github.com/acme/widgets.git" }
	for _, test := range []struct {
		name     string
		do       func(p *person, acme, fresh string)
		said     string
		url, has func(acme, fresh string) string // then in the URL, and what answers
	}{
		{"nothing", func(*person, string, string) {}, "git pat: kept the fine-grained token ", nil, oldOne},
		{
			"another token in the URL",
			func(p *person, _, fresh string) { p.git("work", "remote", "set-url", "origin", url(fresh)) },
			"git pat: the remote \"origin\" here was changed meanwhile, so it stays as it is\n",
			freshOne, func(string, string) string { return "" },
		}, {
			"another token is added",
			func(p *person, _, fresh string) {
				p.pat(fresh+"\n", "add", "acme", "--with-token", "--store", "file", "--name", "laptop")
			},
			"git pat: the tokens for github.com/acme/widgets were changed meanwhile, so it is not kept\n" +
				"hint: to see the tokens that there are now:\nhint:   git pat list acme/widgets\n",
			oldOne, freshOne,
		}, {
			"the same is added",
			func(p *person, acme, _ string) {
				p.pat(acme+"\n", "add", "acme", "--with-token", "--store", "file", "--name", "laptop")
			},
			`git pat: the URL of the remote "origin" here no longer contains a token, and the token "laptop" for github.com/acme answers` + "\n",
			nil, oldOne,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p, server := newPersonOnline(t)
			acme, fresh := issue(t, server, githubtest.Token{}), issue(t, server, githubtest.Token{})
			p.pat("", "setup")
			p.git("", "init", "-q", "work")
			p.git("work", "remote", "add", "origin", url(acme))
			s := p.start(func(cmd *exec.Cmd, _ *os.File) { cmd.Dir = filepath.Join(p.home, "work") }, "git-pat", "remote", "--fix")
			s.until("the question", func() bool { return strings.Contains(s.screen(), "Run it? [y/N] ") })
			test.do(p, acme, fresh)
			s.types("y\n")
			status := s.ends()
			s.hides(acme, fresh)
			if (status.ExitStatus() == 0) != (test.url == nil) || !strings.Contains(s.errOut.String(), test.said) {
				t.Errorf("exit status %d, said %q, want %q", status.ExitStatus(), &s.errOut, test.said)
			}
			want := "https://github.com/acme/widgets.git"
			if test.url != nil {
				want = url(test.url(acme, fresh))
			}
			if got := p.git("work", "config", "remote.origin.url"); got != want {
				t.Error("another URL is there")
			}
			if got := p.token(); got != test.has(acme, fresh) {
				t.Errorf("another token answers, of %d bytes", len(got))
			}
			p.isTidy()
		})
	}
}

// Doctor looks again before it mends.
func TestTerminalDoctorChangedMeanwhile(t *testing.T) {
	t.Parallel()
	const key = "github.com/acme/@/laptop"
	for _, test := range []struct {
		name, question string
		before         func(p *person, old string)
		do             func(p *person, fresh string)
		said           string
	}{
		{
			"a lost secret comes back", `Remove the token "laptop" for github.com/acme, whose secret is lost? [y/N] `,
			func(p *person, old string) { p.remove("secrets", key) },
			func(p *person, fresh string) { p.pat(fresh+"\n", "rotate", "acme", "--with-token", "--offline") },
			`git pat: the token "laptop" for github.com/acme was changed meanwhile, so it stays` + "\n",
		}, {
			"a lost secret comes back elsewhere", `Remove the token "laptop" for github.com/acme, whose secret is lost? [y/N] `,
			func(p *person, old string) { p.remove("secrets", key) },
			func(p *person, fresh string) {
				p.pat(fresh+"\n", "add", "acme", "--with-token", "--store", p.plain(), "--name", "laptop")
			},
			`git pat: the token "laptop" for github.com/acme was changed meanwhile, so it stays` + "\n",
		}, {
			"an orphan gets a record", `Remove the secret "` + key + `"? It cannot be shown again. [y/N] `,
			func(p *person, old string) { p.remove("tokens", key+".record") },
			func(p *person, fresh string) {
				p.pat(fresh+"\n", "add", "acme", "--with-token", "--store", "file", "--name", "laptop")
			},
			"",
		}, {
			"an open file is written again", "Make \"SECRET\" private? [y/N] ",
			func(p *person, old string) { p.chmod(0o644, "secrets", key) },
			func(p *person, fresh string) {
				p.remove("secrets", key)
				p.pat(fresh+"\n", "rotate", "acme", "--with-token", "--offline")
			},
			"git pat: \"SECRET\" was changed meanwhile, so it stays as it is\n",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p, server := newPersonOnline(t)
			old, fresh := issue(t, server, githubtest.Token{}), issue(t, server, githubtest.Token{})
			p.pat("", "setup")
			p.pat(old+"\n", "add", "acme", "--with-token", "--store", "file", "--name", "laptop")
			test.before(p, old)
			named := strings.NewReplacer("SECRET", p.kept("secrets", key)).Replace
			s := p.start(nil, "git-pat", "doctor", "--fix")
			s.until("the question", func() bool { return strings.Contains(s.screen(), named(test.question)) })
			test.do(p, fresh)
			before := p.everything()
			s.types("y\n")
			status := s.ends()
			if status.ExitStatus() != 0 || !strings.Contains(s.errOut.String(), named(test.said)) {
				t.Errorf("exit status %d, said %q, want %q", status.ExitStatus(), &s.errOut, named(test.said))
			}
			if got := p.token(); got != fresh {
				t.Errorf("another token answers, of %d bytes", len(got))
			}
			if got := p.everything(); got != before {
				t.Error("something was written")
			}
			p.isTidy()
		})
	}
}

// kept is the name of a file of a token.
func (p *person) kept(folder, file string) string {
	return filepath.Join(p.home, ".local/share/git-pat", folder, filepath.FromSlash(file))
}

func (p *person) remove(folder, file string) {
	p.t.Helper()
	if err := os.Remove(p.kept(folder, file)); err != nil {
		p.t.Fatal(err)
	}
}

func (p *person) chmod(mode os.FileMode, folder, file string) {
	p.t.Helper()
	if err := os.Chmod(p.kept(folder, file), mode); err != nil {
		p.t.Fatal(err)
	}
}

// Whatever several programs do to a token at once, in the end there is the
// token that one of them left, once, or none and no secret.
func TestChangedAtOnce(t *testing.T) {
	t.Parallel()
	const rounds = 40
	p := newPerson(t)
	secret := mint(t, githubtest.FineGrained)
	for range rounds {
		fresh := mint(t, githubtest.FineGrained)
		if p.token() == "" {
			secret = mint(t, githubtest.FineGrained)
			p.pat(secret+"\n", "add", "acme", "--with-token", "--store", "file", "--name", "laptop")
		}
		var running []*exec.Cmd
		for _, args := range [][]string{
			{"move", "acme", "--store", p.plain(), "--yes"},
			{"rotate", "acme", "--with-token", "--offline"},
			{"move", "acme", "--store", "file", "--yes"},
			{"remove", "acme", "--yes"},
		} {
			cmd := exec.Command(filepath.Join(programs, "git-pat"), args...)
			cmd.Env, cmd.Dir, cmd.Stdin = p.env, p.home, strings.NewReader(fresh+"\n")
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			running = append(running, cmd)
		}
		ended := ""
		for _, cmd := range running {
			cmd.Wait()
			ended += cmd.ProcessState.String() + "; "
		}
		all := p.everything()
		count := strings.Count(all, "github_pat_")
		switch got := p.token(); {
		case got == "" && count == 0:
		case (got == secret || got == fresh) && count == 1:
			secret = got
		default:
			t.Fatalf("%s: the answer has %d bytes, and %d secrets are kept", ended, len(got), count)
		}
	}
}
