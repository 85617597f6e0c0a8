package e2e

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

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
	out, _ := cmd.Output() // Git is not set up, which is a fault
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
			answer: func(string) string { return "y" }, so: "nothing is removed",
			done: "removed " + one, left: func(string, string) string { return "" },
		}, {
			name: "revoke", args: []string{"revoke", "acme"}, question: "To revoke it, type its name, laptop: ",
			answer: func(string) string { return "laptop" }, so: "nothing is revoked",
			done: "github.com is told to revoke " + one + ", and it is removed here", left: func(string, string) string { return "" },
		}, {
			name: "rotate", args: []string{"rotate", "acme", "--keep-old"}, question: tokenPrompt, dark: true,
			answer: func(newest string) string { return newest }, so: "the new one is not put in its place",
			hints: map[string]string{
				"changed": "hint: the new one is not kept; to put it in the place of what there is now, or to add it beside that:\n" +
					"hint:   git pat rotate acme --name laptop\nhint:   git pat add acme --name laptop-2\n",
				"removed": "hint: the new one is not kept; to add it:\nhint:   git pat add acme --name laptop\n",
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
					hint = "hint: to see what there is now:\nhint:   git pat list acme\n"
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

// duringCall runs git pat with a slow GitHub, and does something between the
// call to a path of its API and the answer.
func (p *person) duringCall(server *githubtest.Server, path string, do func(), in string, args ...string) *session {
	p.t.Helper()
	server.Delay("api.github.com", path, 15*time.Second) // or until it is done
	s := p.start(func(cmd *exec.Cmd, _ *os.File) { cmd.Stdin = strings.NewReader(in) }, "git-pat", args...)
	s.until("the call", func() bool {
		for _, request := range server.Requests() {
			if request.Host == "api.github.com" && strings.HasPrefix(request.Path, path) {
				return true
			}
		}
		return false
	})
	do()
	server.Delay("api.github.com", path, 0)
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
			want := `git pat: the token "laptop" for github.com/acme was ` + change.was + " meanwhile, so the new one is not put in its place\n" +
				"hint: the new one is not kept; "
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
	const told = `git pat: github.com is told to revoke the token "laptop" for github.com/acme`
	for _, change := range changes {
		t.Run(change.name, func(t *testing.T) {
			t.Parallel()
			p, server := newPersonOnline(t)
			old, fresh := issue(t, server, githubtest.Token{}), issue(t, server, githubtest.Token{})
			p.pat(old+"\n", "add", "acme", "--with-token", "--store", "file", "--name", "laptop")
			s := p.duringCall(server, "/credentials/revoke", func() { change.do(p, fresh) }, "", "revoke", "acme", "--yes")
			status := s.ends()
			want, exit := told+", and it is removed here\n", 0
			left := ""
			switch change.was {
			case "changed":
				want, exit = told+"; here it was changed meanwhile, so what there is now stays\nhint: to ask GitHub whether that is good:\nhint:   git pat verify acme\n", 1
				left = change.left(old, fresh)
			case "removed":
				want = told + ", and it was removed here meanwhile\n"
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
	if err := server.Revoke(old); err != nil {
		t.Fatal(err)
	}
	s := p.duringCall(server, "/user", func() { p.pat(fresh+"\n", "rotate", "acme", "--with-token", "--offline") }, "", "verify", "acme")
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
	const remains = "its token is not found here any more"
	for _, test := range []struct {
		name   string
		do     func(p *person, fresh string)
		stays  bool
		status int
	}{
		{"nothing", func(*person, string) {}, false, 0},
		{"rotated", func(p *person, fresh string) { p.pat(fresh+"\n", "rotate", "acme", "--with-token", "--offline") }, true, 1},
		{"moved", func(p *person, _ string) { p.pat("", "move", "acme", "--store", p.plain(), "--yes") }, false, 0},
		{"removed", func(p *person, _ string) { p.pat("", "remove", "acme", "--yes") }, true, 1},
		{"made for another owner", func(p *person, fresh string) {
			p.pat("", "remove", "acme", "--yes")
			p.pat(fresh+"\n", "add", "globex", "--with-token", "--store", "file", "--name", "alice")
		}, true, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p, server := newPersonOnline(t)
			acme, other, fresh := issue(t, server, githubtest.Token{}), mint(t, githubtest.FineGrained), issue(t, server, githubtest.Token{})
			file := filepath.Join(p.home, ".git-credentials")
			text := "https://alice:" + acme + "@github.com/acme/widgets\n" + "https://alice:" + other + "@github.com/initech/app\n"
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			s := p.start(nil, "git-pat", "import", "git-credentials", "--store", "file", "--remove-source")
			s.until("the question", func() bool { return strings.Contains(s.screen(), "Remove what is kept from ") })
			test.do(p, fresh)
			s.types("y\n")
			status := s.ends()
			s.hides(acme, other, fresh)
			got, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if stays := strings.Contains(string(got), acme); stays != test.stays || strings.Contains(string(got), other) {
				t.Errorf("it stays: %v, want %v; the other one: %v", stays, test.stays, strings.Contains(string(got), other))
			}
			if status.ExitStatus() != test.status || strings.Contains(s.errOut.String(), ":1 stays there: "+remains) != test.stays {
				t.Errorf("exit status %d: %s", status.ExitStatus(), &s.errOut)
			}
			p.isTidy()
		})
	}
}
