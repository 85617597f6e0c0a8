package e2e

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/git-credential-pat/git-credential-pat/e2e/githubtest"
	"github.com/git-credential-pat/git-credential-pat/e2e/keyringtest"
)

// However a keyring misbehaves, each command that needs it says so in a line,
// in time, and changes nothing: nothing is erased, and nothing comes to a
// plainer place. Only where there is no keyring at all a new token is kept in a
// plain file.
func TestSoakKeyrings(t *testing.T) {
	t.Parallel()
	gnome := keyringtest.UseGnomeKeyring(t)
	p := newPerson(t)
	p.env = append(p.env, gnome.Env()...)
	// Two tokens fit each request for acme/widgets.
	secrets := map[string]string{}
	for target, store := range map[string]string{"acme": "keyring", "acme/widgets": "keyring", "globex": "file"} {
		secrets[target] = mint(t, githubtest.FineGrained)
		works(t, p.add(target, secrets[target], store))
	}
	made, _, _ := p.files()
	fresh := mint(t, githubtest.FineGrained)

	git := func(operation, owner, secret string) func(*person) *exec.Cmd {
		in := about(owner, secret)
		if operation == "store" {
			in += asked
		}
		return func(p *person) *exec.Cmd { return p.program(in, "git-credential-pat", operation) }
	}
	pat := func(args ...string) func(*person) *exec.Cmd {
		return func(p *person) *exec.Cmd { return p.program(fresh+"\n", "git-pat", args...) }
	}
	const (
		needs   = iota // the keyring
		prefers        // it, and does without where there is none
		without        // it
	)
	commands := []struct {
		name    string
		keyring int
		do      func(*person) *exec.Cmd
	}{
		{"get", needs, git("get", "acme", "")},
		{"get, from a file", without, git("get", "globex", "")},
		{"store what is kept", needs, git("store", "acme", secrets["acme/widgets"])},
		{"store beside it", needs, git("store", "acme", fresh)},
		{"store another", prefers, git("store", "initech", fresh)},
		{"store beside one in a file", without, git("store", "globex", fresh)},
		{"erase", needs, git("erase", "acme", secrets["acme/widgets"])},
		{"erase, in a file", without, git("erase", "globex", secrets["globex"])},
		{"add", prefers, pat("add", "initech", "--with-token")},
		{"add to the keyring", needs, pat("add", "initech", "--with-token", "--store", "keyring")},
		{"add in its place", needs, pat("add", "acme", "--with-token", "--name", "alice", "--replace")},
		{"add from the file to the keyring", needs, pat("add", "globex", "--with-token", "--name", "alice", "--replace", "--store", "keyring")},
		{"list", without, pat("list")},
		{"rotate", needs, pat("rotate", "acme", "--with-token", "--offline")},
		{"move out", needs, pat("move", "acme", "--store", "file", "--yes")},
		{"move in", needs, pat("move", "globex", "--store", "keyring", "--yes")},
		{"move all out", needs, pat("move", "--all", "--from", "keyring", "--store", "file", "--yes")},
		{"remove", needs, pat("remove", "acme", "--yes")},
	}

	const (
		unlock = "; unlock it and try again, or keep the token elsewhere with --store file"
		other  = "; keep the token elsewhere with --store file"

		locked = "is locked" + unlock
		late   = "did not answer within 3s" + unlock
		broken = "sent an invalid reply" + other
		hungUp = "(sent an invalid reply|closed the connection)" + other
		absent = "is not available: no program provides it" + other
		noBus  = "is not available: there is no D-Bus session bus" + other
	)
	at := func(address string) []string { return []string{"DBUS_SESSION_BUS_ADDRESS=" + address} }
	for _, test := range []struct {
		name  string
		start func(t *testing.T) (env []string) // unless the name is of a behaviour
		says  string                            // completes the line
	}{
		{name: "locked", says: locked, start: func(t *testing.T) []string {
			other := keyringtest.UseGnomeKeyring(t)
			if err := other.Lock(); err != nil {
				t.Fatal(err)
			}
			return other.Env()
		}},
		{name: string(keyringtest.NoCollection), says: locked},
		{name: string(keyringtest.Dismissed), says: locked},
		{name: string(keyringtest.NeverPrompts), says: late},
		{name: string(keyringtest.Silent), says: late},
		{name: string(keyringtest.WrongTypes), says: broken},
		{name: string(keyringtest.EmptyCompleted), says: broken},
		// Whoever asks once more finds the bus gone, or going.
		{name: string(keyringtest.BusDies), says: "(" + hungUp + "|" + absent + ")"},
		{name: string(keyringtest.NoProvider), says: absent},
		{name: "dead bus", says: absent, start: func(t *testing.T) []string { return at("unix:path=" + filepath.Join(t.TempDir(), "no-bus")) }},
		{name: "no bus", says: noBus, start: func(t *testing.T) []string {
			found := filepath.Join("/run/user", strconv.Itoa(os.Getuid()), "bus")
			if _, err := os.Stat(found); !errors.Is(err, fs.ErrNotExist) {
				t.Skipf("there is %s", found)
			}
			return at("")
		}},
	} {
		if test.start == nil {
			test.start = func(t *testing.T) []string {
				fake := keyringtest.UseFake(t, keyringtest.Behaviour(test.name))
				t.Cleanup(func() {
					if calls := fake.Calls("CreateItem", "Delete"); fake.Len() != 0 || calls != 0 {
						t.Errorf("%d items after %d calls that change them", fake.Len(), calls)
					}
				})
				return fake.Env()
			}
		}
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			sites, env := make([]string, len(commands)), make([][]string, len(commands))
			for i := range commands {
				sites[i] = filepath.Join(t.TempDir(), "pat")
				if out, err := exec.Command("cp", "-a", made, sites[i]).CombinedOutput(); err != nil {
					t.Fatalf("%v: %s", err, out)
				}
				env[i] = slices.Concat(p.env, test.start(t), []string{"GIT_PAT_DIR=" + sites[i]})
			}
			atOnce(len(commands), func(i int) {
				command, site := commands[i], sites[i]
				before := contents(t, site)
				got := run(t, command.do(&person{t, p.home, env[i]}))

				isAbsent := test.says == absent || test.says == noBus
				if command.keyring == without || command.keyring == prefers && isAbsent {
					if got.status != 0 || strings.Contains(got.errOut, "the store \"keyring\"") {
						t.Errorf("%s: exit status %d: %s", command.name, got.status, got.errOut)
					}
					if _, err := os.Stat(filepath.Join(site, "secrets/github.com/initech")); (err == nil) != (command.keyring == prefers) {
						t.Errorf("%s: a plain file of a new token: %v", command.name, err)
					}
					return
				}
				lines := strings.Split(strings.TrimSuffix(strings.ReplaceAll(got.errOut, "\nhint: ", "; "), "\n"), "\n")
				said := regexp.MustCompile(`^git pat: (cannot read .*: )?the store "keyring" ` + test.says + "$")
				status, out := 1, ""
				if command.name == "get" {
					status, out = 0, "quit=1\n" // Git does not ask another program instead
				}
				if got.status != status || got.out != out || !said.MatchString(lines[0]) {
					t.Errorf("%s: exit status %d, %q, %q, want %d, %q and %q", command.name, got.status, got.out, got.errOut, status, out, test.says)
				}
				if len(lines) > 1 && command.name != "move all out" { // which has one for each token
					t.Errorf("%s: got %q, want one line", command.name, got.errOut)
				}
				after := contents(t, site)
				for name, was := range before {
					if after[name] != was {
						t.Errorf("%s: %s is not what it was", command.name, name)
					}
				}
				if len(after) != len(before) {
					t.Errorf("%s: got %d files, want %d", command.name, len(after), len(before))
				}
			})
		})
	}
	t.Cleanup(func() { // when all keyrings were tried
		if got := p.answer("acme"); got != secrets["acme/widgets"] {
			t.Errorf("the answer is a secret of %d bytes, want the token", len(got))
		}
	})
}

