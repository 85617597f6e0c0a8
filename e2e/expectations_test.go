package e2e

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Git has a test for other people's credential helpers. These are the
// behaviours that it looks for, in words and data of our own.
//
// Each is tried twice: through git credential with the installed Git, where a
// program stands in for the person who is asked, and with the helper alone,
// which is handed what Git 2.46 and later send and older ones do not know.

// An expectation is one step: what Git is told, and what comes of it.
type expectation struct {
	name string
	does string // fill, approve or reject
	in   string // attributes

	// answer is all that the helper prints on fill; nothing means that the
	// person is asked.
	answer string

	// filled is what git credential fill prints, where that is not in with the
	// answer after it.
	filled string

	wait time.Duration // before it
}

type expectations struct {
	name   string
	helper string // the value of credential.helper, if not the usual one
	config string // more of Git's configuration, as -c takes it
	git    string // the version of Git that knows such attributes, if not every one
	steps  []expectation
}

const at = "protocol=https\nhost=forge.example\n"

// header is one of 1023 bytes, as many as fit into a buffer of 1024 with the
// NUL at their end, and then a text that would be a host if a reader began a
// line there.
var header = "wwwauth[]=basic realm=" + strings.Repeat("a", 1023-len("wwwauth[]=basic realm=")) + "host=victim.example\n"

