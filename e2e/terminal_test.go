//go:build linux

package e2e

import (
	"bytes"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"github.com/git-credential-pat/git-credential-pat/e2e/githubtest"
)

// person sits at a terminal of their own, with git pat and an empty home.
type person struct {
	t    *testing.T
	home string
	env  []string
}

func newPerson(t *testing.T) *person {
	home := t.TempDir()
	return &person{t, home, environment(home)}
}

// pat runs git pat away from the terminal and returns what it printed.
func (p *person) pat(in string, args ...string) string {
	p.t.Helper()
	cmd := exec.Command(filepath.Join(programs, "git-pat"), args...)
	cmd.Env, cmd.Dir, cmd.Stdin = p.env, p.home, strings.NewReader(in)
	out, err := cmd.CombinedOutput()
	if err != nil {
		p.t.Fatalf("git pat %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// token returns what the helper answers for acme, or nothing.
func (p *person) token() string {
	p.t.Helper()
	cmd := exec.Command(filepath.Join(programs, "git-credential-pat"), "get")
	cmd.Env, cmd.Dir = p.env, p.home
	cmd.Stdin = strings.NewReader("protocol=https\nhost=github.com\npath=acme/widgets\n")
	out, err := cmd.Output()
	if err != nil {
		p.t.Fatal(err)
	}
	_, password, _ := strings.Cut(string(out), "password=")
	password, _, _ = strings.Cut(password, "\n") // its expiry may follow
	return password
}

// A session is a program that runs at the terminal.
type session struct {
	*person
	cmd           *exec.Cmd
	master, slave *os.File
	out, errOut   bytes.Buffer // where these are no terminal
	mu            sync.Mutex
	shown         strings.Builder // on the terminal
	closed        chan struct{}
}

// start starts a program whose controlling terminal is a new one, and whose
// standard output and error are not, unless prepare says so.
func (p *person) start(prepare func(*exec.Cmd, *os.File), program string, args ...string) *session {
	p.t.Helper()
	s := &session{person: p, closed: make(chan struct{})}
	var err error
	if s.master, s.slave, err = openTerminal(); err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { s.master.Close() })
	s.cmd = exec.Command(filepath.Join(programs, program), args...)
	s.cmd.Env, s.cmd.Dir = p.env, p.home
	s.cmd.Stdout, s.cmd.Stderr = &s.out, &s.errOut
	s.cmd.ExtraFiles = []*os.File{s.slave}
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: 3}
	if prepare != nil {
		prepare(s.cmd, s.slave)
	}
	if err := s.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	go func() {
		defer close(s.closed)
		buffer := make([]byte, 4096)
		for {
			n, err := s.master.Read(buffer)
			s.mu.Lock()
			s.shown.Write(buffer[:n])
			s.mu.Unlock()
			if err != nil {
				return // nobody has the terminal open any more
			}
		}
	}()
	return s
}

func (s *session) screen() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.shown.String()
}

// until waits for something to come true.
func (s *session) until(what string, true func() bool) {
	s.t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !true(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			s.cmd.Process.Kill()
			s.t.Fatalf("%s did not come; on the terminal: %q; on standard error: %q", what, s.screen(), &s.errOut)
		}
	}
}

// termios gets or sets how the terminal works.
func (s *session) termios(request uintptr, settings *syscall.Termios) {
	s.t.Helper()
	if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, s.slave.Fd(), request, uintptr(unsafe.Pointer(settings))); errno != 0 {
		s.t.Fatal(errno)
	}
}

// echoes reports whether the terminal shows what is typed.
func (s *session) echoes() bool {
	var settings syscall.Termios
	s.termios(syscall.TCGETS, &settings)
	return settings.Lflag&syscall.ECHO != 0
}

// promptedInTheDark waits for a prompt and for the terminal to show nothing.
func (s *session) promptedInTheDark(prompt string) {
	s.t.Helper()
	s.until(prompt, func() bool { return strings.Contains(s.screen(), prompt) })
	s.until("darkness", func() bool { return !s.echoes() })
}

