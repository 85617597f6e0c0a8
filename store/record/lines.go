package record

import (
	"bytes"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/credential/forge"
	"github.com/git-credential-pat/git-credential-pat/protocol"
)

// Records and marks are files of key=value lines, the format of
// git-credential(1). Package protocol reads and writes them:
//
//	format=1
//	target=github.com/acme
//	path[]=acme/gadgets
//	path[]=acme/widgets
//	name=laptop
//	kind=fine-grained
//	added=2026-11-28T12:00:00Z
//	store=keyring
//
// The target is a host, or an owner or a repository on that host. If the token is
// for several repositories, each has a line path[]. A line forge stands there if
// neither the host nor the kind tells the forge. The store is required and
// comes last, so an incomplete file is always rejected.

// format is the version of the format. Records with a higher version are not
// changed.
const format = 1

var errLines = errors.New("not a valid record")

// lines is a message without empty values.
type lines struct{ protocol.Message }

func (l *lines) add(key, value string) {
	if value != "" {
		l.Add(key, value)
	}
}

func (l *lines) bytes() ([]byte, error) {
	var b bytes.Buffer
	err := protocol.Write(&b, l.Message)
	return b.Bytes(), err
}

func readLines(data []byte) (protocol.Message, error) {
	if !bytes.HasSuffix(data, []byte("\n")) {
		return protocol.Message{}, errLines
	}
	return protocol.Read(bytes.NewReader(data))
}

func formatRecord(r credential.Record) ([]byte, error) {
	var l lines
	l.add("format", strconv.Itoa(format))
	switch len(r.Paths) {
	case 0:
		l.add("target", r.Host)
	case 1:
		l.add("target", r.Host+"/"+r.Paths[0])
	default:
		l.add("target", r.Host+"/"+r.Owner())
		for _, path := range r.Paths {
			l.add("path[]", path)
		}
	}
	l.add("name", r.Name)
	l.add("username", r.Username)
	l.add("kind", string(r.Kind))
	l.add("forge", string(r.Forge))
	l.add("access", string(r.Access))
	l.add("added", timeText(r.Added))
	l.add("expires", timeText(r.Expires))
	l.add("form", r.Form)
	l.add("from", r.From)
	if r.Moved {
		l.add("moved", "1")
	}
	l.add("store", r.Store)
	return l.bytes()
}

// parseRecord reads a record. written is its format version if it could be read,
// even if there is an error.
func parseRecord(data []byte) (r credential.Record, written int, err error) {
	m, err := readLines(data)
	if err != nil {
		return r, 0, err
	}
	if written, err = strconv.Atoi(m.Get("format")); err != nil || written != format {
		return r, written, errLines
	}
	host, path, narrow := strings.Cut(m.Get("target"), "/")
	r = credential.Record{
		Target:   credential.Target{Host: host, Paths: m.Values("path[]")},
		Name:     m.Get("name"),
		Username: m.Get("username"),
		Kind:     credential.Kind(m.Get("kind")),
		Forge:    forge.Forge(m.Get("forge")),
		Access:   credential.Access(m.Get("access")),
		Form:     m.Get("form"),
		From:     m.Get("from"),
		Moved:    m.Get("moved") != "",
		Store:    m.Get("store"),
	}
	switch {
	case len(r.Paths) == 0 && narrow:
		r.Paths = []string{path}
	case len(r.Paths) > 0 && (len(r.Paths) == 1 || r.Owner() != path):
		return r, written, errLines
	}
	var bad error
	r.Added, err = parseTime(m.Get("added"))
	r.Expires, bad = parseTime(m.Get("expires"))
	return r, written, errors.Join(err, bad)
}

// formatAside formats the mark of a token that is set aside. Each owner has a
// slash in front, because an empty value would empty the list.
func formatAside(a credential.Aside) ([]byte, error) {
	var l lines
	l.add("time", timeText(a.Time))
	l.add("reason", a.Reason)
	for _, owner := range a.Owners {
		l.add("owner[]", "/"+owner)
	}
	l.add("offered", timeText(a.Offered))
	l.add("added", timeText(a.Added))
	l.add("fingerprint", a.Fingerprint)
	l.add("refusals", strconv.Itoa(a.Refusals))
	return l.bytes()
}

func parseAside(data []byte) (a credential.Aside, err error) {
	m, err := readLines(data)
	if err != nil {
		return a, err
	}
	a = credential.Aside{Reason: m.Get("reason"), Fingerprint: m.Get("fingerprint")}
	for _, owner := range m.Values("owner[]") {
		a.Owners = append(a.Owners, strings.TrimPrefix(owner, "/"))
	}
	var errs [4]error
	a.Time, errs[0] = parseTime(m.Get("time"))
	a.Offered, errs[1] = parseTime(m.Get("offered"))
	a.Added, errs[2] = parseTime(m.Get("added"))
	a.Refusals, errs[3] = strconv.Atoi(m.Get("refusals"))
	if a.Time.IsZero() {
		return a, errLines
	}
	return a, errors.Join(errs[:]...)
}

// timeText returns a time as in RFC 3339, or "" for the zero time.
func timeText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339Nano)
}

func parseTime(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	return time.Parse(time.RFC3339Nano, text)
}
