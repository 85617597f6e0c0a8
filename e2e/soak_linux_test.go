package e2e

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/git-credential-pat/git-credential-pat/e2e/githubtest"
	"github.com/git-credential-pat/git-credential-pat/e2e/keyringtest"
)

// The tests called TestSoak do little in a usual run. With GIT_PAT_SOAK=1, as
// make soak sets it, they do all of it, one after another, and print figures.

func soaks() bool { return os.Getenv("GIT_PAT_SOAK") == "1" }

// many returns how often something is to be done: few times, or all of them
// where the test soaks.
func many(few, all int) int {
	if soaks() {
		return all
	}
	return few
}

// soak lets a test run beside others, unless their load would be in its figures.
func soak(t *testing.T) {
	if !soaks() {
		t.Parallel()
	}
}

// program makes one of the two programs, away from any terminal.
func (p *person) program(in, name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(programs, name), args...)
	cmd.Env, cmd.Dir, cmd.Stdin = p.env, p.home, strings.NewReader(in)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	return cmd
}

// run runs a program to its end.
func run(t *testing.T, cmd *exec.Cmd) outcome {
	t.Helper()
	var out, errOut bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errOut
	began := time.Now()
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Error(err)
	}
	return outcome{out: out.String(), errOut: errOut.String(), status: cmd.ProcessState.ExitCode(), took: time.Since(began)}
}

// about is a request for an owner's repository, or with a secret what Git
// reports of one.
func about(owner, secret string) string {
	request := "protocol=https\nhost=github.com\npath=" + owner + "/widgets\n"
	if secret != "" {
		request += "username=alice\npassword=" + secret + "\n"
	}
	return request
}

// answer returns the token that the helper answers with for an owner, or
// nothing.
func (p *person) answer(owner string) string {
	p.t.Helper()
	got := run(p.t, p.program(about(owner, ""), "git-credential-pat", "get"))
	if got.status != 0 {
		p.t.Errorf("get %s: exit status %d: %s", owner, got.status, got.errOut)
	}
	return value(got.out, "password")
}

// add makes the program that adds a token of alice's for an owner or a repository.
func (p *person) add(target, secret, store string) *exec.Cmd {
	return p.program(secret+"\n", "git-pat", "add", target, "--with-token", "--username", "alice", "--name", "alice", "--store", store, "--replace")
}

// store makes the program that Git tells of a token of alice's, for which it
// asked a moment before.
func (p *person) store(owner, secret, store string) *exec.Cmd {
	return p.program(about(owner, secret)+asked, "git-credential-pat", "--store", store, "store")
}

// asked is what Git brings back of the answer when there was none.
const asked = "capability[]=state\nstate[]=pat:asked\n"

// works fails unless a program did what it was asked to.
func works(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if got := run(t, cmd); got.status != 0 {
		t.Errorf("%s %s: exit status %d: %s", filepath.Base(cmd.Path), cmd.Args[1:], got.status, got.errOut)
	}
}

// files returns the folder of a person's tokens and the files in it: the
// temporary ones, and the others by their names there.
func (p *person) files() (dir string, temporary, others []string) {
	p.t.Helper()
	dir = filepath.Join(p.home, ".local", "share", "git-pat")
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		if strings.HasPrefix(entry.Name(), ".tmp-") {
			temporary = append(temporary, path)
			return nil
		}
		name, err := filepath.Rel(dir, path)
		others = append(others, name)
		return err
	})
	if err != nil {
		p.t.Error(err)
	}
	return dir, temporary, others
}

// list returns what git pat list says of each token. It fails if one of the
// records cannot be read.
func (p *person) list() []struct{ Target, Name, State string } {
	p.t.Helper()
	var entries []struct{ Target, Name, State string }
	got := run(p.t, p.program("", "git-pat", "list", "--json"))
	if err := json.Unmarshal([]byte(got.out), &entries); err != nil || got.status != 0 {
		p.t.Errorf("list: exit status %d, %v: %s", got.status, err, got.errOut)
	}
	return entries
}

// atOnce calls f for each number below n, all at the same time.
func atOnce(n int, f func(i int)) {
	var all sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		all.Go(func() {
			<-start
			f(i)
		})
	}
	close(start)
	all.Wait()
}