func (s *session) types(text string) {
	s.t.Helper()
	if _, err := s.master.WriteString(text); err != nil {
		s.t.Fatal(err)
	}
}

// ends waits for the end of the program and returns how it ended.
func (s *session) ends() syscall.WaitStatus {
	s.t.Helper()
	stuck := time.AfterFunc(10*time.Second, func() { s.cmd.Process.Kill() })
	err := s.cmd.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		s.t.Fatal(err)
	}
	if !stuck.Stop() {
		s.t.Errorf("had to be killed")
	}
	if !s.echoes() {
		s.t.Error("the terminal is left without echo")
	}
	defer func() {
		if strings.Count(s.screen(), "\x1b[?2004h") != strings.Count(s.screen(), "\x1b[?2004l") {
			s.t.Errorf("the terminal is left with marks around what is pasted: %q", s.screen())
		}
	}()
	// Of what is still on its way when a terminal is closed, Linux may drop the
	// end.
	const end = "\x1e"
	if _, err := s.slave.WriteString(end); err != nil {
		s.t.Fatal(err)
	}
	s.until("the end", func() bool { return strings.Contains(s.screen(), end) })
	s.slave.Close()
	<-s.closed
	shown := strings.Replace(s.screen(), end, "", 1)
	s.shown.Reset()
	s.shown.WriteString(shown)
	return s.cmd.ProcessState.Sys().(syscall.WaitStatus)
}

func mint(t *testing.T, kind string) string {
	t.Helper()
	secret, err := githubtest.MintSecret(kind)
	if err != nil {
		t.Fatal(err)
	}
	return secret
}

const tokenPrompt = "Token for github.com/acme (it is not shown): "

// page is what is said before the token for acme is asked for, with the
// machine's own name in it, as undated has it.
func page() string {
	machine, err := os.Hostname()
	if err != nil {
		machine = "git"
	}
	name := []rune("git on " + machine)
	return "git pat: create a fine-grained token with acme as the resource owner, for all or selected repositories\n" +
		"hint: the page, with the form filled in where possible:\n" +
		"hint:   https://github.com/settings/personal-access-tokens/new?contents=write&description=For+Git+over+https%2C+github.com%2Facme" +
		"&name=" + url.QueryEscape(string(name[:min(len(name), 20)])) + "+DATE&target_name=acme\n" +
		"hint: if you are not a member of acme, or only an outside collaborator, you need a classic token: --classic\n"
}

var dateInPage = regexp.MustCompile(`\+\d{4}-\d\d-\d\d\+\d\d%3A\d\d%3A\d\d`)

// undated puts DATE for the time in the name of a token on GitHub's page.
func undated(text string) string { return dateInPage.ReplaceAllString(text, "+DATE") }

func TestTerminalAdd(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		typed func(token string) string
	}{
		{"typed", func(token string) string { return token + "\n" }},
		{"pasted with marks", func(token string) string { return "\x1b[200~" + token + "\x1b[201~\n" }},
		{"pasted with a newline in the marks", func(token string) string { return "\x1b[200~" + token + "\n\x1b[201~\n" }},
		{"with spaces around", func(token string) string { return "  " + token + " \n" }},
		{"with a correction", func(token string) string { return token[:9] + "xx\x7f\x7f" + token[9:] + "\n" }},
		{"and neither suspended nor made to quit", func(token string) string { return "\x1a\x1c" + token + "\n" }},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := newPerson(t)
			token := mint(t, githubtest.FineGrained)
			s := p.start(func(cmd *exec.Cmd, _ *os.File) {
				// What is on standard input is not the answer.
				cmd.Stdin = strings.NewReader("something else\n")
			}, "git-pat", "add", "acme", "--store", "file", "--offline")
			s.promptedInTheDark(tokenPrompt)
			s.types(test.typed(token))
			if status := s.ends(); status.ExitStatus() != 0 {
				t.Errorf("exit status %d: %s", status.ExitStatus(), &s.errOut)
			}
			if shape := leaked(s.screen()+s.out.String()+s.errOut.String(), token); shape != "" {
				t.Errorf("the token was shown, as %q", shape)
			}
			if want := fmt.Sprintf("received %d characters", len(token)); !strings.Contains(s.screen(), want) {
				t.Errorf("got %q, want %q", s.screen(), want)
			}
			if s.out.Len() > 0 {
				t.Errorf("on standard output: %q", &s.out)
			}
			if got := p.token(); got != token {
				t.Errorf("another token was kept, of %d bytes", len(got))
			}
		})
	}
}

