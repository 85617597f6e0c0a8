// Package protocol speaks Git's credential protocol, as a helper hears it and
// as the program that runs a helper speaks it.
//
// The manuals are git-credential(1), for the format, and gitcredentials(7),
// for what a helper is asked to do. A message is a list of key=value lines
// that ends with an empty line or with the end of the input. Git starts a
// helper once for each operation, with the operation as its last argument:
//
//	get         a message comes in, the answer goes out
//	store       a credential was accepted
//	erase       a credential was refused
//	capability  asks which extensions the helper knows
//
// # What it promises
//
// A message is read whole and checked before anyone acts on it, and never
// past its empty line. It is written whole too: it is built in memory,
// checked, and handed to the system in one write, because Git uses every line
// that it has got from a helper, also from one that failed half way.
//
// Git has checked little of what arrives here. It starts the helper first and
// checks each value while it writes, so that a request may be cut short
// anywhere, and the program at the other end need not be Git. Everything that
// no honest sender writes is therefore an error: see [Read].
package protocol

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Limits of a message that is read.
const (
	MaxLine    = 65535   // bytes with the newline, git-credential(1)
	maxLines   = 1024    // lines; Git sends fewer than 30
	maxMessage = 1 << 20 // bytes
)

// The attributes that may stand in a message only once. Git's own parser lets
// the last one win, by which a value with a smuggled newline could replace the
// host (CVE-2020-5260).
var singular = []string{"protocol", "host", "path", "username", "password"}

// The attributes whose values are used. No tab is allowed in them; elsewhere
// one may stand, as it may in an HTTP header that Git passes on in wwwauth[].
var used = []string{
	"protocol", "host", "path", "username", "password", "password_expiry_utc",
	"oauth_refresh_token", "authtype", "credential", "ephemeral",
	"capability[]", "state[]", "quit",
}

// A Message is a list of attributes, in the order in which they stand on the
// wire. It may hold secrets, so that it prints as "protocol.Message" under
// every verb. The zero value is an empty message.
type Message struct {
	// A function, because in an unexported field of somebody else's struct fmt
	// cannot call Format. Of a function it shows the address, whatever the
	// verb; a pointer it follows under %s.
	attributes func() *[]attribute
}

type attribute struct{ key, value string }

// Add appends an attribute. What may not go over the wire is found by Write.
func (m *Message) Add(key, value string) {
	if m.attributes == nil {
		var list []attribute
		m.attributes = func() *[]attribute { return &list }
	}
	list := m.attributes()
	*list = append(*list, attribute{key, value})
}

func (m Message) all() []attribute {
	if m.attributes == nil {
		return nil
	}
	return *m.attributes()
}

// Lookup returns the last value of key, and whether the message has it.
func (m Message) Lookup(key string) (value string, ok bool) {
	for _, a := range m.all() {
		if a.key == key {
			value, ok = a.value, true
		}
	}
	return value, ok
}

// Get returns the last value of key, or the empty string.
func (m Message) Get(key string) string {
	value, _ := m.Lookup(key)
	return value
}

// Values returns the values of a key that may be repeated, such as "state[]".
// An empty value takes back those before it.
func (m Message) Values(key string) []string {
	var values []string
	for _, a := range m.all() {
		switch {
		case a.key != key:
		case a.value == "":
			values = nil
		default:
			values = append(values, a.value)
		}
	}
	return values
}

// Announces reports whether the sender said that it knows a capability, such
// as "authtype" or "state".
func (m Message) Announces(capability string) bool {
	for _, value := range m.Values("capability[]") {
		if value == capability {
			return true
		}
	}
	return false
}

// Format keeps the attributes out of every print.
func (m Message) Format(f fmt.State, _ rune) { io.WriteString(f, "protocol.Message") }

// A SyntaxError says why a message is no message. It never quotes a value.
type SyntaxError struct {
	Line   int    // counted from 1; 0 where no line is to blame
	Reason string // as in "a control byte in the value of host"
}

func (e *SyntaxError) Error() string {
	if e.Line == 0 {
		return e.Reason
	}
	return fmt.Sprintf("line %d: %s", e.Line, e.Reason)
}

