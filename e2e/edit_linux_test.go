package e2e

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/git-credential-pat/git-credential-pat/e2e/githubtest"
)

// An edit gives a token another key. Before and after it the token is also for
// acme/widgets.
type edit struct{ name, from, to string } // targets and names, with a space between

func keyEdits() []edit {
	return []edit{
		{"wider", "acme/widgets laptop", "acme laptop"},
		{"narrower", "acme laptop", "acme/widgets laptop"},
		{"name", "acme laptop", "acme ci"},
		{"one more repository", "acme/widgets laptop", "acme/{gadgets,widgets} laptop"},
		{"whole host and name", "acme/widgets laptop", "github.com ci"},
	}
}

// editArguments are those that turn one token into another.
func editArguments(from, to, store string) []string {
	target, name, _ := strings.Cut(from, " ")
	newTarget, newName, _ := strings.Cut(to, " ")
	return []string{"edit", target, "--select", name, "--target", newTarget, "--name", newName, "--store", store}
}

// checkEdited makes sure that the token answers, that no secret is without a record,
// and that git pat doctor leaves one token.
func (p *person) checkEdited(when, secret string) {
	p.t.Helper()
	if got := p.token(); got != secret {
		p.t.Fatalf("%s: the answer is a secret of %d bytes, want the token; there are the records %q and the secrets %q", when, len(got), p.keys("tokens"), p.keys("secrets"))
	}
	secrets, records := p.keys("secrets"), p.keys("tokens")
	for _, line := range strings.Split(p.readIfThere("plain"), "\n") {
		if _, rest, ok := strings.Cut(line, "git-pat.invalid/"); ok {
			secrets = append(secrets, strings.ReplaceAll(rest, "%40", "@"))
		}
	}
	for _, key := range secrets {
		if !slices.Contains(records, key) {
			p.t.Errorf("%s: the secret %s has no record; there are %q", when, key, records)
		}
	}
	copies := len(records) - 1
	out := run(p.t, p.program("", "git-pat", "doctor", "--fix", "--yes"))
	if got := strings.Count(out.errOut, "left a copy"); got != copies {
		p.t.Errorf("%s: git pat doctor found %d copies, want %d: %s%s", when, got, copies, out.out, out.errOut)
	}
	if got := p.keys("tokens"); len(got) != 1 {
		p.t.Errorf("%s, after git pat doctor --fix: got the records %q, want one", when, got)
	}
	if got := p.token(); got != secret {
		p.t.Fatalf("%s, after git pat doctor --fix: the answer is a secret of %d bytes, want the token", when, len(got))
	}
}

// keys returns the keys of the secrets or the tokens that are kept in files.
func (p *person) keys(folder string) (keys []string) {
	root := filepath.Join(p.home, ".local/share/git-pat", folder)
	filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		name := strings.TrimPrefix(path, root+"/")
		if folder == "tokens" {
			var ok bool
			if name, ok = strings.CutSuffix(name, ".record"); !ok {
				return nil
			}
		}
		if err == nil && entry.Type().IsRegular() && !strings.Contains(name, ".tmp-") {
			keys = append(keys, name)
		}
		return nil
	})
	return keys
}

func (p *person) readIfThere(name string) string {
	data, err := os.ReadFile(filepath.Join(p.home, name))
	if err != nil && !os.IsNotExist(err) {
		p.t.Fatal(err)
	}
	return string(data)
}

// isNow reports whether there is a token with this target and name.
func (p *person) isNow(token string) bool {
	target, name, _ := strings.Cut(token, " ")
	return run(p.t, p.program("", "git-pat", "edit", target, "--select", name, "--name", name)).status == 0
}

// git pat edit is killed before and after each thing that it has a helper do.
func TestEditKilledAtEachStep(t *testing.T) {
	t.Parallel()
	for _, edit := range keyEdits() {
		t.Run(edit.name, func(t *testing.T) {
			t.Parallel()
			p := newPerson(t)
			secret := mint(t, githubtest.FineGrained)
			helper := p.killer()
			target, name, _ := strings.Cut(edit.from, " ")
			p.pat(secret+"\n", "add", target, "--with-token", "--store", "file", "--name", name)
			for _, way := range []struct{ from, to string }{{"file", helper}, {helper, helper}, {helper, "file"}} {
				for _, moment := range []string{"before", "after"} {
					p.pat("", editArguments(edit.from, edit.from, way.from)...)
					killed := 0
					for {
						at := fmt.Sprint(killed+1, " ", moment)
						p.write("die", at, 0o600)
						p.write("steps", "", 0o600)
						got := run(t, p.program("", "git-pat", editArguments(edit.from, edit.to, way.to)...))
						if err := os.Remove(filepath.Join(p.home, "steps")); err != nil {
							t.Fatal(err)
						}
						if got.status > 0 {
							t.Fatalf("%s: exit status %d: %s", at, got.status, got.errOut)
						}
						p.checkEdited(fmt.Sprintf("from %.6q to %.6q, killed %s", way.from, way.to, at), secret)
						done := p.isNow(edit.to)
						if done {
							p.pat("", editArguments(edit.to, edit.from, way.from)...)
						}
						if got.status == 0 {
							if !done {
								t.Error("it is done, but the token is not changed")
							}
							break
						}
						killed++
					}
					if killed < 2 {
						t.Errorf("killed at %d steps, want two or more", killed)
					}
				}
			}
		})
	}
}

// git pat edit is killed at any moment, with the secret in a plain file.
func TestEditKilled(t *testing.T) {
	t.Parallel()
	const kills = 40
	for _, edit := range keyEdits()[:3] {
		t.Run(edit.name, func(t *testing.T) {
			t.Parallel()
			p := newPerson(t)
			secret := mint(t, githubtest.FineGrained)
			target, name, _ := strings.Cut(edit.from, " ")
			p.pat(secret+"\n", "add", target, "--with-token", "--store", "file", "--name", name)
			began := time.Now()
			p.pat("", editArguments(edit.from, edit.to, "file")...)
			took := time.Since(began)
			from, to := edit.to, edit.from
			killed, half := 0, 0
			for runs := 0; killed < kills && runs < 10*kills; runs++ {
				cmd := p.program("", "git-pat", editArguments(from, to, "file")...)
				if err := cmd.Start(); err != nil {
					t.Fatal(err)
				}
				time.Sleep(rand.N(took))
				cmd.Process.Kill()
				cmd.Wait() // a busy machine needs another time every moment
				switch status := cmd.ProcessState.Sys().(syscall.WaitStatus); {
				case status.Signaled():
					killed++
					took += took / 20
				case status.ExitStatus() == 0:
					took = max(took-took/10, time.Millisecond)
				default:
					t.Fatalf("from %q to %q: exit status %d", from, to, status.ExitStatus())
				}
				if len(p.keys("tokens")) > 1 {
					half++
				}
				p.checkEdited("killed", secret)
				if p.isNow(to) {
					from, to = to, from
				}
			}
			t.Logf("%d were killed, %d of them half way", killed, half)
			if killed < kills {
				t.Errorf("only %d were killed", killed)
			}
		})
	}
}