// Many add and store tokens at once. Each of them is told that it is done, and
// each token answers.
func TestSoakConcurrent(t *testing.T) {
	soak(t)
	p := newPerson(t)
	n := many(20, 200)
	secrets := make([]string, 2*n)
	for i := range secrets {
		secrets[i] = mint(t, githubtest.FineGrained)
	}
	owner := func(i int) string { return fmt.Sprintf("owner-%d", i) }
	began := time.Now()
	atOnce(2*n, func(i int) {
		if i%2 == 0 {
			works(t, p.add(owner(i), secrets[i], "file"))
		} else {
			works(t, p.store(owner(i), secrets[i], "file"))
		}
	})
	took := time.Since(began)
	for i, secret := range secrets {
		if got := p.answer(owner(i)); got != secret {
			t.Errorf("%s: the answer is a secret of %d bytes, want the token", owner(i), len(got))
		}
	}
	if got := len(p.list()); got != 2*n {
		t.Errorf("got %d records, want %d", got, 2*n)
	}
	if _, temporary, _ := p.files(); len(temporary) > 0 {
		t.Errorf("left %q", temporary)
	}
	t.Logf("%d adds and %d stores at once: %v", n, n, took.Round(time.Millisecond))
}

// Many change the same token at once, while others ask for it. One of their
// values stays, and no other is ever seen but that of before. A report of Git's
// is kept where there is no token yet, and changes none that there is.
func TestSoakOneToken(t *testing.T) {
	soak(t)
	for _, where := range []string{"file", "keyring"} {
		t.Run(where, func(t *testing.T) {
			p := newPerson(t)
			if where == "keyring" {
				p.env = append(p.env, keyringtest.UseGnomeKeyring(t).Env()...)
			}
			p.soakOneToken(where)
		})
	}
}

func (p *person) soakOneToken(where string) {
	t := p.t
	n := many(10, 50)
	before := ""
	add := func(secret string) *exec.Cmd { return p.add("acme/widgets", secret, where) }
	report := func(secret string) *exec.Cmd { return p.store("acme", secret, where) }
	for _, round := range []struct {
		who     string
		changes []func(secret string) *exec.Cmd
	}{
		{"stores", []func(string) *exec.Cmd{report}},
		{"adds", []func(string) *exec.Cmd{add}},
		{"adds and stores", []func(string) *exec.Cmd{add, report}},
	} {
		secrets := make([]string, n)
		for i := range secrets {
			secrets[i] = mint(t, githubtest.FineGrained)
		}
		var reading sync.WaitGroup
		stop := make(chan struct{})
		asked := 0
		reading.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if got := p.answer("acme"); got != before && !slices.Contains(secrets, got) {
					t.Errorf("%s: the answer meanwhile is a secret of %d bytes, want one of the tokens", round.who, len(got))
				}
				asked++
			}
		})
		began := time.Now()
		atOnce(n, func(i int) { works(t, round.changes[i%len(round.changes)](secrets[i])) })
		took := time.Since(began)
		close(stop)
		reading.Wait()
		before = p.answer("acme")
		if !slices.Contains(secrets, before) {
			t.Errorf("%s: the answer is a secret of %d bytes, want one of the tokens", round.who, len(before))
		}
		if got := p.list(); len(got) != 1 || got[0].Name != "alice" || got[0].State != "ok" {
			t.Errorf("%s: got %v, want one token", round.who, got)
		}
		t.Logf("%d %s of one token at once: %v, while it was asked for %d times", n, round.who, took.Round(time.Millisecond), asked)
	}
}

