package e2e

import (
	"fmt"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/git-credential-pat/git-credential-pat/e2e/githubtest"
)

// replacements are the commands that put a token in place of another one.
var replacements = [][]string{
	{"add", "acme", "--name", "laptop", "--replace", "--with-token", "--expires", "2998-01-31"},
	{"rotate", "acme", "--name", "laptop", "--offline", "--with-token", "--expires", "2998-01-31"},
}

// Dates that git-credential-pat answers for 2998-01-31 and 2999-01-31.
const expires2998, expires2999 = "32443286399", "32474822399"

// isOneOf fails unless the token that answers is the old one or the new one, with
// nothing in the answer that is true of the other one only.
func (p *person) isOneOf(old, fresh, when string) (got string) {
	p.t.Helper()
	out := run(p.t, p.program("protocol=https\nhost=github.com\npath=acme/widgets\n", "git-credential-pat", "get")).out
	got = value(out, "password")
	expiry := value(out, "password_expiry_utc")
	switch {
	case got == "" || got != old && got != fresh:
		p.t.Fatalf("%s: the answer is a secret of %d bytes", when, len(got))
	case got == old && expiry == expires2998, got == fresh && expiry == expires2999:
		p.t.Errorf("%s: the expiry is that of the other token", when)
	}
	p.isTidy()
	return got
}

// Whenever git pat is killed while it replaces a token, the old or the new one
// answers, and the same command works afterwards.
func TestReplaceKilled(t *testing.T) {
	t.Parallel()
	for _, command := range replacements {
		t.Run(command[0], func(t *testing.T) {
			t.Parallel()
			const kills = 30
			p := newPerson(t)
			secrets := []string{mint(t, githubtest.FineGrained), mint(t, githubtest.FineGrained)}
			begin := func() {
				p.pat(secrets[0]+"\n", "add", "acme", "--name", "laptop", "--replace", "--with-token", "--store", "file", "--expires", "2999-01-31")
			}
			begin()
			took, killed := 20*time.Millisecond, 0
			for runs := 0; killed < kills; runs++ {
				if runs > 20*kills {
					t.Fatalf("%d kills in %d runs", killed, runs)
				}
				cmd := exec.Command(filepath.Join(programs, "git-pat"), command...)
				cmd.Env, cmd.Dir, cmd.Stdin = p.env, p.home, strings.NewReader(secrets[1]+"\n")
				if err := cmd.Start(); err != nil {
					t.Fatal(err)
				}
				time.Sleep(rand.N(took))
				cmd.Process.Kill()
				cmd.Wait()
				if status := cmd.ProcessState.Sys().(syscall.WaitStatus); status.Signaled() {
					killed++
					took += took / 20
				} else {
					took = max(took-took/10, time.Millisecond)
				}
				if p.isOneOf(secrets[0], secrets[1], "killed") == secrets[0] {
					p.pat(secrets[1]+"\n", command...)
				}
				if got := p.isOneOf(secrets[0], secrets[1], "once more"); got != secrets[1] {
					t.Fatal("once more: the old one answers")
				}
				begin()
			}
		})
	}
}

// Git pat is killed before and after each thing that it has a helper do while it
// replaces a token.
func TestReplaceKilledAtEachStep(t *testing.T) {
	t.Parallel()
	for _, command := range replacements {
		t.Run(command[0], func(t *testing.T) {
			t.Parallel()
			p := newPerson(t)
			old, fresh := mint(t, githubtest.FineGrained), mint(t, githubtest.FineGrained)
			helper := p.deadlyHelper()
			for _, moment := range []string{"before", "after"} {
				for killed := 0; ; killed++ {
					p.write("die", "", 0o600)
					p.pat(old+"\n", "add", "acme", "--name", "laptop", "--replace", "--with-token", "--store", helper, "--expires", "2999-01-31")
					at := fmt.Sprint(killed+1, " ", moment)
					p.write("die", at, 0o600)
					p.write("steps", "", 0o600)
					got := run(t, p.program(fresh+"\n", "git-pat", command...))
					p.write("die", "", 0o600)
					now := p.isOneOf(old, fresh, at)
					if got.status == 0 {
						if killed < 2 {
							t.Errorf("%s: killed at %d steps, want two or more", moment, killed)
						}
						break
					}
					if got.status > 0 {
						t.Fatalf("%s: exit status %d: %s", at, got.status, got.errOut)
					}
					if now == old {
						p.pat(fresh+"\n", command...)
					}
					if p.isOneOf(old, fresh, "once more") != fresh {
						t.Errorf("%s, once more: the old one answers", at)
					}
				}
			}
		})
	}
}

// deadlyHelper returns a store whose helper counts its steps in the file steps, and
// kills git pat at the one that the file die names.
func (p *person) deadlyHelper() string {
	p.t.Helper()
	p.write("helper", `cd "`+p.home+`"
echo "$1" >>steps
n=$(wc -l <steps)
die=$(cat die 2>/dev/null)
if test "$((n)) before" = "$die"; then kill -KILL $PPID; exit; fi
git credential-store --file="`+p.home+`/plain" "$1"
if test "$((n)) after" = "$die"; then kill -KILL $PPID; fi
`, 0o600)
	return "git:!f() { . '" + p.home + "/helper'; }; f"
}

// Whenever git pat is killed while it adds a first token, no token or the new one
// answers, and the same command works afterwards.
func TestAddKilledAtEachStep(t *testing.T) {
	t.Parallel()
	p := newPerson(t)
	secret, helper := mint(t, githubtest.FineGrained), p.deadlyHelper()
	add := []string{"add", "acme", "--with-token", "--store", helper}
	for _, moment := range []string{"before", "after"} {
		for killed := 0; ; killed++ {
			at := fmt.Sprint(killed+1, " ", moment)
			p.write("die", at, 0o600)
			p.write("steps", "", 0o600)
			got := run(t, p.program(secret+"\n", "git-pat", add...))
			p.write("die", "", 0o600)
			if answer := p.token(); answer != "" && answer != secret || got.status == 0 && answer == "" {
				t.Fatalf("%s: the answer is a secret of %d bytes", at, len(answer))
			}
			if got.status > 0 {
				t.Fatalf("%s: exit status %d: %s", at, got.status, got.errOut)
			}
			p.pat(secret+"\n", add...)
			if p.token() != secret {
				t.Errorf("%s, once more: it does not answer", at)
			}
			p.isTidy()
			p.pat("", "remove", "acme", "--yes")
			if got.status == 0 {
				if killed < 2 {
					t.Errorf("%s: killed at %d steps, want two or more", moment, killed)
				}
				break
			}
		}
	}
}
