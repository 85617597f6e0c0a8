package importer

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/homefile"
	"github.com/git-credential-pat/git-credential-pat/credential"
)

// Files are files that each hold credentials for several hosts.
type Files struct {
	Paths []string

	// parse reads the entries of one file, each with its parts of the file.
	parse func(data string) []*Item
}

var _ Source = (*Files)(nil)

// GitCredentials returns the named files, or the files of git-credential-store
// that exist. If there are none, the error is a *MissingError.
func GitCredentials(named []string) (*Files, error) {
	return newFiles(named, homefile.GitCredentials, parseCredentials)
}

// Netrc returns the named files, or the netrc files that exist. If there are
// none, the error is a *MissingError.
func Netrc(named []string) (*Files, error) { return newFiles(named, homefile.Netrc, ParseNetrc) }

func newFiles(named []string, usual func() []string, parse func(string) []*Item) (*Files, error) {
	if len(named) > 0 {
		return &Files{named, parse}, nil
	}
	paths := slices.DeleteFunc(usual(), func(path string) bool {
		_, err := os.Stat(path)
		return errors.Is(err, fs.ErrNotExist)
	})
	if len(paths) == 0 {
		return nil, &MissingError{usual()}
	}
	return &Files{paths, parse}, nil
}

// Items reads the entries of all files.
func (f *Files) Items(context.Context) ([]*Item, error) {
	var all []*Item
	for _, path := range f.Paths {
		data, _, err := homefile.Read(path)
		if err != nil {
			return nil, err
		}
		all = append(all, f.entries(path, data)...)
	}
	return all, nil
}

// A span is a part of a text, from its first byte to the one after its last.
type span struct{ from, to int }

// entries reads the entries of a file. The text of an entry finds it again after
// the file changed.
func (f *Files) entries(path, data string) []*Item {
	items := f.parse(data)
	for _, e := range items {
		var text string
		for _, s := range e.spans {
			text += data[s.from:s.to] + "\n"
		}
		e.file, e.Place, e.text = path, fmt.Sprintf("%s:%d", path, e.line), credential.NewSecret(text)
	}
	return items
}

// Remove removes the kept entries from the files. If another program is writing
// a file, the error is a *LockedError.
func (f *Files) Remove(_ context.Context, items []*Item) ([]Removal, error) {
	var done []Removal
	has := func(all []*Item, e *Item) bool {
		return slices.ContainsFunc(all, func(x *Item) bool { return x.text.Equal(e.text) })
	}
	for _, path := range f.Paths {
		kept := slices.DeleteFunc(slices.Clone(items), func(e *Item) bool { return e.file != path || !e.Kept() })
		var now []*Item
		removed := 0
		err := homefile.Rewrite(path, func(data string) string {
			var spans []span
			now = f.entries(path, data)
			for _, e := range now {
				if has(kept, e) {
					spans = append(spans, e.spans...)
					removed++
				}
			}
			return cut(data, spans)
		})
		if err != nil {
			return done, err
		}
		if removed > 0 {
			done = append(done, Removal{Place: path, Entries: removed})
		}
		for _, e := range kept {
			if !has(now, e) {
				done = append(done, Removal{Place: e.Place, Err: ErrChanged})
			}
		}
	}
	return done, nil
}

// cut removes spans from a text. A line of which only blanks remain is removed
// too; the others stay as they are.
func cut(data string, spans []span) string {
	var out strings.Builder
	start := 0
	for line := range strings.Lines(data) {
		end := start + len(line)
		rest, from, touched := "", start, false
		for _, s := range spans {
			if lo, hi := max(s.from, from), min(s.to, end); lo < hi {
				rest += data[from:lo]
				from, touched = hi, true
			}
		}
		rest += data[from:end]
		if !touched || strings.TrimSpace(rest) != "" {
			out.WriteString(rest)
		}
		start = end
	}
	return out.String()
}

// parseCredentials reads the lines of git-credential-store(1), each of which is
// a URL with user name and password.
func parseCredentials(data string) []*Item {
	var items []*Item
	start, number := 0, 0
	for line := range strings.Lines(data) {
		number++
		if text := strings.TrimSpace(line); text != "" && !strings.HasPrefix(text, "#") {
			e := parseCredential(text)
			e.line, e.spans = number, []span{{start, start + len(line)}}
			items = append(items, e)
		}
		start += len(line)
	}
	return items
}

// credentialURL matches scheme, login, password, host and path. With a second @,
// what looks like the host may be a part of the password.
var credentialURL = regexp.MustCompile(`\A([^:/@]+)://([^:/@]*):([^/@]*)@([^/@]*)(?:/([^@]*))?\z`)

// parseCredential reads a line. Package url cannot: Git writes the colon of a
// port as %3a.
func parseCredential(text string) *Item {
	e := &Item{}
	part := credentialURL.FindStringSubmatch(text)
	if part == nil {
		e.malformed(NoLogin)
		return e
	}
	for i := range part {
		var err error
		if part[i], err = url.PathUnescape(part[i]); err != nil {
			e.malformed(BadEscape)
			return e
		}
	}
	e.Login, e.Secret, e.Host, e.Path = part[2], credential.NewSecret(part[3]), part[4], strings.Trim(part[5], "/")
	if !strings.EqualFold(part[1], "https") {
		e.malformed(OtherScheme)
	}
	return e
}