// Git reports a token that it asked for, while a person does something to those
// that are there. Both come about, in one order or the other, and then each
// secret has its record and each record its secret.
func TestSoakReported(t *testing.T) {
	soak(t)
	p := newPerson(t)
	const target = "acme/widgets"
	for _, round := range []struct {
		who    string
		before bool // there is a token, which has been refused
		do     func(secret string) *exec.Cmd
		may    string // what may keep them from it
		stays  bool   // that the person put a token there
	}{
		{"remove", true, func(string) *exec.Cmd {
			return p.program("", "git-pat", "remove", target, "--name", "alice", "--yes")
		}, "", false},
		{"remove what is not there yet", false, func(string) *exec.Cmd {
			return p.program("", "git-pat", "remove", target, "--name", "alice", "--yes")
		}, "^git pat: there is no token ", false},
		{"rotate", true, func(secret string) *exec.Cmd {
			return p.program(secret+"\n", "git-pat", "rotate", target, "--name", "alice", "--with-token", "--offline")
		}, "", true},
		{"add", false, func(secret string) *exec.Cmd { return p.add(target, secret, "file") }, "", true},
	} {
		kept := 0
		for i := range many(10, 500) {
			if round.before {
				refused := mint(t, githubtest.FineGrained)
				works(t, p.add(target, refused, "file"))
				works(t, p.program(about("acme", refused), "git-credential-pat", "erase"))
			}
			if got := p.answer("acme"); got != "" { // and Git asks
				t.Fatalf("%s, %d: the answer is a secret of %d bytes, want none", round.who, i, len(got))
			}
			typed, mine := mint(t, githubtest.FineGrained), mint(t, githubtest.FineGrained)
			var reported, done outcome
			atOnce(2, func(i int) {
				if i == 0 {
					time.Sleep(rand.N(10 * time.Millisecond)) // or it would always be the first
					reported = run(t, p.program(about("acme", typed), "git-credential-pat", "--store", "file", "store"))
				} else {
					done = run(t, round.do(mine))
				}
			})
			if reported.status != 0 {
				t.Errorf("%s, %d: store: exit status %d: %s", round.who, i, reported.status, reported.errOut)
			}
			if strings.Contains(reported.errOut, "kept this") {
				kept++
			}
			if done.status != 0 && (round.may == "" || !regexp.MustCompile(round.may).MatchString(done.errOut)) {
				t.Errorf("%s, %d: exit status %d: %s", round.who, i, done.status, done.errOut)
			}
			dir, temporary, files := p.files()
			if len(temporary) > 0 {
				t.Errorf("%s, %d: left %q", round.who, i, temporary)
			}
			for _, name := range files {
				record, isRecord := strings.CutPrefix(strings.TrimSuffix(name, ".record"), "tokens/")
				secret, isSecret := strings.CutPrefix(name, "secrets/")
				switch {
				case isSecret && !slices.Contains(files, "tokens/"+secret+".record"):
					t.Errorf("%s, %d: %s is a secret without a record", round.who, i, name)
				case isRecord && strings.HasSuffix(name, ".record") && !slices.Contains(files, "secrets/"+record):
					t.Errorf("%s, %d: %s is a record without a secret", round.who, i, name)
				}
			}
			if round.stays {
				if got, err := os.ReadFile(filepath.Join(dir, "secrets/github.com/acme/widgets/@/alice")); err != nil || strings.TrimSpace(string(got)) != mine {
					t.Errorf("%s, %d: what the person put there did not stay, %v", round.who, i, err)
				}
			}
			for _, entry := range p.list() {
				works(t, p.program("", "git-pat", "remove", target, "--name", entry.Name, "--yes"))
			}
		}
		t.Logf("%s: %d of %d reported tokens were kept", round.who, kept, many(10, 500))
	}
}

// A slot is an owner, with what was acknowledged of the token for its repository.
type slot struct {
	owner  string
	secret string // of the token; empty for none
	aside  bool   // it was refused
}

func (s slot) target() string { return s.owner + "/widgets" }

// answer is the token that is to be the answer, or nothing.
func (s slot) answer() string {
	if s.aside {
		return ""
	}
	return s.secret
}

// An operation is one of those that are killed.
type operation struct {
	name string
	fits func(slot) bool // it can be done there

	// do makes the program that does it, perhaps with a new token or in the
	// store named, and says what is so once it has.
	do func(p *person, s slot, secret, store string) (cmd *exec.Cmd, done slot)
}

func hasToken(s slot) bool { return s.secret != "" }

// operations are in an order in which each of them fits after the one before,
// and the first one always.
func operations() []operation {
	return []operation{
		{"add", func(slot) bool { return true }, func(p *person, s slot, secret, store string) (*exec.Cmd, slot) {
			return p.add(s.target(), secret, store), slot{s.owner, secret, false}
		}},
		{"store", func(slot) bool { return true }, func(p *person, s slot, secret, store string) (*exec.Cmd, slot) {
			if s.secret != "" {
				secret = s.secret // in use, or good after all
			}
			return p.store(s.owner, secret, store), slot{s.owner, secret, false}
		}},
		{"erase", func(s slot) bool { return hasToken(s) && !s.aside }, func(p *person, s slot, _, _ string) (*exec.Cmd, slot) {
			return p.program(about(s.owner, s.secret), "git-credential-pat", "erase"), slot{s.owner, s.secret, true}
		}},
		{"rotate", hasToken, func(p *person, s slot, secret, _ string) (*exec.Cmd, slot) {
			return p.program(secret+"\n", "git-pat", "rotate", s.target(), "--with-token", "--offline"), slot{s.owner, secret, false}
		}},
		{"move", hasToken, func(p *person, s slot, _, store string) (*exec.Cmd, slot) {
			return p.program("", "git-pat", "move", s.target(), "--store", store, "--yes"), s
		}},
		{"remove", hasToken, func(p *person, s slot, _, _ string) (*exec.Cmd, slot) {
			return p.program("", "git-pat", "remove", s.target(), "--yes"), slot{s.owner, "", false}
		}},
	}
}

