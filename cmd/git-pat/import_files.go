package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/importer"
	"github.com/git-credential-pat/git-credential-pat/credential"
)

// files are a source of files that have a log-in for each of several hosts.
type files struct {
	paths []string

	// parse reads the entries of one file, each with the bytes it is made of.
	parse func(data string) []*item
}

var _ source = (*files)(nil)

// newFiles returns the files that a person named, or those of the usual ones
// that are there.
func newFiles(named []string, usual func() []string, parse func(string) []*item) (source, error) {
	if len(named) > 0 {
		return &files{named, parse}, nil
	}
	all := usual()
	there := slices.DeleteFunc(slices.Clone(all), func(path string) bool {
		_, err := os.Stat(path)
		return errors.Is(err, fs.ErrNotExist)
	})
	if len(there) == 0 {
		return nil, &fault{text: "there is nothing to import: no " + strings.Join(all, " and no "), hint: "if it is in another file, name that"}
	}
	return &files{there, parse}, nil
}

func (f *files) items(*app) ([]*item, error) {
	var all []*item
	for _, path := range f.paths {
		data, _, err := importer.ReadFile(path)
		if err != nil {
			return nil, err
		}
		for _, e := range f.parse(data) {
			e.file, e.place, e.text = path, fmt.Sprintf("%s:%d", path, e.line), textOf(data, e)
			all = append(all, e)
		}
	}
	return all, nil
}

// textOf returns the bytes that an entry is made of, by which it is found again
// when the file has changed.
func textOf(data string, e *item) credential.Secret {
	var text string
	for _, span := range e.spans {
		text += data[span[0]:span[1]] + "\n"
	}
	return credential.NewSecret(text)
}

func (f *files) question() string {
	return "Remove what is kept from " + strings.Join(f.paths, " and ") + "?"
}

func (f *files) remove(a *app, items []*item) error {
	changed := false
	for _, path := range f.paths {
		removed := 0
		found := map[*item]bool{}
		err := rewrite(path, func(data string) string {
			var spans [][2]int
			for _, now := range f.parse(data) {
				isKept := false
				for _, e := range items {
					if e.kept() && e.file == path && e.text.Equal(textOf(data, now)) {
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
			return err
		}
		if removed > 0 {
			a.ui.say("removed %s from %s", count(removed, "entry", "entries"), path)
		}
		for _, e := range items {
			if e.kept() && e.file == path && !found[e] {
				a.ui.say("%s was changed meanwhile, so nothing of it is removed", plain(e.place))
				changed = true
			}
		}
	}
	if changed {
		return errSaid
	}
	return nil
}

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
		return &fault{
			text: fmt.Sprintf("another program is changing %s, so nothing is removed from it", path),
			hint: "if none is, it was killed, and left a file to be deleted:", commands: []string{"rm " + shellWord(lock)},
		}
	}
	if err != nil {
		return err
	}
	err = func() error {
		defer f.Close()
		data, info, err := importer.ReadFile(target)
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
func parseCredentials(data string) []*item {
	var entries []*item
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

func parseCredential(text string) *item {
	e := &item{}
	scheme, rest, ok := strings.Cut(text, "://")
	authority, path, _ := strings.Cut(rest, "/")
	login, host, hasLogin := strings.Cut(authority, "@")
	login, password, hasPassword := strings.Cut(login, ":")
	// Where a mark stands in a password as it is, what looks like the host is a
	// part of it.
	if !ok || !hasLogin || !hasPassword || strings.Count(text, "@") > 1 {
		e.malformed("it is no URL with a user name and a password")
		return e
	}
	var errs [4]error
	e.host, errs[0] = url.PathUnescape(host)
	e.path, errs[1] = url.PathUnescape(strings.Trim(path, "/"))
	e.login, errs[2] = url.PathUnescape(login)
	password, errs[3] = url.PathUnescape(password)
	if errors.Join(errs[:]...) != nil {
		e.malformed("it has a % that begins no code")
		return e
	}
	e.secret = credential.NewSecret(password)
	if !strings.EqualFold(scheme, "https") {
		e.malformed("it is for " + quote(strings.ToLower(scheme)) + ", and tokens work over https only")
	}
	return e
}
