package e2e

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/git-credential-pat/git-credential-pat/e2e/githubtest"
)

// Whenever git pat move is killed, the token answers right after. To move it
// there and back leaves it in one store.
func TestMoveKilled(t *testing.T) {
	t.Parallel()
	const kills = 60
	p := newPerson(t)
	secret := mint(t, githubtest.FineGrained)
	stores := []string{p.plain(), "file"}
	p.pat(secret+"\n", "add", "acme", "--with-token", "--store", stores[1], "--name", "laptop")
	has := func(when string) {
		t.Helper()
		if got := p.token(); got != secret {
			t.Fatalf("%s: the answer is a secret of %d bytes, want the token", when, len(got))
		}
	}
	move := func(to string) *exec.Cmd {
		cmd := exec.Command(filepath.Join(programs, "git-pat"), "move", "acme", "--store", to, "--yes")
		cmd.Env, cmd.Dir = p.env, p.home
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		return cmd
	}
	began := time.Now()
	if err := move(stores[0]).Wait(); err != nil {
		t.Fatal(err)
	}
	took := time.Since(began)
	has("moved")
	p.pat("", "move", "acme", "--store", stores[1], "--yes")

	killed, unsettled, found, runs := 0, 0, 0, 0
	for ; killed < kills && runs < 10*kills; runs++ {
		to := stores[runs%2]
		cmd := move(to)
		time.Sleep(rand.N(took))
		cmd.Process.Kill()
		// A busy machine takes another time for it every moment.
		cmd.Wait()
		switch status := cmd.ProcessState.Sys().(syscall.WaitStatus); {
		case status.Signaled():
			killed++
			took += took / 20
		case status.ExitStatus() == 0:
			took = max(took-took/10, time.Millisecond)
		default:
			t.Fatalf("moving to %q: exit status %d", to, status.ExitStatus())
		}
		has("killed")
		// A helper that was running may not be through yet. What comes next is
		// a person's, who takes longer.
		time.Sleep(20 * time.Millisecond)
		if p.stores(secret) == "both" {
			unsettled++
			if record := p.read(".local/share/git-pat/tokens/github.com/acme/@/laptop.record"); strings.Contains(record, "\nstore=git:") {
				found++
				run(t, p.program("", "git-pat", "doctor", "--fix", "--yes"))
				if got := p.stores(secret); got != "helper" {
					t.Errorf("killed, after git pat doctor: got it in %s, want helper", got)
				}
				has("mended")
			}
		}
		p.pat("", "move", "acme", "--store", stores[1-runs%2], "--yes")
		has("moved back")
		p.pat("", "move", "acme", "--store", to, "--yes")
		has("moved after that")
		if got, want := p.stores(secret), []string{"helper", "file"}[runs%2]; got != want {
			t.Fatalf("moved to %q: got it in %s, want %s", to, got, want)
		}
	}
	t.Logf("of %d runs %d were killed, and %d of them half way; git pat doctor found the copy of %d", runs, killed, unsettled, found)
	if killed < kills || unsettled == 0 {
		t.Errorf("of %d runs %d were killed, and %d of them half way, too few to show anything", runs, killed, unsettled)
	}
}

// stores tells which of the plain file and the helper have a secret of acme.
func (p *person) stores(secret string) string {
	p.t.Helper()
	plain, err := os.ReadFile(filepath.Join(p.home, "plain"))
	if err != nil && !os.IsNotExist(err) {
		p.t.Fatal(err)
	}
	file, err := os.ReadFile(p.kept("secrets", "github.com/acme/@/laptop"))
	if err != nil && !os.IsNotExist(err) {
		p.t.Fatal(err)
	}
	switch inHelper, inFile := strings.Contains(string(plain), secret), strings.TrimSpace(string(file)) == secret; {
	case inHelper && inFile:
		return "both"
	case inHelper:
		return "helper"
	case inFile:
		return "file"
	}
	return "none"
}

// killer makes a store that counts its steps while there is a file for them, and
// kills its parent at the one that the file die names.
func (p *person) killer() (store string) {
	p.write("helper", `cd "`+p.home+`"
n=0
if test -e steps; then echo "$1" >>steps; n=$(wc -l <steps); fi
die=$(cat die 2>/dev/null)
if test "$((n)) before" = "$die"; then kill -KILL $PPID; exit; fi
git credential-store --file="`+p.home+`/plain" "$1"
if test "$((n)) after" = "$die"; then kill -KILL $PPID; fi
`, 0o600)
	return "git:!f() { . '" + p.home + "/helper'; }; f"
}

// git pat move is killed before and after each thing that it has a helper do. The
// token answers then.
func TestMoveKilledAtEachStep(t *testing.T) {
	t.Parallel()
	p := newPerson(t)
	secret := mint(t, githubtest.FineGrained)
	steps := filepath.Join(p.home, "steps")
	helper := p.killer()
	p.pat(secret+"\n", "add", "acme", "--with-token", "--store", "file", "--name", "laptop")
	for _, to := range []string{helper, "file"} {
		from := map[string]string{helper: "file", "file": helper}[to]
		for _, moment := range []string{"before", "after"} {
			killed := 0
			for {
				at := fmt.Sprint(killed+1, " ", moment)
				p.pat("", "move", "acme", "--store", from, "--yes")
				p.write("die", at, 0o600)
				p.write("steps", "", 0o600)
				got := run(t, p.program("", "git-pat", "move", "acme", "--store", to, "--yes"))
				did := p.read("steps")
				if err := os.Remove(steps); err != nil {
					t.Fatal(err)
				}
				if answer := p.token(); answer != secret {
					t.Fatalf("to %q, killed %s of %q: the answer is a secret of %d bytes, want the token", to, at, did, len(answer))
				}
				if got.status == 0 {
					break
				}
				if got.status > 0 {
					t.Fatalf("to %q, %s: exit status %d: %s", to, at, got.status, got.errOut)
				}
				killed++
				// There and back, so that the next one begins with one secret.
				p.pat("", "move", "acme", "--store", to, "--yes")
				p.pat("", "move", "acme", "--store", from, "--yes")
				if got, want := p.stores(secret), map[string]string{helper: "helper", "file": "file"}[from]; got != want {
					t.Fatalf("to %q, killed %s: got it in %s, want %s", to, at, got, want)
				}
			}
			if killed < 2 {
				t.Errorf("to %q, %s: killed at %d steps, want two or more", to, moment, killed)
			}
		}
	}
}
