//go:build linux

package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"unicode/utf8"
	"unsafe"

	"github.com/git-credential-pat/git-credential-pat/e2e/githubtest"
)

// A program that was stopped finds the terminal as the shell left it, which shows
// what is typed. The question is asked again, and the answer is not shown.
func TestTerminalStopped(t *testing.T) {
	t.Parallel()
	p := newPerson(t)
	token := mint(t, githubtest.FineGrained)
	s := p.start(nil, "git-pat", "add", "acme", "--store", "file", "--offline")
	s.promptedInTheDark(tokenPrompt)
	s.cmd.Process.Signal(syscall.SIGTSTP) // is ignored
	s.types(token[:20])
	s.until("what is received", func() bool { return strings.Contains(s.screen(), "received 20 characters") })
	s.cmd.Process.Signal(syscall.SIGSTOP)
	stat := fmt.Sprintf("/proc/%d/stat", s.cmd.Process.Pid)
	s.until("the stop", func() bool {
		text, err := os.ReadFile(stat)
		return err == nil && strings.Contains(string(text), ") T ")
	})
	var settings syscall.Termios
	s.termios(syscall.TCGETS, &settings)
	settings.Lflag |= syscall.ECHO | syscall.ICANON | syscall.ISIG
	s.termios(syscall.TCSETS, &settings)
	s.cmd.Process.Signal(syscall.SIGCONT)
	s.until("the second prompt", func() bool { return strings.Count(s.screen(), tokenPrompt) == 2 })
	s.until("darkness", func() bool { return !s.echoes() })
	s.types(token[20:] + "\n")
	if status := s.ends(); status.ExitStatus() != 0 {
		t.Errorf("exit status %d: %s", status.ExitStatus(), &s.errOut)
	}
	s.hides(token)
	if got := p.token(); got != token {
		t.Errorf("another token was kept, of %d bytes", len(got))
	}
}

// In a shell, where Ctrl-Z would stop Git too, and where the rest of a paste would
// be a command.
func TestTerminalShell(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, command, prompt string
		typed                 func(token string) string
		said                  string
		kept                  bool
	}{
		{"Ctrl-Z", "git pat add acme --store file --offline", tokenPrompt,
			func(token string) string { return "\x1a" + token[:9] + "\x1a" + token[9:] + "\n" }, "git pat: added the", true},
		{"two lines", "git pat add acme --store file --offline", tokenPrompt,
			func(token string) string { return token + "\ntouch shell-$((1+1))\n" }, "git pat: that is more than one line", false},
		{"two lines, the second without its newline", "git pat add acme --store file --offline", tokenPrompt,
			func(token string) string { return token + "\n" + token }, "git pat: that is more than one line", false},
		{"Ctrl-C and a line", "git pat add acme --store file --offline", tokenPrompt,
			func(token string) string { return token + "\x03touch shell-$((1+1))\n" }, tokenPrompt, false},
		{"Ctrl-D and a line", "git pat add acme --store file --offline", tokenPrompt,
			func(token string) string { return token + "\x04touch shell-$((1+1))\n" }, "git pat: cancelled; nothing was changed", false},
		{"two lines for a question", "git pat remove globex", "[y/N] ",
			func(string) string { return "y\ntouch shell-$((1+1))\n" }, "git pat: that is more than one line", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := newPerson(t)
			p.pat(mint(t, githubtest.FineGrained)+"\n", "add", "globex", "--with-token", "--store", "file")
			token := mint(t, githubtest.FineGrained)
			s := p.start(func(cmd *exec.Cmd, tty *os.File) {
				shell, err := exec.LookPath("sh")
				if err != nil {
					t.Fatal(err)
				}
				cmd.Path, cmd.Args = shell, []string{"sh", "-i"}
				cmd.Env = append(p.env, "PS1=ready> ", "ENV=", "PATH="+programs+":"+os.Getenv("PATH"))
				cmd.Stdin, cmd.Stdout, cmd.Stderr = tty, tty, tty
			}, "git-pat")
			s.until("the shell", func() bool { return strings.Contains(s.screen(), "ready> ") })
			s.types(test.command + "\n")
			s.until("the prompt", func() bool { return strings.Contains(s.screen(), test.prompt) })
			if test.prompt == tokenPrompt {
				s.until("darkness", func() bool { return !s.echoes() })
			}
			s.types(test.typed(token))
			s.until("the answer", func() bool { return strings.Contains(s.screen(), test.said) })
			s.until("the shell again", func() bool { return strings.Count(s.screen(), "ready> ") == 2 && s.echoes() })
			s.types("echo bye-$((1+1)); exit\n")
			s.until("the end of the shell", func() bool { return strings.Contains(s.screen(), "bye-2") })
			s.ends()
			s.hides(token)
			if strings.Contains(s.screen(), "not found") || strings.Contains(s.screen(), "Stopped") {
				t.Errorf("the shell got what was pasted, or Git was stopped: %q", s.screen())
			}
			if _, err := os.Stat(filepath.Join(p.home, "shell-2")); err == nil {
				t.Error("the shell ran what was pasted")
			}
			if got := p.token(); (got == token) != test.kept {
				t.Errorf("the token is kept: %v, want %v", got == token, test.kept)
			}
		})
	}
}

// A table fits the window, and keeps its last column.
func TestTerminalTable(t *testing.T) {
	t.Parallel()
	p := newPerson(t)
	p.pat(mint(t, githubtest.Classic)+"\n", "add", "acme/widgets-for-everybody", "--with-token", "--store", "file", "--name", "the laptop at work")
	p.pat(mint(t, githubtest.Classic)+"\n", "add", "globex", "--with-token", "--store", "git:cache --timeout=3600", "--username", "alice")
	for _, width := range []int{40, 60, 80, 100} {
		q := *p
		q.t = t
		s := q.start(func(cmd *exec.Cmd, tty *os.File) {
			size := [4]uint16{24, uint16(width)}
			if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, tty.Fd(), syscall.TIOCSWINSZ, uintptr(unsafe.Pointer(&size))); errno != 0 {
				t.Fatal(errno)
			}
			cmd.Stdout = tty
		}, "git-pat", "list")
		s.ends()
		lines := strings.Split(strings.TrimSpace(s.screen()), "\n")
		if len(lines) != 3 {
			t.Errorf("%d columns: got\n%s", width, s.screen())
		}
		for _, line := range lines {
			line = strings.TrimSpace(ourCodes.ReplaceAllString(line, ""))
			if n := utf8.RuneCountInString(line); n > width || !strings.HasSuffix(line, " ok") && !strings.HasSuffix(line, " STATE") {
				t.Errorf("%d columns: got %d in %q", width, n, line)
			}
		}
	}
}
