package e2e

import (
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

// Whenever git pat move is killed, the token answers right after, and the next
// move brings the matter to its end.
func TestMoveKilled(t *testing.T) {
	t.Parallel()
	const kills = 60
	p := newPerson(t)
	secret := mint(t, githubtest.FineGrained)
	plain := filepath.Join(p.home, "plain")
	stores := []string{"git:store --file=" + plain, "file"}
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

	killed, unsettled, runs := 0, 0, 0
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
		record, err := os.ReadFile(filepath.Join(p.home, ".local/share/git-pat/tokens/github.com/acme/@/laptop.record"))
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(record), "\ncopy=") {
			unsettled++
		}
		// A helper that was running may not be through yet. What comes next is
		// a person's, who takes longer.
		time.Sleep(20 * time.Millisecond)
		p.pat("", "move", "acme", "--store", to, "--yes")
		has("moved after that")
		inHelper, err := os.ReadFile(plain)
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		_, err = os.Stat(filepath.Join(p.home, ".local/share/git-pat/secrets/github.com/acme/@/laptop"))
		if inFile := err == nil; inFile == strings.Contains(string(inHelper), secret) || inFile != (to == "file") {
			t.Fatalf("moved to %q: in the file %t, in the helper %t", to, inFile, !inFile)
		}
	}
	if killed < kills || unsettled == 0 {
		t.Errorf("of %d runs %d were killed, and %d of them half way, too few to show anything", runs, killed, unsettled)
	}
}
