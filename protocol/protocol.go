// Package protocol reads and writes messages of Git's credential protocol, for
// credential helpers and for programs that run them.
//
// git-credential(1) describes the format, and gitcredentials(7) describes what
// a helper has to do. A message is a list of key=value lines. It ends with an
// empty line or at the end of the input. Git starts a helper once for each
// operation, with the operation as the last argument:
//
//	get         read a request, write a credential
//	store       read a credential that the server accepted
//	erase       read a credential that the server rejected
//	capability  list the extensions that the helper supports
//
// # Guarantees
//
// A message is read and checked completely before the caller sees it. Nothing
// after its empty line is used.
//
// A message is also written completely: it is built in memory, checked, and
// written with one call. This matters because Git uses every line that it
// received from a helper, even if the helper failed later.
//
// Git checks little before it sends a request. It starts the helper first and
// checks each value while it writes, so a request may end anywhere. The sender
// may also be another program. [Read] therefore rejects everything that Git
// itself never sends.
package protocol

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
)

// Limits for reading a message.
const (
	MaxLine    = 65535   // bytes with the newline, git-credential(1)
	maxLines   = 1024    // lines; Git sends fewer than 30
	maxMessage = 1 << 20 // bytes
)

// singular lists the attributes that a message may have only once. In Git's own
// parser the last one wins, which allowed a value with a newline in it to
// replace the host (CVE-2020-5260).
var singular = []string{"protocol", "host", "path", "username", "password"}

// used lists the attributes whose values this module uses. They must not
// contain a tab. Other values may contain one, because an HTTP header may, and
// Git sends headers in wwwauth[].
var used = []string{
	"protocol", "host", "path", "username", "password", "password_expiry_utc",
	"oauth_refresh_token", "authtype", "credential", "ephemeral",
	"capability[]", "state[]", "quit",
}

// A Message is a list of attributes in the order in which they were read or
// added. It may contain secrets, so package fmt prints it as
// "protocol.Message" for every verb. The zero value is an empty message.
type Message struct {
	// fmt cannot call Format on an unexported field of another struct. For a
	// function it prints only the address; for a pointer, %s shows the value.
	attributes func() *[]attribute
}

type attribute struct{ key, value string }

// Add appends an attribute. It does not check it; Write does.
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

// Lookup returns the last value of key. ok is false if the message does not
// have the key.
func (m Message) Lookup(key string) (value string, ok bool) {
	for _, a := range m.all() {
		if a.key == key {
			value, ok = a.value, true
		}
	}
	return value, ok
}

// Get returns the last value of key, or "" if the message does not have it.
func (m Message) Get(key string) string {
	value, _ := m.Lookup(key)
	return value
}

// Values returns all values of a key that may be repeated, such as "state[]".
// An empty value discards the values before it, git-credential(1).
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

// Announces reports whether the sender supports a capability, such as
// "authtype" or "state".
func (m Message) Announces(capability string) bool {
	return slices.Contains(m.Values("capability[]"), capability)
}

// Format implements fmt.Formatter. It never prints the attributes.
func (m Message) Format(f fmt.State, _ rune) { io.WriteString(f, "protocol.Message") }

// A SyntaxError describes why a message is invalid. It never contains a value
// of the message.
type SyntaxError struct {
	Line   int    // counted from 1; 0 if the error is not in one line
	Reason string // for example "a control byte in the value of host"
}

func (e *SyntaxError) Error() string {
	if e.Line == 0 {
		return e.Reason
	}
	return fmt.Sprintf("line %d: %s", e.Line, e.Reason)
}