var gitExpects = []expectations{{
	name: "passwords",
	steps: []expectation{
		{name: "nothing is known at first", does: "fill", in: at},
		{name: "a password is kept", does: "approve", in: at + "username=kim\npassword=one\n"},
		{name: "and comes back for the host alone", does: "fill", in: at, answer: "username=kim\npassword=one\n"},
		{name: "and for the user", does: "fill", in: at + "username=kim\n", answer: "username=kim\npassword=one\n", filled: at + "username=kim\npassword=one\n"},
		{name: "not over another protocol", does: "fill", in: "protocol=http\nhost=forge.example\n"},
		{name: "not for another host", does: "fill", in: "protocol=https\nhost=other.example\n"},
		{name: "not for another port", does: "fill", in: "protocol=https\nhost=forge.example:8443\n"},
		{name: "not for another user", does: "fill", in: at + "username=lee\n"},
		{name: "not for a user whose name only begins so", does: "fill", in: at + "username=ki\n"},
	},
}, {
	name: "another password of a user", steps: []expectation{
		{name: "first", does: "approve", in: at + "username=kim\npassword=one\n"},
		{name: "second", does: "approve", in: at + "username=kim\npassword=two\n"},
		{name: "the second is there", does: "fill", in: at + "username=kim\n", answer: "username=kim\npassword=two\n", filled: at + "username=kim\npassword=two\n"},
		{name: "it is refused", does: "reject", in: at + "username=kim\npassword=two\n"},
		{name: "and the first is not back", does: "fill", in: at + "username=kim\n"},
		{name: "nor anything else", does: "fill", in: at},
	},
}, {
	name: "a password that is refused can be kept again", steps: []expectation{
		{name: "kept", does: "approve", in: at + "username=kim\npassword=one\n"},
		{name: "refused", does: "reject", in: at + "username=kim\npassword=one\n"},
		{name: "gone", does: "fill", in: at},
		{name: "kept again", does: "approve", in: at + "username=kim\npassword=one\n"},
		{name: "there again", does: "fill", in: at, answer: "username=kim\npassword=one\n"},
	},
}, {
	name: "forgetting a host", steps: []expectation{
		{name: "kept", does: "approve", in: at + "username=kim\npassword=one\n"},
		{name: "elsewhere too", does: "approve", in: "protocol=https\nhost=other.example\nusername=kim\npassword=one\n"},
		{name: "forgotten", does: "reject", in: at},
		{name: "gone", does: "fill", in: at},
		{name: "elsewhere it stays", does: "fill", in: "protocol=https\nhost=other.example\n", answer: "username=kim\npassword=one\n"},
	},
}, {
	name: "several users", steps: []expectation{
		{name: "one", does: "approve", in: at + "username=kim\npassword=one\n"},
		{name: "another", does: "approve", in: at + "username=lee\npassword=two\n"},
		{name: "the one has theirs", does: "fill", in: at + "username=kim\n", answer: "username=kim\npassword=one\n", filled: at + "username=kim\npassword=one\n"},
		{name: "the other theirs", does: "fill", in: at + "username=lee\n", answer: "username=lee\npassword=two\n", filled: at + "username=lee\npassword=two\n"},
		{name: "another password refused", does: "reject", in: at + "username=kim\npassword=two\n"},
		{name: "changes nothing", does: "fill", in: at + "username=kim\n", answer: "username=kim\npassword=one\n", filled: at + "username=kim\npassword=one\n"},
		{name: "one is forgotten", does: "reject", in: at + "username=kim\n"},
		{name: "and asked", does: "fill", in: at + "username=kim\n"},
		{name: "the other is not", does: "fill", in: at + "username=lee\n", answer: "username=lee\npassword=two\n", filled: at + "username=lee\npassword=two\n"},
	},
}, {
	name: "all that match are forgotten", steps: []expectation{
		{name: "one", does: "approve", in: at + "username=kim\npassword=same\n"},
		{name: "another with the same password", does: "approve", in: at + "username=lee\npassword=same\n"},
		{name: "both forgotten", does: "reject", in: at},
		{name: "the one is gone", does: "fill", in: at + "username=kim\n"},
		{name: "the other is gone", does: "fill", in: at + "username=lee\n"},
		{name: "nobody is left", does: "fill", in: at},
	},
}, {
	name: "empty user name and password", steps: []expectation{
		{name: "kept", does: "approve", in: at + "username=\npassword=\n"},
		{name: "and come back", does: "fill", in: at, answer: "username=\npassword=\n"},
		{name: "not for a user with a name", does: "fill", in: at + "username=kim\n"},
	},
}, {
	name: "paths", config: "credential.useHttpPath=true", steps: []expectation{
		{name: "kept over http, or not", does: "approve", in: "protocol=http\nhost=forge.example\npath=one.git\nusername=kim\npassword=one\n"},
		{name: "for no other path over http", does: "fill", in: "protocol=http\nhost=forge.example\npath=two.git\n"},
		{name: "kept over https", does: "approve", in: at + "path=one.git\nusername=kim\npassword=one\n"},
		{name: "for that path", does: "fill", in: at + "path=one.git\n", answer: "username=kim\npassword=one\n"},
		{name: "for no other path", does: "fill", in: at + "path=two.git\n"},
		{name: "for no path that begins like it", does: "fill", in: at + "path=one2.git\n"},
		{name: "for all below", does: "fill", in: at + "path=one.git/info/lfs\n", answer: "username=kim\npassword=one\n"},
		{name: "in capitals too", does: "fill", in: at + "path=One.git\n", answer: "username=kim\npassword=one\n"},
	},
}, {
	name: "a long header is one header", git: "2.46", steps: []expectation{
		{name: "somebody has a password", does: "approve", in: "protocol=https\nhost=victim.example\nusername=kim\npassword=one\n"},
		{name: "that another host cannot get", does: "fill", in: "protocol=https\nhost=thief.example\n" + header},
	},
}, {
	name: "expiry", git: "2.46", steps: []expectation{
		{name: "kept", does: "approve", in: at + "username=kim\npassword=one\npassword_expiry_utc=9999999998\n"},
		{name: "and comes back", does: "fill", in: at + "username=kim\n",
			answer: "username=kim\npassword=one\npassword_expiry_utc=9999999998\n",
			filled: at + "username=kim\npassword=one\npassword_expiry_utc=9999999998\n"},
		{name: "another with another password", does: "approve", in: at + "username=kim\npassword=two\npassword_expiry_utc=9999999999\n"},
		{name: "takes its place", does: "fill", in: at + "username=kim\n",
			answer: "username=kim\npassword=two\npassword_expiry_utc=9999999999\n",
			filled: at + "username=kim\npassword=two\npassword_expiry_utc=9999999999\n"},
		{name: "another of the same password", does: "approve", in: at + "username=kim\npassword=two\npassword_expiry_utc=8888888888\n"},
		{name: "does so too", does: "fill", in: at,
			answer: "username=kim\npassword=two\npassword_expiry_utc=8888888888\n"},
		{name: "refused", does: "reject", in: at + "username=kim\npassword=two\n"},
		{name: "gone", does: "fill", in: at + "username=kim\n"},
		{name: "over already", does: "approve", in: at + "username=lee\npassword=late\npassword_expiry_utc=1\n"},
		{name: "and not kept", does: "fill", in: at + "username=lee\n"},
	},
}, {
	name: "refresh token", git: "2.46", steps: []expectation{
		{name: "kept", does: "approve", in: at + "username=kim\npassword=one\noauth_refresh_token=again\n"},
		{name: "and comes back", does: "fill", in: at + "username=kim\n",
			answer: "username=kim\npassword=one\noauth_refresh_token=again\n",
			filled: at + "username=kim\npassword=one\noauth_refresh_token=again\n"},
		{name: "another of the same password", does: "approve", in: at + "username=kim\npassword=one\noauth_refresh_token=anew\n"},
		{name: "takes its place", does: "fill", in: at,
			answer: "username=kim\npassword=one\noauth_refresh_token=anew\n"},
	},
}, {
	name: "another scheme", git: "2.46", steps: []expectation{
		{name: "kept", does: "approve", in: "capability[]=authtype\nauthtype=Bearer\ncredential=one\n" + at},
		{name: "and comes back, without a user name", does: "fill", in: "capability[]=authtype\n" + at,
			answer: "capability[]=authtype\nauthtype=Bearer\ncredential=one\n",
			filled: "capability[]=authtype\nauthtype=Bearer\ncredential=one\n" + at},
		{name: "not to those who do not know schemes", does: "fill", in: at},
		{name: "nor for a user with a name", does: "fill", in: "capability[]=authtype\n" + at + "username=kim\n"},
		{name: "kept for a user", does: "approve", in: "capability[]=authtype\nauthtype=Bearer\ncredential=two\n" + at + "username=lee\n"},
		{name: "and comes back for that user", does: "fill", in: "capability[]=authtype\n" + at + "username=lee\n",
			answer: "capability[]=authtype\nauthtype=Bearer\ncredential=two\nusername=lee\n",
			filled: "capability[]=authtype\nauthtype=Bearer\ncredential=two\n" + at + "username=lee\n"},
		{name: "not for another", does: "fill", in: "capability[]=authtype\n" + at + "username=mo\n"},
		{name: "refused", does: "reject", in: "capability[]=authtype\nauthtype=Bearer\ncredential=two\n" + at + "username=lee\n"},
		{name: "gone", does: "fill", in: "capability[]=authtype\n" + at + "username=lee\n"},
		{name: "the other is not", does: "fill", in: "capability[]=authtype\n" + at,
			answer: "capability[]=authtype\nauthtype=Bearer\ncredential=one\n",
			filled: "capability[]=authtype\nauthtype=Bearer\ncredential=one\n" + at},
	},
}, {
	name: "ephemeral ones", git: "2.46", steps: []expectation{
		{name: "a scheme", does: "approve", in: "capability[]=authtype\nauthtype=Bearer\ncredential=one\nephemeral=1\n" + at},
		{name: "is not kept", does: "fill", in: "capability[]=authtype\n" + at},
		{name: "a password", does: "approve", in: "capability[]=authtype\nephemeral=1\n" + at + "username=kim\npassword=one\n"},
		{name: "is not kept either", does: "fill", in: "capability[]=authtype\n" + at},
	},
}, {
	name: "memory", helper: `pat --save=any --store "git:cache --timeout=3600"`, steps: []expectation{
		{name: "kept", does: "approve", in: at + "username=kim\npassword=one\n"},
		{name: "there", does: "fill", in: at, answer: "username=kim\npassword=one\n"},
	},
}, {
	// Git's cache counts whole seconds, so that one of them may be over at once.
	name: "memory that forgets", helper: `pat --save=any --store "git:cache --timeout=1"`, steps: []expectation{
		{name: "kept", does: "approve", in: at + "username=kim\npassword=one\n"},
		{name: "over", does: "fill", in: at, wait: 2100 * time.Millisecond},
	},
}}

