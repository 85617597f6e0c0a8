package e2e

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"github.com/git-credential-pat/git-credential-pat/e2e/githubtest"
)

// A program that is made to crash while it has a token shows nothing of it and
// leaves no core file, whatever the limit was that it was started with.
func TestCrash(t *testing.T) {
	server, err := githubtest.NewServer(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	secret, err := server.AddToken(githubtest.Token{ID: "acme", Kind: githubtest.FineGrained, Login: "alice", Owner: "acme"})
	if err != nil {
		t.Fatal(err)
	}
	request := about("acme", secret) + asked
	for _, test := range []struct {
		name   string
		in     string
		open   bool // the input does not end
		signal syscall.Signal
		args   []string
	}{
		{"half a request", request, true, syscall.SIGQUIT, []string{"git-credential-pat", "store"}},
		{"a slow store", request, false, syscall.SIGABRT, []string{"git-credential-pat", "--store", "git:!sleep 20; :", "store"}},
		{"a token being added", secret + "\n", false, syscall.SIGSEGV, []string{"git-pat", "add", "acme", "--offline", "--with-token", "--store", "git:!sleep 20; :"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			home, work := t.TempDir(), t.TempDir()
			// The shell raises the limit as far as it may be.
			cmd := exec.Command("sh", append([]string{"-c", `ulimit -S -c "$(ulimit -H -c)"; exec "$@"`, "sh"}, test.args...)...)
			cmd.Env = append(environment(home), "GOTRACEBACK=crash", "TMPDIR="+work)
			cmd.Dir = work
			cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
			var said bytes.Buffer
			cmd.Stdout, cmd.Stderr = &said, &said
			read, in, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			defer in.Close()
			cmd.Stdin = read
			cmd.WaitDelay = time.Second // what was started may have the output open
			err = cmd.Start()
			read.Close()
			if err != nil {
				t.Fatal(err)
			}
			defer syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
			io.WriteString(in, test.in)
			if !test.open {
				in.Close()
			}
			hasToken := func() bool {
				name, _ := os.ReadFile(fmt.Sprintf("/proc/%d/comm", cmd.Process.Pid))
				if !strings.HasPrefix(test.args[0], strings.TrimSpace(string(name))) {
					return false // it is the shell as yet
				}
				if test.open {
					return unread(t, in) == 0
				}
				children, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", cmd.Process.Pid))
				return slices.ContainsFunc(children, func(file string) bool {
					list, _ := os.ReadFile(file)
					return len(list) > 0
				})
			}
			for start := time.Now(); !hasToken(); time.Sleep(5 * time.Millisecond) {
				if time.Since(start) > time.Minute {
					t.Fatal("it does not come so far")
				}
			}
			limits, err := os.ReadFile(fmt.Sprintf("/proc/%d/limits", cmd.Process.Pid))
			if err != nil {
				t.Fatal(err)
			}
			if !regexp.MustCompile(`(?m)^Max core file size +0 `).Match(limits) {
				t.Errorf("it may write a core file:\n%s", limits)
			}

			cmd.Process.Signal(test.signal)
			cmd.Wait()
			if status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || !status.Signaled() || status.CoreDump() {
				t.Errorf("ended with %v, want a crash without a core file", cmd.ProcessState)
			}
			if !strings.Contains(said.String(), "goroutine ") {
				t.Errorf("no trace of a crash: %s", &said)
			}
			if shape := leakedInCrash(said.String(), secret); shape != "" {
				t.Fatalf("LEAK: the token, as %q", shape)
			}
			noSecretIn(t, []string{home, work}, places{secret: nil})
			if entries, err := os.ReadDir(work); len(entries) > 0 || err != nil {
				t.Errorf("left %v behind, %v", entries, err)
			}
		})
	}
}

// unread returns how many bytes are in a pipe.
func unread(t *testing.T, pipe *os.File) (n int32) {
	t.Helper()
	if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, pipe.Fd(), syscall.TIOCINQ, uintptr(unsafe.Pointer(&n))); errno != 0 {
		t.Fatal(os.NewSyscallError("ioctl", errno))
	}
	return n
}