// Read reads one message, up to an empty line or the end of the input.
//
// Lines end with LF, or all of them with CR LF. Unknown keys are kept. The
// error is a *SyntaxError if
//
//   - a line is longer than Git allows or has no "="
//   - the message has too many lines or bytes
//   - a key or a value contains a control byte; a tab is allowed in values that
//     this module does not use
//   - protocol, host, path, username or password occur twice
func Read(r io.Reader) (Message, error) {
	var m Message
	in := bufio.NewReader(io.LimitReader(r, maxMessage+1))
	var crlf bool
	for number, total := 1, 0; ; number++ {
		line, err := in.ReadString('\n')
		if err != nil && err != io.EOF {
			return m, err
		}
		atEnd := err == io.EOF
		if total += len(line); len(line) > MaxLine {
			return m, &SyntaxError{number, fmt.Sprintf("longer than %d bytes", MaxLine)}
		} else if total > maxMessage {
			return m, &SyntaxError{0, fmt.Sprintf("more than %d bytes", maxMessage)}
		}
		if !atEnd {
			var cr bool
			line, cr = strings.CutSuffix(strings.TrimSuffix(line, "\n"), "\r")
			if number == 1 {
				crlf = cr
			}
			if cr != crlf {
				return m, &SyntaxError{number, "some lines end in CR LF and some in LF"}
			}
		}
		if line == "" {
			return m, nil
		}
		if number > maxLines {
			return m, &SyntaxError{0, fmt.Sprintf("more than %d lines", maxLines)}
		}
		if err := m.parse(number, line); err != nil {
			return m, err
		}
		if atEnd {
			return m, nil
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
	return strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f })
}

// ReadRequest reads a request that Git sends to a helper. It returns the errors
// of Read, and a *SyntaxError if protocol is missing or empty, if the protocol
// is https and host is missing or empty, or if there is a url attribute that
// contradicts protocol, host or path. Git sends no url to a helper, but gitoxide
// sends it besides these attributes. It is not used.
func ReadRequest(r io.Reader) (Message, error) {
	m, err := Read(r)
	if err != nil {
		return Message{}, err
	}
	switch protocol := m.Get("protocol"); {
	case protocol == "":
		return m, &SyntaxError{0, "no protocol"}
	case protocol == "https" && m.Get("host") == "":
		return m, &SyntaxError{0, "no host"}
	}
	for _, a := range m.all() {
		if a.key == "url" && !m.agrees(a.value) {
			return m, &SyntaxError{0, "a url that contradicts protocol, host or path"}
		}
	}
	return m, nil
}

// agrees reports whether a URL has the protocol and host of the message, and its
// path if the message has one. The user name may differ, because an earlier
// helper may have set it.
func (m Message) agrees(text string) bool {
	u, err := url.Parse(text)
	if err != nil || !strings.EqualFold(u.Scheme, m.Get("protocol")) {
		return false
	}
	port := map[string]string{"https": ":443", "http": ":80"}[m.Get("protocol")]
	if !strings.EqualFold(strings.TrimSuffix(u.Host, port), strings.TrimSuffix(m.Get("host"), port)) {
		return false
	}
	path, ok := m.Lookup("path")
	if !ok {
		return true
	}
	bare := func(path string) string {
		path, _, _ = strings.Cut(path, "?")
		return strings.Trim(path, "/")
	}
	return bare(path) == bare(u.Path) || bare(path) == bare(u.EscapedPath())
}

// Write writes a message with a single call of w.Write. It does not write an
// empty line at the end: like Git's own helpers, it leaves the end of the
// stream to end the message.
//
// It returns an error and writes nothing if a key or value contains a control
// byte, if a key is empty or contains "=", or if a line is longer than Git
// allows.
func Write(w io.Writer, m Message) error {
	var out []byte
	for _, a := range m.all() {
		switch {
		case a.key == "" || strings.Contains(a.key, "=") || hasControl(a.key):
			return errors.New("protocol: an invalid key")
		case hasControl(a.value):
			return fmt.Errorf("protocol: a control byte in the value of %s", a.key)
		case len(a.key)+len("=")+len(a.value)+len("\n") > MaxLine:
			return fmt.Errorf("protocol: the value of %s is too long", a.key)
		}
		out = append(out, a.key+"="+a.value+"\n"...)
	}
	_, err := w.Write(out)
	return err
}