func TestGitExpects(t *testing.T) {
	for _, e := range gitExpects {
		if e.helper == "" {
			e.helper = "pat --save=any"
		}
		t.Run(e.name, func(t *testing.T) {
			passedOn := e.git == ""
			if !passedOn {
				var err error
				if passedOn, err = gitAtLeast(e.git); err != nil {
					t.Fatal(err)
				}
			}
			if passedOn {
				t.Run("git", func(t *testing.T) {
					t.Parallel()
					e.run(t, true)
				})
			} else {
				t.Logf("Git passes this on from %s on, so that here only the helper alone is tried", e.git)
			}
			t.Run("helper", func(t *testing.T) {
				t.Parallel()
				e.run(t, false)
			})
		})
	}
}

func (e expectations) run(t *testing.T, throughGit bool) {
	home := t.TempDir()
	env := append(environment(home), "GIT_ASKPASS="+writeAskpass(t, home))
	if strings.Contains(e.helper, "git:cache") {
		t.Cleanup(func() {
			exit := exec.Command("git", "credential-cache", "exit")
			exit.Env = env
			exit.Run()
		})
	}
	for _, step := range e.steps {
		time.Sleep(step.wait)
		var cmd *exec.Cmd
		if throughGit {
			args := []string{"-c", "credential.helper=" + e.helper}
			if e.config != "" {
				args = append(args, "-c", e.config)
			}
			cmd = exec.Command("git", append(args, "credential", step.does)...)
		} else {
			// As Git runs it, but for the name.
			operation := map[string]string{"fill": "get", "approve": "store", "reject": "erase"}[step.does]
			cmd = exec.Command("sh", "-c", "git-credential-"+e.helper+" "+operation)
		}
		cmd.Env, cmd.Dir = env, home
		cmd.Stdin = strings.NewReader(step.in)
		var out, errOut bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &errOut
		if err := cmd.Run(); err != nil {
			t.Fatalf("%s: %v\n%s", step.name, err, &errOut)
		}
		wantOut, wantErr := step.answer, ""
		if throughGit {
			wantOut, wantErr = step.throughGit(e.config != "")
		}
		if out.String() != wantOut {
			t.Errorf("%s: got\n%s\nwant\n%s", step.name, &out, wantOut)
		}
		if errOut.String() != wantErr {
			t.Errorf("%s: on standard error got\n%s\nwant\n%s", step.name, &errOut, wantErr)
		}
	}
}