// leakedInCrash is leaked for a text that shows registers too: these hold eight
// bytes each.
func leakedInCrash(text, secret string) string {
	const word = 8 // bytes
	for i := 0; i+word <= len(secret); i++ {
		for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
			if shape := fmt.Sprintf("%x", order.Uint64([]byte(secret[i:]))); strings.Contains(text, shape) {
				return shape
			}
		}
	}
	return leaked(text, secret)
}

// places are the files in which a secret may be, by the secret; nil is none.
type places map[string]*regexp.Regexp

func (p places) allow(secret, path string) bool {
	return p[secret] != nil && p[secret].MatchString(path)
}

// noSecretIn fails if a secret is in a file, or in its name, that is none of its
// places.
func noSecretIn(t *testing.T, roots []string, p places) {
	t.Helper()
	for _, root := range roots {
		err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			text := path
			if entry.Type().IsRegular() {
				data, err := os.ReadFile(path)
				if err != nil {
					return err
				}
				text += "\n" + string(data)
			}
			for secret := range p {
				if shape := leaked(text, secret); shape != "" && !p.allow(secret, path) {
					t.Errorf("LEAK: a token in %s, as %q", path, shape)
				}
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
}

// A token's whole life, from git pat add over Git's work with it to its end,
// under strace and with all that can be switched on to see what goes on: no
// argument of any program has a piece of a token, no program that ours start
// has one in its environment, and none is written to a file but to the one that
// a person chose for it.
func TestNoTrace(t *testing.T) {
	needStrace(t)
	t.Parallel()
	home, work, temp := t.TempDir(), t.TempDir(), t.TempDir()
	server, err := githubtest.NewServer(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	token := func(id, owner, kind string) string {
		t.Helper()
		secret, err := server.AddToken(githubtest.Token{ID: id, Kind: kind, Login: "alice", Owner: owner, Write: true, Scopes: []string{"repo"}})
		if err != nil {
			t.Fatal(err)
		}
		return secret
	}
	fine, renewed, other := token("fine", "acme", githubtest.FineGrained), token("renewed", "acme", githubtest.FineGrained), token("other", "globex", githubtest.FineGrained)
	classic := token("classic", "", githubtest.Classic)
	for _, owner := range []string{"acme", "globex", "initech"} {
		if _, err := server.AddRepository(githubtest.Repository{Owner: owner, Name: "widgets", Private: true}); err != nil {
			t.Fatal(err)
		}
	}
	// Where each may stand, and what becomes such a file when it is written.
	inFile := regexp.MustCompile(`/secrets/github\.com/acme/(widgets/)?@/(laptop|alice|\.tmp-[0-9]+)$`)
	inHelper := regexp.MustCompile(`/other-helper(\.lock)?$`)
	s := &straced{t: t, log: filepath.Join(t.TempDir(), "strace"), dir: work}
	s.places = places{fine: inFile, renewed: inFile, other: inHelper, classic: nil}
	s.env = append(environment(home), server.Env()...)
	s.env = append(s.env, gitTraces...)
	s.env = append(s.env, "TMPDIR="+temp, "GOTRACEBACK=crash", "GODEBUG=http2debug=2,netdns=2,gctrace=1,inittrace=1", "CI_TOKEN="+classic)
	s.run(0, "", "git", "pat", "setup")
	s.run(0, fine+"\n", "git", "pat", "add", "acme", "--name", "laptop", "--store", "file", "--with-token")
	s.run(0, other+"\n", "git", "pat", "add", "globex", "--store", "git:store --file="+home+"/other-helper", "--with-token")
	s.run(0, "", "git", "pat", "add", "initech", "--name", "ci", "--store", "env:CI_TOKEN")
	s.run(0, "", "git", "pat", "list")
	s.run(0, "", "git", "pat", "list", "--json")
	s.run(0, "", "git", "pat", "verify", "--all")
	s.run(0, "", "git", "pat", "explain", "--probe", "https://github.com/acme/widgets")
	for _, owner := range []string{"acme", "globex", "initech"} {
		s.run(0, "", "git", "clone", "https://github.com/"+owner+"/widgets", owner)
		s.run(0, "", "git", "-C", owner, "commit", "--allow-empty", "-m", "for "+owner)
		s.run(0, "", "git", "-C", owner, "push")
	}
	s.run(0, "", "git", "-C", "acme", "remote", "add", "old", "git@work:acme/widgets")
	s.run(1, "", "git", "-C", "acme", "pat", "remote")
	s.try("", "git", "-C", "acme", "pat", "doctor")
	if err := server.Revoke(other); err != nil {
		t.Fatal(err)
	}
	s.run(128, "", "git", "-C", "globex", "fetch")
	s.run(1, "", "git", "pat", "verify", "globex")
	s.run(128, "", "git", "-C", "globex", "fetch")

	request := "protocol=https\nhost=github.com\npath=acme/widgets\nusername=alice\npassword=" + fine + "\n"
	typed := strings.Replace(request, fine, renewed, 1) + asked
	for _, in := range []string{request, typed, request + "password=twice\n", request + "host=other.example\n", request + "nothing\n"} {
		for _, operation := range []string{"store", "erase"} {
			s.try(in, "git-credential-pat", operation)
		}
	}
	s.run(0, renewed+"\n", "git", "pat", "rotate", "acme", "--name", "laptop", "--with-token")
	s.places[fine] = nil
	noSecretIn(t, []string{home, work, temp}, s.places)

	s.run(0, "", "git", "pat", "revoke", "acme", "--name", "laptop", "--yes")
	s.run(0, "", "git", "pat", "remove", "acme/widgets", "--yes")
	s.run(0, "", "git", "pat", "remove", "globex", "--yes")
	s.run(0, "", "git", "pat", "remove", "initech", "--yes")
	noSecretIn(t, []string{home, work, temp}, places{fine: nil, renewed: nil, other: nil, classic: nil})
	if s.ours < 20 || s.written == 0 {
		t.Errorf("saw %d programs that ours started, and %d writes of tokens: strace shows something else", s.ours, s.written)
	}
}

// The requests of the corpus under strace, of which one in twenty has to do if
// nobody asked for a long test.
func TestNoTraceOfCorpus(t *testing.T) {
	needStrace(t)
	folders := &corpusFolders{parent: t.TempDir(), prepared: map[string]func() (string, error){}}
	for i, c := range readCorpus(t) {
		if i%20 != 0 && os.Getenv("GIT_PAT_SOAK") == "" || c.StdinGen != nil || c.Stdout != "" {
			continue
		}
		t.Run(c.ID, func(t *testing.T) {
			t.Parallel()
			home := t.TempDir()
			dir := filepath.Join(home, "tokens")
			folders.copy(t, c, dir)
			s := &straced{t: t, log: filepath.Join(t.TempDir(), "strace"), dir: home, places: places{}}
			for _, secret := range c.secrets() {
				s.places[secret] = regexp.MustCompile(`/tokens/secrets/`)
			}
			s.env = append(append(environment(home), gitTraces...), "GIT_PAT_DIR="+dir, "TMPDIR="+home, "GOTRACEBACK=crash", "GODEBUG=http2debug=2,netdns=2")
			for name, value := range c.Env {
				s.env = append(s.env, name+"="+value)
			}
			var in bytes.Buffer
			c.feed(t, &in, nil)
			s.try(in.String(), filepath.Join(programs, "git-credential-pat"), c.Action)
			noSecretIn(t, []string{home}, s.places)
		})
	}
}

func needStrace(t *testing.T) {
	if _, err := exec.LookPath("strace"); err != nil {
		t.Skip("strace is not installed")
	}
}

// straced runs programs under strace and looks at what it saw.
type straced struct {
	t        *testing.T
	log, dir string
	env      []string
	places   places

	ours    int // programs that ours have started
	written int // writes of a secret to its place
}

// run runs a program that is to end with a status.
func (s *straced) run(status int, in string, args ...string) {
	s.t.Helper()
	if got, said := s.try(in, args...); got != status {
		s.t.Fatalf("%q: exit %d, want %d\n%s", args, got, status, said)
	}
}

func (s *straced) try(in string, args ...string) (status int, said string) {
	s.t.Helper()
	cmd := exec.CommandContext(s.t.Context(), "strace", append([]string{
		"-f", "--seccomp-bpf", "-qq", "-y", "-v", "-s", "100000", "-o", s.log,
		"-e", "trace=execve,clone,?clone3,?fork,?vfork,write,writev,pwrite64,pwritev", "-e", "signal=none",
		"env", // which finds the program in the PATH that it is given
	}, args...)...)
	cmd.Env, cmd.Dir, cmd.Stdin = s.env, s.dir, strings.NewReader(in)
	var out, errOut bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errOut
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		s.t.Fatal(err)
	}
	said = errOut.String()
	if args[len(args)-1] != "get" {
		said += out.String()
	}
	for secret := range s.places {
		if shape := leaked(said, secret); shape != "" {
			s.t.Fatalf("LEAK: %q printed a token, as %q", args, shape)
		}
	}
	s.look(args)
	return cmd.ProcessState.ExitCode(), said
}

var (
	syscallLine = regexp.MustCompile(`^(\d+) +(\w+)\((.*)`)
	newTask     = regexp.MustCompile(`^(\d+) +(?:<\.\.\. )?(?:clone3?|v?fork)\b.* = (\d+)$`)
	writtenFile = regexp.MustCompile(`^\d+<(/[^>]*)>, `)
)

// A task is a process or thread that strace saw.
type task struct {
	program string
	below   bool // one of ours started the program
}

// look goes through what strace saw of a run.
func (s *straced) look(args []string) {
	s.t.Helper()
	data, err := os.ReadFile(s.log)
	if err != nil {
		s.t.Fatal(err)
	}
	// A task may be seen to work before its start is seen to have succeeded.
	starter := map[string]string{}
	for line := range strings.Lines(string(data)) {
		if m := newTask.FindStringSubmatch(strings.TrimSuffix(line, "\n")); m != nil {
			starter[m[2]] = m[1]
		}
	}
	tasks := map[string]task{}
	for line := range strings.Lines(string(data)) {
		m := syscallLine.FindStringSubmatch(strings.TrimSuffix(line, "\n"))
		if m == nil {
			continue
		}
		id, call, rest := m[1], m[2], m[3]
		who, known := tasks[id]
		if !known {
			who = tasks[starter[id]]
		}
		if call == "execve" && !strings.Contains(rest, ") = -1 ") {
			arguments, environ, ok := strings.Cut(rest, "], [")
			program, _, ok2 := strings.Cut(strings.TrimPrefix(arguments, `"`), `"`)
			if !ok || !ok2 {
				s.t.Fatalf("strace has a line of a form that is not known: %.200q", line)
			}
			switch filepath.Base(who.program) {
			case "git-pat", "git-credential-pat":
				who.below = true
			}
			who.program = program
			for secret := range s.places {
				if shape := leaked(arguments, secret); shape != "" {
					s.t.Fatalf("LEAK: %q started %s with a token as argument, as %q", args, program, shape)
				}
				if shape := leaked(environ, secret); shape != "" && who.below {
					s.t.Fatalf("LEAK: %q started %s with a token in its environment, as %q", args, program, shape)
				}
			}
			if who.below {
				s.ours++
			}
		}
		tasks[id] = who
		file := writtenFile.FindStringSubmatch(rest)
		if call == "execve" || file == nil {
			continue
		}
		for secret := range s.places {
			if leaked(rest, secret) == "" {
				continue
			}
			if !s.places.allow(secret, file[1]) {
				s.t.Fatalf("LEAK: %q has %s write a token to %s", args, who.program, file[1])
			}
			s.written++
		}
	}
}
