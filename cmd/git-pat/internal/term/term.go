// Package term is the terminal: everything that git pat prints, shows and asks
// goes through a [Terminal].
//
//   - Data that was asked for, and nothing else, goes to standard output.
//   - Messages go to standard error: "git pat: " and what is wrong, then "hint: "
//     and what to do, with the command on a line of its own. They begin with a
//     small letter and have no full stop.
//   - Questions are asked on the terminal device, so standard input and output may
//     be pipes. Without a terminal there is no question.
//   - A character that does not print is replaced by its escape, wherever the text
//     comes from. Colours, links and cursor movements are added after that.
//   - In a message, a text with the full form of a token is masked. Data and
//     commands are never changed. They hold no token, because a Secret does not
//     print itself.
package term

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"unicode/utf16"

	"golang.org/x/term"

	"github.com/git-credential-pat/git-credential-pat/credential"
)

// A Terminal has the streams of the program and what they can show.
type Terminal struct {
	In  *os.File
	Out io.Writer
	Err io.Writer

	Screen  bool // Out is a terminal
	Colours bool // Out is a terminal, and colours are allowed there
	Links   bool // Err is a terminal that shows progress and links
	Width   int  // of Out in cells if it is a terminal, else 0

	status status
}

// New returns the terminal for three streams. NO_COLOR and TERM=dumb turn colours
// off.
func New(in, out, errOut *os.File) *Terminal {
	_, none := os.LookupEnv("NO_COLOR")
	dumb := os.Getenv("TERM") == "dumb"
	screen := term.IsTerminal(int(out.Fd()))
	width, _, _ := term.GetSize(int(out.Fd())) // 0 if it is not known
	return &Terminal{
		In:      in,
		Out:     out,
		Err:     errOut,
		Screen:  screen,
		Colours: screen && !none && !dumb,
		Links:   !dumb && term.IsTerminal(int(errOut.Fd())),
		Width:   width,
	}
}

func (t *Terminal) Say(format string, args ...any) {
	t.tell("git pat: " + short(credential.MaskTokens(fmt.Sprintf(format, args...))))
}

// short cuts a sentence that nobody would read to its end. An argument may have 128
// KiB.
func short(text string) string {
	const most = 1000 // bytes
	if len(text) > most {
		return strings.ToValidUTF8(text[:most], "") + "..."
	}
	return text
}

// Hint says what to do, and the commands for it.
func (t *Terminal) Hint(text string, commands ...string) {
	t.tell("hint: " + short(credential.MaskTokens(text)))
	for _, command := range commands {
		t.tell("hint:   " + command)
	}
}

// Page is a hint at an address, to be followed by a click where the terminal
// can.
func (t *Terminal) Page(text, address string) {
	t.Hint(text)
	shown := credential.Visible(address)
	if t.Links {
		shown = "\x1b]8;;" + shown + "\x1b\\" + shown + "\x1b]8;;\x1b\\"
	}
	t.print("hint:   " + shown)
}

// Usage shows how a command is written.
func (t *Terminal) Usage(line string) { t.tell("usage: " + line) }

// tell prints a line about the data.
func (t *Terminal) tell(line string) { t.print(credential.Visible(line)) }

func (t *Terminal) print(line string) {
	t.status.mu.Lock()
	defer t.status.mu.Unlock()
	t.clearStatus()
	fmt.Fprintln(t.Err, line)
}

// Steps says what helps, one step a line.
func (t *Terminal) Steps(steps []string) {
	for _, step := range steps {
		t.Hint(step)
	}
}

// Line prints a line of data.
func (t *Terminal) Line(text string) error { return t.Text(credential.Visible(text) + "\n") }

// Text prints what the program has made itself and what must stay as it is: help,
// scripts, and the token that was asked for.
func (t *Terminal) Text(text string) error {
	_, err := io.WriteString(t.Out, text)
	return err
}

// The colours of Painted, as the numbers of ECMA-48.
const (
	Red    = "31"
	Green  = "32"
	Yellow = "33"
)

// Painted is a text in a colour, where there are any.
func (t *Terminal) Painted(text, code string) string {
	text = credential.Visible(text)
	if !t.Colours || code == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[m"
}

// JSON prints data for programs.
func (t *Terminal) JSON(data any) error {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(data); err != nil {
		return err
	}
	return t.Text(visibleJSON(b.String()))
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
