package store

import (
	"encoding/hex"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/git-credential-pat/git-credential-pat/credential"
)

// Records are JSON, which people and their programs can read. What
// reads and writes it is made for them alone: encoding/json would take a tenth
// of a millisecond of each start of the helper.

// appendRecord appends a record, as it stands in its file. What is not known is
// left out.
func appendRecord(b []byte, r credential.Record) []byte {
	b = append(b, "{\n  \"format\": "...)
	b = strconv.AppendInt(b, format, 10)
	b = appendMember(b, "host", r.Host)
	for i, path := range r.Paths {
		before := ",\n    "
		if i == 0 {
			before = ",\n  \"paths\": [\n    "
		}
		b = appendString(append(b, before...), path)
	}
	if len(r.Paths) > 0 {
		b = append(b, "\n  ]"...)
	}
	b = appendMember(b, "name", r.Name)
	b = appendMember(b, "username", r.Username)
	b = appendMember(b, "kind", string(r.Kind))
	b = appendMember(b, "access", string(r.Access))
	b = appendMember(b, "added", timeText(r.Added))
	b = appendMember(b, "expires", timeText(r.Expires))
	b = appendMember(b, "store", r.Store)
	b = appendMember(b, "copy", r.Copy)
	b = appendMember(b, "form", r.Form)
	return append(b, "\n}\n"...)
}

// timeText is a time in RFC 3339, or nothing for the zero time.
func timeText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339Nano)
}

func appendMember(b []byte, key, value string) []byte {
	if value == "" {
		return b
	}
	b = appendString(append(b, ",\n  "...), key)
	return appendString(append(b, ": "...), value)
}

func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c < ' ':
			b = append(b, `\u00`...)
			b = hex.AppendEncode(b, []byte{c})
		default:
			b = append(b, c)
		}
	}
	return append(b, '"')
}

// A jsonObject has the members of an object in their order. Ours have a dozen,
// for which a map would be the slower.
type jsonObject []jsonMember

// A jsonMember is a member that is of use: a string, a number as it is written,
// or a list of strings. Of another, and of null, there is the name only.
type jsonMember struct {
	name string
	kind byte // '"', '0', '[' or 'n' for null, or 0 for what is of no use
	text string
	list []string
}

// member returns the last member of a name. There is none if it is null.
func (o jsonObject) member(name string) (m jsonMember, ok bool) {
	for i := len(o) - 1; i >= 0; i-- {
		if o[i].name == name {
			return o[i], o[i].kind != 'n'
		}
	}
	return jsonMember{}, false
}

// text returns a member that is a string, or nothing if there is none. Another
// kind of value makes ok false.
func (o jsonObject) text(name string, ok *bool) string {
	m, there := o.member(name)
	*ok = *ok && (!there || m.kind == '"')
	return m.text
}

func (o jsonObject) list(name string, ok *bool) []string {
	m, there := o.member(name)
	*ok = *ok && (!there || m.kind == '[')
	return m.list
}

func (o jsonObject) time(name string, ok *bool) (t time.Time) {
	m, there := o.member(name)
	*ok = *ok && (!there || m.kind == '"' && t.UnmarshalText([]byte(m.text)) == nil)
	return t
}

func (o jsonObject) integer(name string, ok *bool) int {
	m, there := o.member(name)
	n, err := strconv.Atoi(m.text)
	*ok = *ok && (!there || m.kind == '0' && err == nil)
	return n
}

// parseRecord reads a record. The format is returned if it can be told, also
// where the rest makes no sense here.
func parseRecord(data []byte) (r credential.Record, format int, ok bool) {
	o, ok := parseObject(data)
	format = o.integer("format", &ok)
	r.Host = o.text("host", &ok)
	r.Paths = o.list("paths", &ok)
	r.Name = o.text("name", &ok)
	r.Username = o.text("username", &ok)
	r.Kind = credential.Kind(o.text("kind", &ok))
	r.Access = credential.Access(o.text("access", &ok))
	r.Added = o.time("added", &ok)
	r.Expires = o.time("expires", &ok)
	r.Store = o.text("store", &ok)
	r.Copy = o.text("copy", &ok)
	r.Form = o.text("form", &ok)
	return r, format, ok
}

// parseObject reads a JSON text, RFC 8259, that is one object in UTF-8.
func parseObject(data []byte) (o jsonObject, ok bool) {
	p := jsonParser{text: string(data)}
	if !utf8.ValidString(p.text) {
		return nil, false
	}
	o = make(jsonObject, 0, 16)
	ok = p.next() == '{' && p.object(&o, 0) && p.next() == 0 && p.at == len(p.text)
	return o, ok
}

// deepest is how many levels of unknown members are read. Ours have one.
const deepest = 100

type jsonParser struct {
	text string
	at   int
}

