// Package record stores the records: small files that say what each token is for.
// They contain no secrets.
//
// A [Tree] has the records in folders named by host and path. A lookup takes no
// lock and writes nothing. Its cost does not depend on the number of tokens.
package record

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/credential/forge"
	"github.com/git-credential-pat/git-credential-pat/store/disk"
)

// A Tree has the records, one file for each. The names of the folders are the
// index:
//
//	tokens/github.com/@/classic.record            for all of github.com
//	tokens/github.com/acme/@/laptop.record        for one owner
//	tokens/github.com/acme/widgets/@/ci.record    for one repository
//	tokens/github.com/acme/@/laptop.aside         mark: the token is set aside
//	tokens/github.com/acme/@/laptop.used          its time is that of the last use
//	tokens/github.com/acme/@/laptop.warned        its time is that of the last warning
//	asked/...                                     Git asked and got no answer
//	others/github.com@acme                        another helper answered for acme
//
// The records of a folder are in a folder @ of their own. So a lookup does not
// have to list the folders of a hundred thousand owners. What changes when Git
// uses a token is in a separate file, so two programs cannot undo each other's
// changes to a record.
//
// A folder only narrows the search; the target in the record decides. The key of
// a record is its path without the ending, such as github.com/acme/@/laptop.
//
// The methods return a *disk.FileError if the folders or files are not safe to
// use or cannot be written, and otherwise the error of the system.
type Tree struct{ dir string }

const (
	recordEnding = ".record"
	asideEnding  = ".aside"
	usedEnding   = ".used"
	warnedEnding = ".warned"

	own      = "@" // the folder of the records of a folder; escape never returns it
	maxDepth = 8   // folders below the host; records for longer paths are in the eighth
	maxName  = 200 // bytes of an escaped segment; file systems allow 255 with the ending

	// maxRecords limits the number of records in a folder, because a lookup reads
	// all of them.
	maxRecords = 1000

	noteInterval = 24 * time.Hour // a note is not repeated before
)

// NewTree returns the tree in a folder. It does not read or create anything.
func NewTree(dir string) *Tree { return &Tree{filepath.Clean(dir)} }

// Dir returns the folder of the tree.
func (t *Tree) Dir() string { return t.dir }

func (t *Tree) tokens() string { return filepath.Join(t.dir, "tokens") }

// check returns an error if another user could have changed the records or
// secrets. A missing tree is safe.
func (t *Tree) check() error {
	// A symbolic link is the choice of the person.
	if err := disk.CheckOurs(t.dir); err != nil {
		return err
	}
	return disk.CheckPrivate(t.tokens())
}

// path returns the path of the file for a key.
func (t *Tree) path(key, ending string) string {
	return filepath.Join(t.tokens(), filepath.FromSlash(key+ending))
}

// Lookup returns the records that may be for a path of a host. They are in the
// folder of the host and in the folders along the path; no other folder is read.
// Damaged records are included. The time of the last use is not.
func (t *Tree) Lookup(host, path string) ([]credential.Candidate, error) {
	return t.along(folders(host, path), false)
}

// Near returns the records of Lookup with the time of the last use, and also if
// there are too many for Lookup. It is for programs that change or remove
// records.
func (t *Tree) Near(host, path string) ([]credential.Candidate, error) {
	return t.along(folders(host, path), true)
}

// along returns the records in a folder and its subfolders along a path, given
// as names.
func (t *Tree) along(names []string, times bool) ([]credential.Candidate, error) {
	if err := t.check(); err != nil {
		return nil, err
	}
	for try := 0; ; try++ {
		found, err := t.readAlong(names, times)
		live, moved := t.live(found)
		if err != nil || !moved || try == 2 {
			return live, err
		}
		// The record that replaced it may have been written after its folder was read.
	}
}

func (t *Tree) readAlong(names []string, times bool) ([]credential.Candidate, error) {
	var found []credential.Candidate
	for i := range names {
		if isTooLong(names[i]) {
			break
		}
		folder := strings.Join(names[:i+1], "/")
		records, err := t.folder(folder, times)
		if err != nil {
			return nil, err
		}
		if records == nil && 0 < i && i < len(names)-1 {
			// Usually the folder is missing, and so are all below.
			if _, err := os.Lstat(t.path(folder, "")); errors.Is(err, fs.ErrNotExist) {
				break
			}
		}
		found = append(found, records...)
	}
	return found, nil
}

// folder returns the records of a folder, with the time of the last use if times
// is true. A missing folder has none.
func (t *Tree) folder(folder string, times bool) ([]credential.Candidate, error) {
	folder += "/" + own
	files, err := disk.List(t.path(folder, ""))
	if err != nil {
		return nil, err
	}
	has := func(name string) bool {
		_, ok := slices.BinarySearch(files, name)
		return ok
	}
	var found []credential.Candidate
	for _, file := range files {
		name, ok := strings.CutSuffix(file, recordEnding)
		if !ok || disk.IsTemporary(name) {
			continue
		}
		if len(found) == maxRecords && !times {
			return nil, &disk.FileError{Path: t.path(folder, ""), Reason: fmt.Sprintf("contains more than %d tokens", maxRecords), Advice: "remove tokens that you no longer use"}
		}
		c := t.read(folder + "/" + name)
		if has(name + asideEnding) {
			c.Aside = t.aside(c)
		}
		if times && has(name+usedEnding) {
			c.Used = t.used(c.Key)
		}
		found = append(found, c)
	}
	return found, nil
}