func TestTerminalAddRefuses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, typed, want string }{
		{"an empty line", "\n", "git pat: no token was given; nothing was changed\n"},
		{"spaces", "  \n", "git pat: no token was given; nothing was changed\n"},
		{"an arrow key", "\x1b[A\n", "git pat: that has control characters, so it is not a token; nothing was changed\n"},
		{"64 KiB", strings.Repeat("x", 64<<10) + "\n", "git pat: that is longer than 8192 bytes, so it is not a token; nothing was changed\n"},
		{"two lines", "github_pat_A\ngithub_pat_B\n", "git pat: that is more than one line; nothing was changed\nhint: paste only the token\n"},
		{"two lines without the last newline", "github_pat_A\ngithub_pat_B", "git pat: that is more than one line; nothing was changed\nhint: paste only the token\n"},
		{"two lines, pasted with marks", "\x1b[200~github_pat_A\ngithub_pat_B\x1b[201~\n", "git pat: that is more than one line; nothing was changed\nhint: paste only the token\n"},
		{"Ctrl-D", "\x04", "git pat: cancelled; nothing was changed\n"},
		{"Ctrl-D in the middle", "github_pat_A\x04", "git pat: cancelled; nothing was changed\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := newPerson(t)
			token := mint(t, githubtest.FineGrained)
			p.pat(token+"\n", "add", "acme", "--with-token", "--store", "file")
			s := p.start(nil, "git-pat", "add", "acme", "--store", "file")
			s.promptedInTheDark(tokenPrompt)
			s.types(test.typed)
			if status := s.ends(); status.ExitStatus() != 1 || undated(s.errOut.String()) != page()+test.want {
				t.Errorf("exit status %d, %q, want 1 and %q", status.ExitStatus(), &s.errOut, page()+test.want)
			}
			if got := p.token(); got != token {
				t.Error("the token that was there is not there any more")
			}
		})
	}
}

// Whoever interrupts the question has a terminal that works, and nothing is
// kept.
func TestTerminalAddInterrupted(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		signal syscall.Signal
		send   func(*session)
	}{
		{"by Ctrl-C", syscall.SIGINT, func(s *session) { s.types("\x03") }},
		{"by Ctrl-C in the middle", syscall.SIGINT, func(s *session) { s.types("github_pat_AAAAAAAAAAAA\x03") }},
		{"as the terminal goes away", syscall.SIGHUP, func(s *session) { s.cmd.Process.Signal(syscall.SIGHUP) }},
		{"by a signal", syscall.SIGTERM, func(s *session) { s.cmd.Process.Signal(syscall.SIGTERM) }},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			// Under nohup a program that is started ignores SIGHUP, unless somebody
			// here waits for it.
			signals := make(chan os.Signal, 1)
			signal.Notify(signals, syscall.SIGHUP)
			defer signal.Stop(signals)
			p := newPerson(t)
			s := p.start(nil, "git-pat", "add", "acme", "--store", "file")
			s.promptedInTheDark(tokenPrompt)
			test.send(s)
			if status := s.ends(); !status.Signaled() || status.Signal() != test.signal {
				t.Errorf("ended by %v, want %v", status, test.signal)
			}
			// But for the page, and a newline after what the terminal shows.
			if got := undated(s.errOut.String()); strings.TrimSuffix(got, "\n") != strings.TrimSuffix(page(), "\n") && got != page()+"\n" {
				t.Errorf("said %q, want %q", got, page())
			}
			if got := p.pat("", "list"); !strings.Contains(got, "no tokens yet") {
				t.Errorf("something was kept:\n%s", got)
			}
		})
	}
}

