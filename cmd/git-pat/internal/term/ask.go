package term

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"

	"golang.org/x/term"

	"github.com/git-credential-pat/git-credential-pat/credential"
)

// open opens the terminal, for reading and for writing.
func open() (in, out *os.File, err error) {
	if runtime.GOOS == "windows" {
		if in, err = os.OpenFile("CONIN$", os.O_RDWR, 0); err != nil {
			return nil, nil, err
		}
		if out, err = os.OpenFile("CONOUT$", os.O_RDWR, 0); err != nil {
			in.Close()
			return nil, nil, err
		}
		return in, out, nil
	}
	tty, err := os.OpenFile("/dev/tty", os.O_RDWR, 0)
	return tty, tty, err
}

// Interactive reports whether there is a terminal to ask at.
func (t *Terminal) Interactive() bool {
	in, out, err := open()
	if err != nil {
		return false
	}
	in.Close()
	out.Close()
	return true
}

// Typed reports whether standard input is what somebody types.
func (t *Terminal) Typed() bool { return term.IsTerminal(int(t.In.Fd())) }

// ErrNoTerminal is the error for a question where there is nobody to ask.
var ErrNoTerminal = errors.New("there is no terminal to ask at")

// AskSecret asks for a line that does not show while it is typed or pasted.
func (t *Terminal) AskSecret(question string) (string, error) {
	in, out, err := open()
	if err != nil {
		return "", ErrNoTerminal
	}
	defer in.Close()
	defer out.Close()
	restore := guardEcho(int(in.Fd()))
	defer restore()
	fmt.Fprint(out, credential.Visible(question))
	line, err := term.ReadPassword(int(in.Fd()))
	fmt.Fprintln(out)
	if err != nil && err != io.EOF {
		return "", err
	}
	return string(line), nil
}

// Ask asks for a line.
func (t *Terminal) Ask(question string) (string, error) {
	in, out, err := open()
	if err != nil {
		return "", ErrNoTerminal
	}
	defer in.Close()
	defer out.Close()
	fmt.Fprint(out, credential.Visible(question))
	line, err := bufio.NewReader(in).ReadString('\n')
	if err != nil && err != io.EOF {
		return "", err
	}
	if err == io.EOF {
		fmt.Fprintln(out)
	}
	return strings.TrimSpace(line), nil
}

// Confirm asks a question to be answered with y or n; all else is no.
func (t *Terminal) Confirm(question string) (bool, error) {
	answer, err := t.Ask(question + " [y/N] ")
	answer = strings.ToLower(answer)
	return answer == "y" || answer == "yes", err
}