// Find returns the record of a key. The error wraps fs.ErrNotExist if there is
// none.
func (t *Tree) Find(key string) (credential.Candidate, error) {
	if err := t.check(); err != nil {
		return credential.Candidate{}, err
	}
	if !isKey(key) {
		return credential.Candidate{}, fs.ErrNotExist
	}
	if _, err := os.Lstat(t.path(key, recordEnding)); err != nil {
		return credential.Candidate{}, err
	}
	c := t.read(key)
	c.Aside = t.aside(c)
	c.Used = t.used(key)
	return c, nil
}

// read returns the record of a key. If the record cannot be read, Damaged says
// why, and the key tells its target and name.
func (t *Tree) read(key string) credential.Candidate {
	r, err := parse(t.path(key, recordEnding))
	if err != nil {
		r = fromKey(key)
	}
	return credential.Candidate{Record: r, Key: key, Damaged: err}
}

// AtKey returns the target and the name that a key tells. ok is false if no
// record can have the key.
func AtKey(key string) (r credential.Record, ok bool) {
	if !isKey(key) {
		return r, false
	}
	return fromKey(key), true
}

func fromKey(key string) (r credential.Record) {
	segments := strings.Split(key, "/")
	folders, name := segments[:len(segments)-2], segments[len(segments)-1]
	r.Host, r.Name = unescape(folders[0]), unescape(name)
	if len(folders) > 1 {
		r.Paths = []string{unescape(strings.Join(folders[1:], "/"))}
	}
	return r
}

func parse(path string) (credential.Record, error) {
	data, err := disk.ReadWhole(path, false)
	if err != nil {
		return credential.Record{}, err
	}
	r, written, err := parseRecord(data)
	if written > format {
		return r, &disk.FileError{Path: path, Reason: "was written by a newer version of this program", Advice: "install that version", Newer: true}
	}
	host, hostErr := credential.ParseHost(r.Host)
	target, targetErr := r.Target.On(r.On())
	if !r.IsToken() && targetErr == nil {
		r.Target = target // older versions wrote the path of a password as Git sent it
	}
	if err != nil || hostErr != nil || targetErr != nil || host != r.Host || !target.Equal(r.Target) || !r.Kind.Known() || !isForge(r.Forge) || !r.Access.Known() || r.Name == "" || r.Store == "" {
		return r, &disk.FileError{Path: path, Reason: "is damaged", Advice: disk.AdviceAgain}
	}
	return r, nil
}

// isForge reports whether a record may name a forge; most do not.
func isForge(f forge.Forge) bool {
	named, ok := forge.Named(string(f))
	return f == forge.Other || ok && named == f
}

// Put writes a record. It replaces a record with the same key.
func (t *Tree) Put(r credential.Record) error { return t.put(r, false) }

// Create writes a new record. The error wraps fs.ErrExist if a record has the
// same key.
func (t *Tree) Create(r credential.Record) error { return t.put(r, true) }

func (t *Tree) put(r credential.Record, fresh bool) error {
	if err := t.check(); err != nil {
		return err
	}
	path := t.path(Key(r), recordEnding)
	data, err := t.encode(r)
	if err != nil {
		return err
	}
	if err := t.hasRoom(path); err != nil {
		return err
	}
	return disk.WriteWhole(path, data, fresh)
}

// Check returns the error that Put would return because of the record itself. A
// secret that replaces another one is written after this.
func (t *Tree) Check(r credential.Record) error {
	_, err := t.encode(r)
	return err
}

// encode returns the content of the file of a record. A record that could not be
// read again would be useless and block the key.
func (t *Tree) encode(r credential.Record) ([]byte, error) {
	fail := func(reason string) ([]byte, error) {
		return nil, &disk.FileError{Path: t.path(Key(r), recordEnding), Reason: reason}
	}
	data, err := formatRecord(r)
	switch {
	case err != nil:
		return fail("cannot store this record: " + err.Error())
	case len(data) >= disk.MaxFile:
		return fail("would be too large")
	case !isKey(Key(r)):
		return fail("would have a name that is too long")
	}
	for _, text := range append([]string{r.Name, r.Username, r.Store}, r.Paths...) {
		if !utf8.ValidString(text) {
			return fail("would contain invalid UTF-8")
		}
	}
	for _, t := range []time.Time{r.Added, r.Expires} {
		if t.Year() > 9999 || t.Year() < 0 {
			return fail("would contain a year that is not from 0 to 9999")
		}
	}
	return data, nil
}

// hasRoom returns an error if a new record would exceed maxRecords.
func (t *Tree) hasRoom(path string) error {
	if _, err := os.Lstat(path); err == nil {
		return nil // the record is replaced
	}
	dir := filepath.Dir(path)
	files, err := disk.List(dir)
	if err != nil {
		return nil // writing returns the error
	}
	records := 0
	for _, name := range files {
		if strings.HasSuffix(name, recordEnding) {
			records++
		}
	}
	if records >= maxRecords {
		return &disk.FileError{Path: dir, Reason: fmt.Sprintf("already contains %d tokens, which is the limit", records), Advice: "remove tokens that you no longer use"}
	}
	return nil
}

// Remove removes a record and its marks. A missing record is not an error.
func (t *Tree) Remove(key string) error {
	if err := t.check(); err != nil {
		return err
	}
	for _, ending := range []string{usedEnding, warnedEnding, asideEnding} {
		if err := disk.RemoveFile(t.path(key, ending)); err != nil {
			return err
		}
	}
	return disk.RemoveUp(t.path(key, recordEnding), t.tokens())
}