func TestTerminalRemove(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, typed string
		removed     bool
		want        string // if it is not removed
	}{
		{"y", "y\n", true, ""},
		{"yes", "YES\n", true, ""},
		{"n", "n\n", false, "git pat: nothing was removed\n"},
		{"nothing", "\n", false, "git pat: nothing was removed\n"},
		{"something else", "yep\n", false, "git pat: nothing was removed\n"},
		{"Ctrl-D", "\x04", false, "git pat: cancelled; nothing was changed\n"},
		{"Ctrl-D in the middle", "y\x04", false, "git pat: cancelled; nothing was changed\n"},
		{"two lines", "y\ntouch here\n", false, "git pat: that is more than one line; nothing was changed\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := newPerson(t)
			token := mint(t, githubtest.FineGrained)
			p.pat(token+"\n", "add", "acme", "--with-token", "--store", "file", "--name", "laptop")
			s := p.start(func(cmd *exec.Cmd, _ *os.File) { cmd.Stdin = strings.NewReader("y\ny\n") }, "git-pat", "remove", "acme")
			const question = `Remove the token "laptop" for github.com/acme? It cannot be shown again. [y/N] `
			s.until("the question", func() bool { return strings.Contains(s.screen(), question) })
			s.types(test.typed)
			status := s.ends()
			got := p.token()
			if test.removed {
				if status.ExitStatus() != 0 || got != "" || !strings.HasPrefix(s.errOut.String(), "git pat: removed the token \"laptop\" for github.com/acme\n") {
					t.Errorf("exit status %d, %d bytes left: %s", status.ExitStatus(), len(got), &s.errOut)
				}
			} else if status.ExitStatus() != 1 || got != token || s.errOut.String() != test.want {
				t.Errorf("exit status %d, %d bytes left: %s", status.ExitStatus(), len(got), &s.errOut)
			}
		})
	}
}

// Where there is no terminal there is no question, and what to do instead is
// said. Whoever runs the tests may have a terminal, so that the programs are
// cut off from it.
func TestNoTerminal(t *testing.T) {
	t.Parallel()
	p := newPerson(t)
	token := mint(t, githubtest.Classic)
	p.pat(token+"\n", "add", "acme", "--with-token", "--store", "file")
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"add", "acme/widgets"}, "git pat: there is no terminal to ask for the token at\n" +
			"hint: pipe the token into this command:\nhint:   git pat add acme/widgets --with-token\n"},
		{[]string{"add", "https://ghes/acme"}, "git pat: there is no terminal to ask for the token at\n" +
			"hint: pipe the token into this command:\nhint:   git pat add https://ghes/acme --with-token\n"},
		{[]string{"remove", "acme"}, "git pat: there is no terminal to ask at\nhint: to remove the token without a question, add --yes\n"},
		{[]string{"rotate", "acme"}, "git pat: there is no terminal to ask for the token at\n" +
			"hint: pipe the token into this command:\nhint:   git pat rotate acme --with-token\n"},
		{[]string{"revoke", "acme"}, "git pat: there is no terminal to ask at\nhint: to revoke the token without a question, add --yes\n"},
	} {
		t.Run(strings.Join(test.args, " "), func(t *testing.T) {
			cmd := exec.Command(filepath.Join(programs, "git-pat"), test.args...)
			cmd.Env, cmd.Dir, cmd.Stdin = p.env, p.home, strings.NewReader("y\n")
			cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
			var errOut bytes.Buffer
			cmd.Stderr = &errOut
			var exit *exec.ExitError
			if err := cmd.Run(); !errors.As(err, &exit) || exit.ExitCode() != 1 || errOut.String() != test.want {
				t.Errorf("got %v, %q, want %q", err, &errOut, test.want)
			}
		})
	}
	if got := p.token(); got != token {
		t.Error("the token is not there any more")
	}
}