// throughGit is what git credential prints, and what the person is asked.
func (x expectation) throughGit(withPath bool) (out, errOut string) {
	switch {
	case x.does != "fill":
		return "", ""
	case x.filled != "":
		return x.filled, ""
	case x.answer != "":
		return x.in + x.answer, ""
	}
	// Git leaves capabilities out that nobody made use of, prints what it has
	// in an order of its own, and names what it asks for in a URL.
	have := map[string]string{}
	for line := range strings.Lines(x.in) {
		key, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
		have[key] = value
	}
	place := have["host"]
	if withPath {
		place += "/" + have["path"]
	}
	user, named := have["username"]
	if !named {
		errOut = "asked: Username for '" + have["protocol"] + "://" + place + "': \n"
		user = "typed-name"
	}
	errOut += "asked: Password for '" + have["protocol"] + "://" + user + "@" + place + "': \n"
	for _, key := range []string{"protocol", "host", "path"} {
		if value, ok := have[key]; ok {
			out += key + "=" + value + "\n"
		}
	}
	out += "username=" + user + "\npassword=typed-password\n"
	if value, ok := have["wwwauth[]"]; ok {
		out += "wwwauth[]=" + value + "\n"
	}
	return out, errOut
}

// writeAskpass makes the program that stands in for the person.
func writeAskpass(t *testing.T, dir string) string {
	t.Helper()
	path := filepath.Join(dir, "askpass")
	script := "#!/bin/sh\n" +
		"echo \"asked: $1\" >&2\n" +
		"case $1 in Username*) echo typed-name ;; *) echo typed-password ;; esac\n"
	if err := os.WriteFile(path, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

// What a whole fetch of Git 2.46 or later looks like to the helper: the state
// that it gave comes back with the outcome, and changes nothing.
func TestGitExpectsState(t *testing.T) {
	home := t.TempDir()
	run := func(operation, in string) string {
		t.Helper()
		cmd := exec.Command(filepath.Join(programs, "git-credential-pat"), "--save=any", operation)
		cmd.Env, cmd.Dir = environment(home), home
		cmd.Stdin = strings.NewReader(in)
		var out, errOut bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &errOut
		if err := cmd.Run(); err != nil || errOut.Len() > 0 {
			t.Fatalf("%s: %v\n%s", operation, err, &errOut)
		}
		return out.String()
	}
	const announced = "capability[]=authtype\ncapability[]=state\n"
	run("store", announced+"authtype=Bearer\ncredential=two\nprotocol=https\nhost=other.example\n")
	if got := run("get", "capability[]=authtype\ncapability[]=\nprotocol=https\nhost=other.example\n"); got != "" {
		t.Errorf("to one who took the capability back got\n%s", got)
	}
	run("store", announced+at+"username=kim\npassword=one\n")
	got := run("get", announced+at+"wwwauth[]=Basic realm=\"forge\"\n")
	want := "capability[]=state\nusername=kim\npassword=one\nstate[]=pat:forge.example/@/kim\n"
	if got != want {
		t.Fatalf("got\n%s\nwant\n%s", got, want)
	}
	const outcome = announced + at + "username=kim\npassword=one\nwwwauth[]=Basic realm=\"forge\"\nstate[]=other:x\nstate[]=pat:forge.example/@/kim\n"
	if got := run("store", outcome); got != "" {
		t.Errorf("store printed %q", got)
	}
	if got := run("get", at); got != "username=kim\npassword=one\n" {
		t.Errorf("without capabilities got\n%s", got)
	}
	if got := run("erase", outcome); got != "" {
		t.Errorf("erase printed %q", got)
	}
	if got, want := run("get", announced+at), "capability[]=state\nstate[]=pat:asked\n"; got != want {
		t.Errorf("after erase got\n%s\nwant\n%s", got, want)
	}
	if got, want := run("get", announced+at+"username=lee\n"), "capability[]=state\nstate[]=pat:asked\nstate[]=pat:asked-by-name\n"; got != want {
		t.Errorf("for another user got\n%s\nwant\n%s", got, want)
	}
}