// Read reads one message, up to its empty line or to the end of the input.
//
// Lines end in LF, or all of them in CR LF. It is a *SyntaxError if a line is
// longer than Git allows or has no "=", if there are too many lines or bytes,
// if a value or key holds a control byte (a tab is let pass in an attribute
// that nothing here uses), and if protocol, host, path, username or password
// stand there twice. Unknown keys are kept and mean nothing.
func Read(r io.Reader) (Message, error) {
	var m Message
	in := bufio.NewReaderSize(r, 512) // a message is shorter most often, and git pat doctor reads many
	var crlf bool
	for number, total := 1, 0; ; number++ {
		line, err := readLine(in)
		if err != nil && err != io.EOF {
			if errors.Is(err, bufio.ErrTooLong) {
				return m, &SyntaxError{number, fmt.Sprintf("longer than %d bytes", MaxLine)}
			}
			return m, err
		}
		atEnd := err == io.EOF
		if atEnd && len(line) == 0 {
			return m, nil
		}
		if total += len(line); total > maxMessage {
			return m, &SyntaxError{0, fmt.Sprintf("more than %d bytes", maxMessage)}
		}
		line, ended := bytes.CutSuffix(line, []byte("\n"))
		if ended {
			var cr bool
			line, cr = bytes.CutSuffix(line, []byte("\r"))
			if number == 1 {
				crlf = cr
			}
			if cr != crlf {
				return m, &SyntaxError{number, "some lines end in CR LF and some in LF"}
			}
		}
		if len(line) == 0 {
			return m, nil
		}
		if number > maxLines {
			return m, &SyntaxError{0, fmt.Sprintf("more than %d lines", maxLines)}
		}
		if err := m.parse(number, string(line)); err != nil {
			return m, err
		}
		if atEnd {
			return m, nil
		}
	}
}

// readLine returns the next line with its newline, or what stands before the
// end with io.EOF, and is good until the next call. A line over the limit is
// bufio.ErrTooLong, without reading the rest of it.
func readLine(in *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := in.ReadSlice('\n')
		if line = append(line, part...); len(line) > MaxLine {
			return nil, bufio.ErrTooLong
		}
		if err != bufio.ErrBufferFull {
			return line, err
		}
	}
}

func (m *Message) parse(number int, line string) error {
	key, value, ok := strings.Cut(line, "=")
	if !ok {
		return &SyntaxError{number, "no \"=\""}
	}
	if number == 1 && strings.HasPrefix(key, "\ufeff") {
		return &SyntaxError{number, "a byte order mark before the first key"}
	}
	if hasControl(key) {
		return &SyntaxError{number, "a control byte in the key"}
	}
	known := slices.Contains(used, key)
	checked := value
	if !known {
		checked = strings.ReplaceAll(value, "\t", "")
	}
	if hasControl(checked) {
		if known {
			return &SyntaxError{number, "a control byte in the value of " + key}
		}
		return &SyntaxError{number, "a control byte in the value"}
	}
	if _, twice := m.Lookup(key); twice && slices.Contains(singular, key) {
		return &SyntaxError{number, "a second " + key}
	}
	m.Add(key, value)
	return nil
}

func hasControl(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < 0x20 || s[i] == 0x7f {
			return true
		}
	}
	return false
}

// ReadRequest reads what Git sends to a helper. Beyond Read it is a
// *SyntaxError if protocol is missing or empty, if host is on https, and if
// there is a url, which is for git credential to take apart.
func ReadRequest(r io.Reader) (Message, error) {
	m, err := Read(r)
	if err != nil {
		return Message{}, err
	}
	return m, checkRequest(m)
}

func checkRequest(m Message) error {
	if _, ok := m.Lookup("url"); ok {
		return &SyntaxError{0, "a url, which git credential takes apart and no helper is sent"}
	}
	switch protocol := m.Get("protocol"); {
	case protocol == "":
		return &SyntaxError{0, "no protocol"}
	case protocol == "https" && m.Get("host") == "":
		return &SyntaxError{0, "no host"}
	}
	return nil
}

// Write writes a message in one write. No empty line ends it: the end of the
// stream does, as where Git and its own helpers write. Nothing is written if a
// key or value could be read as something else, that is, if it holds a control
// byte, or a key is empty or holds "=", or if a line is longer than Git allows.
func Write(w io.Writer, m Message) error {
	var out []byte
	for _, a := range m.all() {
		switch {
		case a.key == "" || strings.Contains(a.key, "=") || hasControl(a.key):
			return errors.New("protocol: a key that cannot be written")
		case hasControl(a.value):
			return fmt.Errorf("protocol: a control byte in the value of %s", a.key)
		case len(a.key)+len("=")+len(a.value)+len("\n") > MaxLine:
			return fmt.Errorf("protocol: the value of %s is too long", a.key)
		}
		out = append(out, a.key...)
		out = append(out, '=')
		out = append(out, a.value...)
		out = append(out, '\n')
	}
	_, err := w.Write(out)
	return err
}