// next returns the first byte behind white space, or 0 at the end. It stays
// before it.
func (p *jsonParser) next() byte {
	for p.at < len(p.text) {
		switch c := p.text[p.at]; c {
		case ' ', '\t', '\n', '\r':
			p.at++
		default:
			return c
		}
	}
	return 0
}

// is reads a byte behind white space if it is c.
func (p *jsonParser) is(c byte) bool {
	if p.next() != c {
		return false
	}
	p.at++
	return true
}

// object reads an object into o, which is nil for one that is of no use.
func (p *jsonParser) object(o *jsonObject, depth int) bool {
	p.at++
	if p.is('}') {
		return true
	}
	for {
		if p.next() != '"' {
			return false
		}
		name, ok := p.str()
		if !ok || !p.is(':') {
			return false
		}
		m, ok := p.value(depth + 1)
		if !ok {
			return false
		}
		if m.name = name; o != nil {
			*o = append(*o, m)
		}
		if !p.is(',') {
			return p.is('}')
		}
	}
}

// value reads a value, as a member that has no name yet.
func (p *jsonParser) value(depth int) (v jsonMember, ok bool) {
	if depth > deepest {
		return v, false
	}
	switch c := p.next(); {
	case c == '"':
		v.kind = '"'
		v.text, ok = p.str()
	case c == '{':
		ok = p.object(nil, depth)
	case c == '[':
		v, ok = p.array(depth)
	case c == '-' || '0' <= c && c <= '9':
		v.kind = '0'
		v.text, ok = p.number()
	case c == 'n':
		v.kind = 'n'
		ok = p.word("null")
	default:
		ok = p.word("true") || p.word("false")
	}
	return v, ok
}

func (p *jsonParser) word(w string) bool {
	ok := strings.HasPrefix(p.text[p.at:], w)
	if ok {
		p.at += len(w)
	}
	return ok
}

func (p *jsonParser) array(depth int) (v jsonMember, ok bool) {
	p.at++
	v.kind = '['
	if p.is(']') {
		return v, true
	}
	for {
		element, ok := p.value(depth + 1)
		if !ok {
			return v, false
		}
		if element.kind == '"' {
			v.list = append(v.list, element.text)
		} else {
			v.kind = 0
		}
		if !p.is(',') {
			return v, p.is(']')
		}
	}
}

func (p *jsonParser) number() (text string, ok bool) {
	start := p.at
	digits := func() bool {
		from := p.at
		for p.at < len(p.text) && '0' <= p.text[p.at] && p.text[p.at] <= '9' {
			p.at++
		}
		return p.at > from
	}
	p.word("-")
	if !p.word("0") && !digits() {
		return "", false
	}
	if p.word(".") && !digits() {
		return "", false
	}
	if p.word("e") || p.word("E") {
		if !p.word("+") {
			p.word("-")
		}
		if !digits() {
			return "", false
		}
	}
	return p.text[start:p.at], true
}

func (p *jsonParser) str() (s string, ok bool) {
	p.at++
	start := p.at
	var b strings.Builder // what comes before start, if there is any with a backslash
	for p.at < len(p.text) {
		switch c := p.text[p.at]; {
		case c == '"':
			s = p.text[start:p.at]
			if p.at++; b.Len() > 0 {
				s = b.String() + s
			}
			return s, true
		case c < ' ':
			return "", false
		case c != '\\':
			p.at++
			continue
		}
		b.WriteString(p.text[start:p.at])
		r, ok := p.escape()
		if !ok {
			return "", false
		}
		b.WriteRune(r)
		start = p.at
	}
	return "", false
}

// escape reads a character that is written with a backslash.
func (p *jsonParser) escape() (r rune, ok bool) {
	if p.at+1 >= len(p.text) {
		return 0, false
	}
	c := p.text[p.at+1]
	p.at += 2
	if i := strings.IndexByte(`"\/bfnrt`, c); i >= 0 {
		return rune("\"\\/\b\f\n\r\t"[i]), true
	}
	if c != 'u' {
		return 0, false
	}
	unit, ok := p.hex4()
	if !ok || unit < 0xd800 || 0xdfff < unit {
		return unit, ok
	}
	// Two make one character; half of one stands for none.
	if unit < 0xdc00 && strings.HasPrefix(p.text[p.at:], `\u`) {
		before := p.at
		p.at += 2
		low, ok := p.hex4()
		if !ok {
			return 0, false
		}
		if 0xdc00 <= low && low <= 0xdfff {
			return 0x10000 + (unit-0xd800)<<10 + low - 0xdc00, true
		}
		p.at = before
	}
	return utf8.RuneError, true
}

func (p *jsonParser) hex4() (rune, bool) {
	if p.at+4 > len(p.text) {
		return 0, false
	}
	n, err := hex.DecodeString(p.text[p.at : p.at+4])
	p.at += 4
	if err != nil {
		return 0, false
	}
	return rune(n[0])<<8 | rune(n[1]), true
}