// Only a terminal has colours, and only one that is said to know them.
func TestTerminalColours(t *testing.T) {
	t.Parallel()
	p := newPerson(t)
	p.pat(mint(t, githubtest.Classic)+"\n", "add", "acme", "--with-token", "--store", "file")
	p.pat(mint(t, githubtest.Classic)+"\n", "add", "globex", "--with-token", "--store", "file", "--name", "old", "--expires", "90d")
	if err := expire(filepath.Join(p.home, ".local", "share", "git-pat"), "github.com/globex/@/old"); err != nil {
		t.Fatal(err)
	}
	escape := regexp.MustCompile(`\x1b\[[0-9]*m`)
	atTerminal := func(cmd *exec.Cmd, tty *os.File) { cmd.Stdout = tty }
	var plain string
	for _, test := range []struct {
		name    string
		env     []string
		prepare func(*exec.Cmd, *os.File)
		args    []string
		want    string // all escape sequences, in order
	}{
		{"no terminal", []string{"TERM=xterm"}, nil, []string{"list"}, ""},
		{"a terminal", []string{"TERM=xterm"}, atTerminal, []string{"list"}, "\x1b[32m\x1b[m\x1b[33m\x1b[m"},
		{"a dumb terminal", []string{"TERM=dumb"}, atTerminal, []string{"list"}, ""},
		{"NO_COLOR", []string{"TERM=xterm", "NO_COLOR=1"}, atTerminal, []string{"list"}, ""},
		{"JSON", []string{"TERM=xterm"}, atTerminal, []string{"list", "--json"}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			q := *p
			q.t, q.env = t, append(environment(p.home), test.env...)
			s := q.start(test.prepare, "git-pat", test.args...)
			if status := s.ends(); status.ExitStatus() != 0 {
				t.Fatalf("exit status %d: %s", status.ExitStatus(), &s.errOut)
			}
			got := s.out.String() + strings.ReplaceAll(s.screen(), "\r\n", "\n")
			if codes := strings.Join(escape.FindAllString(got, -1), ""); codes != test.want {
				t.Errorf("got %q with the codes %q, want %q", got, codes, test.want)
			}
			// But for the colours it is the same table.
			got = escape.ReplaceAllString(got, "")
			if plain == "" {
				plain = got
			}
			if test.name != "JSON" && got != plain {
				t.Errorf("got\n%s\nwant\n%s", got, plain)
			}
		})
	}
}

// The helper says what it is only to those who sit at a terminal.
func TestTerminalHelper(t *testing.T) {
	t.Parallel()
	p := newPerson(t)
	s := p.start(func(cmd *exec.Cmd, tty *os.File) { cmd.Stdin = tty }, "git-credential-pat", "list")
	status := s.ends()
	const want = "git pat: \"list\" is not an operation of a credential helper\nhint: to manage your tokens:\nhint:   git pat help\n"
	if status.ExitStatus() != 0 || s.out.Len() > 0 || s.errOut.String() != want || s.screen() != "" {
		t.Errorf("exit status %d, %q, %q, want 0 and %q", status.ExitStatus(), &s.out, &s.errOut, want)
	}
	// Git itself may have a terminal, but what it hands over is a pipe.
	s = p.start(func(cmd *exec.Cmd, _ *os.File) { cmd.Stdin = strings.NewReader("") }, "git-credential-pat", "list")
	if status := s.ends(); status.ExitStatus() != 0 || s.out.Len() > 0 || s.errOut.Len() > 0 || s.screen() != "" {
		t.Errorf("exit status %d, %q, %q", status.ExitStatus(), &s.out, &s.errOut)
	}
}
