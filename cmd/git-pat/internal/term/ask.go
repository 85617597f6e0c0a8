package term

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/term"

	"github.com/git-credential-pat/git-credential-pat/credential"
)

// Errors of questions.
var (
	ErrNoTerminal   = errors.New("there is no terminal to ask at")
	ErrHidden       = errors.New("this window does not show questions") // mintty of Git Bash; of AskSecret alone
	ErrCancelled    = errors.New("cancelled")                           // by Ctrl-D
	ErrSeveralLines = errors.New("that is more than one line")
)

// A hidden is a console that does not show what is typed.
type hidden struct {
	console
	prompt, end string // what is printed before and after it
	reset       func() // makes the terminal what it was, and drops its input

	mu    sync.Mutex
	shown string // after the prompt
}

// show shows a text after the prompt, in place of the one before.
func (h *hidden) show(text string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if text == h.shown {
		return
	}
	n := len(h.shown) // which is ASCII
	fmt.Fprint(h.out, strings.Repeat("\b", n)+strings.Repeat(" ", n)+strings.Repeat("\b", n)+text)
	h.shown = text
}

// again prints the prompt again, after something else was on the terminal.
func (h *hidden) again() {
	h.mu.Lock()
	defer h.mu.Unlock()
	fmt.Fprint(h.out, h.prompt+h.shown)
}

// A console is the terminal device, opened to ask a question.
type console struct{ in, out *os.File }

func (c *console) close() {
	c.in.Close()
	c.out.Close() // on Unix the same file, which is closed already
}

// Interactive reports whether there is a terminal to ask at.
func (t *Terminal) Interactive() bool {
	c, err := open()
	if err != nil {
		return false
	}
	c.close()
	return true
}

// Typed reports whether standard input is what somebody types.
func (t *Terminal) Typed() bool { return term.IsTerminal(int(t.In.Fd())) }

// AskSecret asks for a line that is not shown. It shows how many characters it
// has received. While it asks, Ctrl-Z does nothing, and the program can only be
// interrupted with Ctrl-C. After the answer the terminal is as it was before, and
// nothing of a longer paste is left for the shell.
func (t *Terminal) AskSecret(question string) (string, error) {
	c, err := open()
	if err != nil {
		return "", err
	}
	defer c.close()
	prompt, end := credential.Visible(question), ""
	if runtime.GOOS != "windows" && os.Getenv("TERM") != "dumb" {
		prompt, end = pasteOn+prompt, pasteOff
	}
	h, err := c.hide(prompt, end)
	if err != nil {
		return "", ErrNoTerminal
	}
	answer, err := c.secret(h)
	h.reset()
	fmt.Fprintln(c.out, end)
	if err == errInterrupted {
		interrupt()
		err = ErrCancelled // unless the signal ended the program
	}
	return answer, err
}

var errInterrupted = errors.New("interrupted") // by Ctrl-C

func (c *console) secret(h *hidden) (string, error) {
	var s secretLine
	for buffer := make([]byte, 4096); ; {
		n, err := c.in.Read(buffer)
		for i, b := range buffer[:n] {
			done, err := s.add(b)
			if !done && err == nil {
				continue
			}
			rest := append(buffer[i+1:n:n], c.pending()...)
			if err != nil {
				return "", err
			}
			if !blank(rest) || bytes.ContainsAny(s.text, "\r\n") {
				return "", ErrSeveralLines
			}
			h.show(s.received())
			return string(s.text), nil
		}
		if err == io.EOF || err == nil && n == 0 {
			return "", ErrCancelled
		}
		if err != nil {
			return "", err
		}
		h.show(s.received())
	}
}

// A secretLine is what somebody has typed or pasted so far.
type secretLine struct {
	text   []byte
	pasted bool // the marker of the end of a paste is still to come
}

// Terminals put markers around pasted text if a program asks for that, so that a
// newline in it is not taken for the Enter key.
const (
	pasteOn    = "\x1b[?2004h"
	pasteOff   = "\x1b[?2004l"
	pasteStart = "\x1b[200~"
	pasteEnd   = "\x1b[201~"
)

// add adds a byte. It reports whether that was the end of the line.
func (s *secretLine) add(b byte) (done bool, err error) {
	switch {
	case b == 'C'-'@':
		return false, errInterrupted
	case b == 'D'-'@', b == 0: // Linux has 0 for what was typed before the question
		return false, ErrCancelled
	case b == 'Z'-'@' || b == '\\'-'@': // they suspend and quit other programs
	case (b == '\n' || b == '\r') && !s.pasted:
		s.text = bytes.TrimSpace(s.text)
		return true, nil
	case b == 0x7f || b == '\b':
		_, size := utf8.DecodeLastRune(s.text)
		s.text = s.text[:len(s.text)-size]
	case b == 'U'-'@':
		s.text = nil
	default:
		s.text = append(s.text, b)
		if text, ok := bytes.CutSuffix(s.text, []byte(pasteStart)); ok {
			s.text, s.pasted = text, true
		} else if text, ok := bytes.CutSuffix(s.text, []byte(pasteEnd)); ok {
			s.text, s.pasted = text, false
		}
	}
	return false, nil
}

// received says how much was received.
func (s *secretLine) received() string {
	switch n := utf8.RuneCount(bytes.TrimSpace(s.text)); n {
	case 0:
		return ""
	case 1:
		return "received 1 character"
	default:
		return fmt.Sprintf("received %d characters", n)
	}
}

// blank reports whether what was received after a line is no further line.
func blank(b []byte) bool {
	return len(bytes.Trim(bytes.ReplaceAll(b, []byte(pasteEnd), nil), " \t\r\n\x04\x00")) == 0
}

// Ask asks for a line.
func (t *Terminal) Ask(question string) (string, error) {
	c, err := open()
	if err != nil {
		return "", ErrNoTerminal
	}
	defer c.close()
	fmt.Fprint(c.out, credential.Visible(question))
	buffer := make([]byte, 8<<10) // more than a terminal has in a line
	n, err := c.in.Read(buffer)
	if err != nil && err != io.EOF {
		return "", err
	}
	line, rest, ok := bytes.Cut(buffer[:n], []byte("\n"))
	h, err := c.hide("", "")
	if err != nil {
		return "", err
	}
	defer h.reset()
	rest = append(rest, c.pending()...)
	switch {
	case !ok: // Ctrl-D ends the reading, also in the middle of a line
		fmt.Fprintln(c.out)
		return "", ErrCancelled
	case !blank(rest):
		return "", ErrSeveralLines
	}
	return strings.TrimSpace(string(line)), nil
}

// Confirm asks a question to be answered with y or n; all else is no.
func (t *Terminal) Confirm(question string) (bool, error) {
	answer, err := t.Ask(question + " [y/N] ")
	answer = strings.ToLower(answer)
	return answer == "y" || answer == "yes", err
}
