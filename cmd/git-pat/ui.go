package main

// All that is said, shown and asked goes through this file.
//
//   - The data that was asked for, and nothing else, goes to standard output.
//   - What is said about it goes to standard error: "git pat: " and what is the
//     matter, then "hint: " and what to do, with the command on a line of its
//     own. No capital at the start, no full stop at the end.
//   - Questions are asked on the terminal itself, so that standard input and
//     output may be pipes. Without a terminal there is no question.
//   - What comes from outside is quoted, so that one sees where it ends. Whether
//     it is or not: no character that does not print leaves here, but becomes
//     its escape. Colours, links and movements of the cursor are added after
//     that. A test makes sure that no other file writes to the terminal.
//   - In a sentence, what has the whole form of a token is masked. Data and
//     commands stay as they are: no token gets into them, since a Secret does
//     not print.

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"text/tabwriter"
	"unicode/utf16"

	"golang.org/x/term"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/homefile"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/advice"
	"github.com/git-credential-pat/git-credential-pat/credential"
)

type ui struct {
	in     *os.File
	out    io.Writer
	errOut io.Writer

	// screen is set where standard output is a terminal.
	screen bool

	// colours is set where standard output is a terminal that may have them.
	colours bool

	// links is set where standard error is a terminal that knows more than
	// text: progress, and addresses to click on.
	links bool
}

func newUI(in, out, errOut *os.File) *ui {
	_, none := os.LookupEnv("NO_COLOR")
	return &ui{
		in:      in,
		out:     out,
		errOut:  errOut,
		screen:  term.IsTerminal(int(out.Fd())),
		links:   os.Getenv("TERM") != "dumb" && term.IsTerminal(int(errOut.Fd())),
		colours: !none && os.Getenv("TERM") != "dumb" && term.IsTerminal(int(out.Fd())),
	}
}

// Exit statuses.
const (
	exitCannot = 1 // it could not be done
	exitUsage  = 2 // it was asked in a way that is none
)

// A hintError is an error with a way out.
type hintError struct {
	text     string
	status   int // exitCannot if 0
	hint     string
	commands []string
}

func (e *hintError) Error() string { return e.text }

// exit says what went wrong, if anything did, and returns the exit status.
func (u *ui) exit(err error) int {
	if err == nil {
		return 0
	}
	if errors.Is(err, errSaid) {
		return exitCannot
	}
	var ended *endedError
	if errors.As(err, &ended) {
		return ended.status
	}
	var known *hintError
	u.say("%s", strings.ReplaceAll(err.Error(), "\n", " "))
	if errors.As(err, &known) {
		if known.hint != "" {
			u.hint(known.hint, known.commands...)
		}
		if known.status != 0 {
			return known.status
		}
	} else if text := helps(err); text != "" {
		u.hint(text)
	}
	return exitCannot
}

// helps is what helps with an error of a room below, if anything.
func helps(err error) string {
	var device *homefile.Error
	if errors.As(err, &device) && device.Fault == homefile.IsDevice {
		return "if a program writes to it, have that write to a file first"
	}
	return advice.Of(err)
}

// advise says what is the matter and what to do about it.
func (u *ui) advise(a advice.Advice) {
	u.say("%s", a.What)
	if a.Do != "" {
		u.hint(a.Do, a.Commands...)
	}
}

func (u *ui) say(format string, args ...any) {
	u.tell("git pat: " + credential.MaskTokens(fmt.Sprintf(format, args...)))
}

// hint says what to do, and the commands for it.
func (u *ui) hint(text string, commands ...string) {
	u.tell("hint: " + credential.MaskTokens(text))
	for _, command := range commands {
		u.tell("hint:   " + command)
	}
}

// page is a hint at an address, to be followed by a click where the terminal
// can.
func (u *ui) page(text, address string) {
	u.hint(text)
	shown := credential.Visible(address)
	if u.links {
		shown = "\x1b]8;;" + shown + "\x1b\\" + shown + "\x1b]8;;\x1b\\"
	}
	fmt.Fprintln(u.errOut, "hint:   "+shown)
}

// tell prints a line about the data.
func (u *ui) tell(line string) { fmt.Fprintln(u.errOut, credential.Visible(line)) }

// steps says what helps, one step a line.
func (u *ui) steps(steps []string) {
	for _, step := range steps {
		u.hint(step)
	}
}

// progress says on a terminal how far something has come that takes long.
func (u *ui) progress(what string, of int) *progress {
	p := &progress{ui: u, what: what, of: of}
	p.show()
	return p
}

