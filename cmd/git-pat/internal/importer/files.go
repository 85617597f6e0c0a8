package importer

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/homefile"
	"github.com/git-credential-pat/git-credential-pat/credential"
)

// Files are a source of files that each hold log-ins for several hosts.
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
	all := usual()
	there := slices.DeleteFunc(slices.Clone(all), func(path string) bool {
		_, err := os.Stat(path)
		return errors.Is(err, fs.ErrNotExist)
	})
	if len(there) == 0 {
		return nil, &MissingError{all}
	}
	return &Files{there, parse}, nil
}

// Items reads the entries of all files.
func (f *Files) Items(context.Context) ([]*Item, error) {
	var all []*Item
	for _, path := range f.Paths {
		data, _, err := homefile.Read(path)
		if err != nil {
			return nil, err
		}
		for _, e := range f.parse(data) {
			e.file, e.Place, e.text = path, fmt.Sprintf("%s:%d", path, e.line), textOf(data, e)
			all = append(all, e)
		}
	}
	return all, nil
}

// textOf returns the bytes that an entry is made of, by which it is found again
// when the file has changed.
func textOf(data string, e *Item) credential.Secret {
	var text string
	for _, span := range e.spans {
		text += data[span[0]:span[1]] + "\n"
	}
	return credential.NewSecret(text)
}

// Remove cuts the kept entries out of the files. If another program is writing
// a file, the error is a *LockedError.
func (f *Files) Remove(_ context.Context, items []*Item) ([]Removal, error) {
	var done []Removal
	for _, path := range f.Paths {
		removed := 0
		found := map[*Item]bool{}
		err := rewrite(path, func(data string) string {
			var spans [][2]int
			for _, now := range f.parse(data) {
				isKept := false
				for _, e := range items {
					if e.Kept() && e.file == path && e.text.Equal(textOf(data, now)) {
						isKept, found[e] = true, true
					}
				}
				if isKept {
					spans = append(spans, now.spans...)
					removed++
				}
			}
			return cut(data, spans)
		})
		if err != nil {
			return done, err
		}
		if removed > 0 {
			done = append(done, Removal{File: path, Entries: removed})
		}
		for _, e := range items {
			if e.Kept() && e.file == path && !found[e] {
				done = append(done, Removal{Changed: true, Item: e})
			}
		}
	}
	return done, nil
}

// A LockedError says that another program is writing a file, or was killed
// while it did.
type LockedError struct {
	Path string
	Lock string // the lock file
}

func (e *LockedError) Error() string { return e.Path + " is locked by " + e.Lock }

// rewrite changes a file whole, under the lock that Git's own programs take
// for it. A link stays, and what it leads to is changed.
func rewrite(path string, change func(data string) string) error {
	target, err := filepath.EvalSymlinks(path)
	if err != nil {
		return err
	}
	lock := target + ".lock"
	f, err := os.OpenFile(lock, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	for wait := time.Millisecond; errors.Is(err, fs.ErrExist) && wait < time.Second; wait *= 2 {
		time.Sleep(wait)
		f, err = os.OpenFile(lock, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	}
	if errors.Is(err, fs.ErrExist) {
		return &LockedError{path, lock}
	}
	if err != nil {
		return err
	}
	err = func() error {
		defer f.Close()
		data, info, err := homefile.Read(target)
		if err != nil {
			return err
		}
		if err := f.Chmod(info.Mode().Perm()); err != nil {
			return err
		}
		if _, err := f.WriteString(change(data)); err != nil {
			return err
		}
		return f.Sync()
	}()
	if err == nil {
		err = os.Rename(lock, target)
	}
	if err != nil {
		os.Remove(lock)
	}
	return err
}

// cut takes spans out of a text. A line of which nothing but blanks is left
// goes with its end; all others stay as they are.
func cut(data string, spans [][2]int) string {
	var out strings.Builder
	start := 0
	for line := range strings.Lines(data) {
		end := start + len(line)
		kept, from, touched := "", start, false
		for _, span := range spans {
			if lo, hi := max(span[0], from), min(span[1], end); lo < hi {
				kept += data[from:lo]
				from, touched = hi, true
			}
		}
		kept += data[from:end]
		if !touched || strings.TrimSpace(kept) != "" {
			out.WriteString(kept)
		}
		start = end
	}
	return out.String()
}

// parseCredentials reads the lines of git-credential-store(1), each of which is
// a URL with user name and password.
func parseCredentials(data string) []*Item {
	var entries []*Item
	start, number := 0, 0
	for line := range strings.Lines(data) {
		span := [2]int{start, start + len(line)}
		start += len(line)
		number++
		text := strings.TrimSpace(line)
		if text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		e := parseCredential(text)
		e.line, e.spans = number, [][2]int{span}
		entries = append(entries, e)
	}
	return entries
}

func parseCredential(text string) *Item {
	e := &Item{}
	scheme, rest, ok := strings.Cut(text, "://")
	authority, path, _ := strings.Cut(rest, "/")
	login, host, hasLogin := strings.Cut(authority, "@")
	login, password, hasPassword := strings.Cut(login, ":")
	// Where a mark stands in a password as it is, what looks like the host is a
	// part of it.
	if !ok || !hasLogin || !hasPassword || strings.Count(text, "@") > 1 {
		e.malformed(Reason{Why: NoLogin})
		return e
	}
	var errs [4]error
	e.Host, errs[0] = url.PathUnescape(host)
	e.Path, errs[1] = url.PathUnescape(strings.Trim(path, "/"))
	e.Login, errs[2] = url.PathUnescape(login)
	password, errs[3] = url.PathUnescape(password)
	if errors.Join(errs[:]...) != nil {
		e.malformed(Reason{Why: BadEscape})
		return e
	}
	e.Secret = credential.NewSecret(password)
	if !strings.EqualFold(scheme, "https") {
		e.malformed(Reason{Why: OtherScheme, Name: strings.ToLower(scheme)})
	}
	return e
}