// Programs are killed at any moment of all that they do. Then each token that
// somebody was told is kept answers, the one at work as before or as after,
// and the same command, once more, does its work at once.
func TestSoakKilled(t *testing.T) {
	soak(t)
	p := newPerson(t)
	// A fake one: a real gnome-keyring aborted once in some 3,000 of these kills.
	keyring := keyringtest.UseFake(t, keyringtest.Works)
	p.env = append(p.env, keyring.Env()...)
	slots := make([]slot, 4)
	for i := range slots {
		slots[i].owner = fmt.Sprintf("owner-%d", i)
	}
	stores := []string{"file", "keyring"}
	begin := func(o operation, s slot) (*exec.Cmd, slot) {
		return o.do(p, s, mint(t, githubtest.FineGrained), stores[rand.N(len(stores))])
	}
	// holds asks for the token of a slot, which may be one of others as well.
	holds := func(when string, s slot, others ...string) (got string) {
		t.Helper()
		got = p.answer(s.owner)
		if got != s.answer() && !slices.Contains(others, got) {
			t.Fatalf("%s, %s: the answer is a secret of %d bytes, which is not the one that was acknowledged", when, s.owner, len(got))
		}
		return got
	}
	usual := map[string]time.Duration{} // how long each operation took last
	once := func(when string, o operation, s *slot) time.Duration {
		t.Helper()
		cmd, done := begin(o, *s)
		got := run(t, cmd)
		gone := o.name == "remove" && strings.HasPrefix(got.errOut, "git pat: there is no token ")
		if got.status != 0 && !gone {
			t.Fatalf("%s, %s: exit status %d: %s", when, s.owner, got.status, got.errOut)
		}
		usual[o.name], *s = got.took, done
		holds(when, *s)
		return got.took
	}
	for _, o := range operations() {
		once("the first "+o.name, o, &slots[0])
	}

	var slowest time.Duration
	killed, through, leftovers := map[string]int{}, 0, 0
	began := time.Now()
	for kills, turn := 0, 0; kills < many(60, 1000); turn++ {
		o, s := operations()[turn%len(operations())], &slots[rand.N(len(slots))]
		if !o.fits(*s) {
			once("before "+o.name, operations()[0], s)
		}
		_, before, _ := p.files()
		when := fmt.Sprintf("kill %d, %s", kills+1, o.name)
		cmd, done := begin(o, *s)
		var errOut bytes.Buffer
		cmd.Stderr = &errOut
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(rand.N(usual[o.name] * 5 / 4))
		cmd.Process.Kill()
		cmd.Wait()
		status := cmd.ProcessState.Sys().(syscall.WaitStatus)
		if !status.Signaled() && status.ExitStatus() != 0 {
			t.Fatalf("%s, %s: exit status %d: %s", when, s.owner, status.ExitStatus(), &errOut)
		}
		if !status.Signaled() {
			*s = done // as somebody was told
		}

		// Between its new record and its new secret, a token that is set aside
		// counts as another one, and is offered once more.
		switch got := holds(when, *s, done.answer(), s.secret); {
		case got == s.answer():
		case got == done.answer():
			through++
			*s = done
		default:
			s.aside = false
		}
		for _, other := range slots {
			if other.owner != s.owner {
				holds(when, other)
			}
		}
		p.list()
		dir, temporary, others := p.files()
		left := slices.DeleteFunc(temporary, func(path string) bool { return slices.Contains(before, path) })
		if len(left) > 1 {
			t.Errorf("%s: left %q, want at most one temporary file", when, left)
		}
		leftovers += len(left)
		for _, path := range left {
			long := time.Now().Add(-2 * time.Hour)
			if err := os.Chtimes(path, long, long); err != nil {
				t.Error(err)
			}
		}
		for _, name := range others {
			key, ok := strings.CutPrefix(name, "secrets/")
			if ok && !slices.Contains(others, "tokens/"+key+".record") {
				t.Errorf("%s: %s is a secret without a record", when, filepath.Join(dir, name))
			}
		}
		if !status.Signaled() {
			continue
		}
		kills++
		killed[o.name]++
		slowest = max(slowest, once(when+", once more", o, s))
	}
	took := time.Since(began)

	for _, s := range slots { // which writes into both of its folders, and leaves the keyring
		// A killed move may have left a copy there, of which no record tells. To
		// put the token there and back deletes it.
		works(t, p.add(s.target(), mint(t, githubtest.FineGrained), "keyring"))
		works(t, p.add(s.target(), mint(t, githubtest.FineGrained), "file"))
	}
	_, temporary, _ := p.files()
	if len(temporary) > 0 {
		t.Errorf("not swept: %q", temporary)
	}
	if got := keyring.Len(); got > 0 {
		t.Errorf("%d secrets without a record are in the keyring", got)
	}
	t.Logf("%v kills in %v; %d had done their work before; %d left a temporary file, and %d are there now; the slowest next command took %v",
		killed, took.Round(time.Millisecond), through, leftovers, len(temporary), slowest.Round(time.Millisecond))
}