// Many helpers ask a keyring at once, and each of them is answered.
func TestSoakGnomeKeyring(t *testing.T) {
	soak(t)
	p := newPerson(t)
	p.env = append(p.env, keyringtest.UseGnomeKeyring(t).Env()...)
	secrets := make([]string, many(20, 100))
	for i := range secrets {
		secrets[i] = mint(t, githubtest.FineGrained)
	}
	owner := func(i int) string { return fmt.Sprintf("owner-%d", i) }
	began := time.Now()
	// To keep one takes a keyring some 30 ms, and a helper waits three seconds.
	const keepers = 20
	for first := 0; first < len(secrets); first += keepers {
		atOnce(keepers, func(i int) { works(t, p.store(owner(first+i), secrets[first+i], "keyring")) })
	}
	kept := time.Since(began)
	began = time.Now()
	atOnce(len(secrets), func(i int) {
		if got := p.answer(owner(i)); got != secrets[i] {
			t.Errorf("%s: the answer is a secret of %d bytes, want the token", owner(i), len(got))
		}
	})
	took := time.Since(began)
	t.Logf("%d tokens were kept, %d at once, in %v; %d helpers at once answered in %v",
		len(secrets), keepers, kept.Round(time.Millisecond), len(secrets), took.Round(time.Millisecond))
}