type progress struct {
	ui    *ui
	what  string
	of    int
	mu    sync.Mutex
	count int
}

func (p *progress) show() {
	if p.ui.links {
		fmt.Fprint(p.ui.errOut, "\r"+credential.Visible(fmt.Sprintf("%s: %d of %d", p.what, p.count, p.of)))
	}
}

func (p *progress) step() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.count++
	p.show()
}

func (p *progress) end() {
	if p.ui.links {
		fmt.Fprint(p.ui.errOut, "\r\x1b[K")
	}
}

// line prints a line of data.
func (u *ui) line(text string) error { return u.text(credential.Visible(text) + "\n") }

// text prints what the program has made itself and what must stay as it is: help,
// scripts, and the token that was asked for.
func (u *ui) text(text string) error {
	_, err := io.WriteString(u.out, text)
	return err
}

// painted is a text in a colour, where there are any.
func (u *ui) painted(text, code string) string {
	text = credential.Visible(text)
	if !u.colours || code == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[m"
}

// table shows rows under a heading. The last column alone may have a colour.
func (u *ui) table(heading []string, rows [][]string, colour func(cell string) string) error {
	w := tabwriter.NewWriter(u.out, 0, 0, 3, ' ', 0)
	fmt.Fprintln(w, strings.Join(heading, "\t"))
	for _, row := range rows {
		last := len(row) - 1
		for _, cell := range row[:last] {
			fmt.Fprint(w, credential.Visible(cell)+"\t")
		}
		fmt.Fprintln(w, u.painted(row[last], colour(row[last])))
	}
	return w.Flush()
}

// report shows what was found, under its headings, and what to do: the words
// below each, and the commands below these.
func (u *ui) report(findings []*finding) error {
	var b strings.Builder
	heading := ""
	for _, f := range findings {
		if f.heading != heading {
			if heading != "" {
				b.WriteByte('\n')
			}
			heading = f.heading
			b.WriteString(credential.Visible(heading) + "\n")
		}
		code := map[string]string{stateOK: "32", stateWarning: "33", stateFault: "31"}[f.State]
		b.WriteString("  " + u.painted(fmt.Sprintf("%-7s", f.State), code) + "  " + credential.Visible(f.What) + "\n")
		for i, line := range f.Do {
			if i > 0 {
				line = "  " + line
			}
			b.WriteString("             " + credential.Visible(line) + "\n")
		}
	}
	return u.text(b.String())
}

// json prints data for programs.
func (u *ui) json(data any) error {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(data); err != nil {
		return err
	}
	return u.text(visibleJSON(b.String()))
}

// visibleJSON escapes in JSON what does not print and what package json leaves
// as it is. It stands in strings only, so that the data are the same.
func visibleJSON(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r == '\n' || strconv.IsPrint(r):
			b.WriteRune(r)
		default:
			for _, unit := range utf16.AppendRune(nil, r) {
				fmt.Fprintf(&b, `\u%04x`, unit)
			}
		}
	}
	return b.String()
}

// terminal opens the terminal, for reading and for writing.
func terminal() (in, out *os.File, err error) {
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

// somebodyIsThere reports whether there is a terminal to ask at.
func (u *ui) somebodyIsThere() bool {
	in, out, err := terminal()
	if err != nil {
		return false
	}
	in.Close()
	out.Close()
	return true
}

// typed reports whether standard input is what somebody types.
func (u *ui) typed() bool { return term.IsTerminal(int(u.in.Fd())) }

// errNoTerminal is the error for a question where there is nobody to ask.
var errNoTerminal = errors.New("there is no terminal to ask at")

// askSecret asks for a line that does not show while it is typed or pasted.
func (u *ui) askSecret(question string) (string, error) {
	in, out, err := terminal()
	if err != nil {
		return "", errNoTerminal
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

// ask asks for a line.
func (u *ui) ask(question string) (string, error) {
	in, out, err := terminal()
	if err != nil {
		return "", errNoTerminal
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

// confirm asks a question to be answered with y or n; all else is no.
func (u *ui) confirm(question string) (bool, error) {
	answer, err := u.ask(question + " [y/N] ")
	answer = strings.ToLower(answer)
	return answer == "y" || answer == "yes", err
}

// quote makes a text from outside fit for a sentence.
func quote(s string) string { return credential.Quote(s) }

// shellWord makes a text one word of a shell's command line.
func shellWord(s string) string { return credential.ShellWord(s) }

// onToken is a command on one token, as in git pat remove.
func onToken(command string, r credential.Record) string {
	return command + " " + r.Arguments()
}
