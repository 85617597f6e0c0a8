// Package record keeps the records: small files that say what each token is for
// and hold no secret.
//
// A [Tree] has them in folders named by host and path. Looking one up takes no
// lock, writes nothing, and costs the same with one token as with a hundred
// thousand.
package record

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store/disk"
)

// A Tree has the records. They are small files in folders named by host and
// path, so that the folders are the index:
//
//	tokens/github.com/@/classic.record            for all of github.com
//	tokens/github.com/acme/@/laptop.record        for one owner
//	tokens/github.com/acme/widgets/@/ci.record    for one repository
//	tokens/github.com/acme/@/laptop.aside         it was refused: when and why
//	tokens/github.com/acme/@/laptop.used          its time is that of the last use
//	tokens/github.com/acme/@/laptop.warned        that of the last word on its end
//	asked/...                                     Git asked for this a moment ago
//	others/github.com@acme                        somebody else answered for acme
//
// The records of a folder are in an @ of their own beside the folders below,
// so that reading them does not mean listing a hundred thousand owners. What
// Git's calls change stands beside a record and never in it, so that two
// programs cannot undo each other's changes.
//
// Folders narrow a search; the target in the record decides. A record's key is
// its path in the tree without the ending, github.com/acme/@/laptop.
type Tree struct{ dir string }

const (
	recordEnding = ".record"
	asideEnding  = ".aside"
	usedEnding   = ".used"
	warnedEnding = ".warned"

	here     = "@" // the folder of a place's own records; no segment escapes to it
	maxDepth = 8   // folders below the host's; what is deeper is in the eighth
	maxName  = 200 // bytes of an escaped segment, which file systems allow 255; no record has a longer one

	// maxHere is how many tokens there may be for one host, one owner's several
	// repositories, or one repository. Every lookup reads all of them.
	maxHere = 1000

	noted = 24 * time.Hour // how long a note of the same thing is not made again
)

// NewTree returns the tree in a folder. Nothing is read or made before it is
// needed.
func NewTree(dir string) *Tree { return &Tree{filepath.Clean(dir)} }

// Dir returns the folder that the tree is in.
func (t *Tree) Dir() string { return t.dir }

func (t *Tree) tokens() string { return filepath.Join(t.dir, "tokens") }

// check makes sure that nobody else can put records or secrets in place of
// ours. A tree that is not there yet is safe.
func (t *Tree) check() error {
	s, err := disk.Stat(t.dir) // a link is the person's own choice
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case !s.Mode.IsDir():
		return &disk.FileError{Path: t.dir, Reason: "is not a folder", Advice: disk.AdviceFolder}
	case !s.Ours:
		return &disk.FileError{Path: t.dir, Reason: "belongs to another user", Advice: disk.AdviceFolder}
	case disk.OthersMay(s.Mode, 0o022):
		return &disk.FileError{Path: t.dir, Reason: "can be changed by other users", Advice: "chmod go-w " + credential.ShellWord(t.dir), Mode: s.Mode.Perm() &^ 0o022}
	}
	return disk.CheckPrivate(t.tokens())
}

// path returns the name of the file that has a key's record or mark.
func (t *Tree) path(key, ending string) string {
	return filepath.Join(t.tokens(), filepath.FromSlash(key+ending))
}

// Lookup returns the records that may be for a path of a host: those for the
// host, and in each folder on the way down. Damaged ones are among them. It
// opens no more folders than that.
func (t *Tree) Lookup(host, path string) ([]credential.Candidate, error) {
	return t.onTheWay(folders(host, path), false)
}

// Near is Lookup for who removes or changes a record: with the times of the last
// use, and also where there are too many records for a lookup.
func (t *Tree) Near(host, path string) ([]credential.Candidate, error) {
	return t.onTheWay(folders(host, path), true)
}

// onTheWay returns the records in each of the folders, from the first one down.
func (t *Tree) onTheWay(names []string, times bool) ([]credential.Candidate, error) {
	if err := t.check(); err != nil {
		return nil, err
	}
	var found []credential.Candidate
	for i := range names {
		if len(names[i]) > maxName {
			break
		}
		in := strings.Join(names[:i+1], "/")
		some, err := t.folder(in, times)
		if err != nil {
			return nil, err
		}
		if some == nil && 0 < i && i < len(names)-1 {
			// Most often the folder is not there, nor any below it.
			if _, err := disk.Lstat(filepath.Join(t.tokens(), filepath.FromSlash(in))); errors.Is(err, fs.ErrNotExist) {
				break
			}
		}
		found = append(found, some...)
	}
	return found, nil
}

// folder returns the records in one folder, with the time of their last use if
// times. One that is not there has none.
func (t *Tree) folder(in string, times bool) ([]credential.Candidate, error) {
	in += "/" + here
	files, err := disk.List(t.path(in, ""))
	if err != nil || len(files) == 0 {
		return nil, err
	}
	return t.records(in, files, times)
}

// records is folder for the sorted names of the files in it.
func (t *Tree) records(in string, files []string, times bool) ([]credential.Candidate, error) {
	dir := t.path(in, "")
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
		if len(found) == maxHere && !times {
			return nil, &disk.FileError{Path: dir, Reason: fmt.Sprintf("contains more than %d tokens", maxHere), Advice: "remove tokens that you no longer use"}
		}
		c := t.read(in + "/" + name)
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

// Find returns the record of a key.
func (t *Tree) Find(key string) (credential.Candidate, error) {
	if err := t.check(); err != nil {
		return credential.Candidate{}, err
	}
	if !isKey(key) {
		return credential.Candidate{}, fs.ErrNotExist
	}
	if _, err := disk.Lstat(t.path(key, recordEnding)); err != nil {
		return credential.Candidate{}, err
	}
	c := t.read(key)
	c.Aside = t.aside(c)
	c.Used = t.used(key)
	return c, nil
}

// read returns the record of a key. What is wrong with it stands in Damaged;
// its target is that of its place then.
func (t *Tree) read(key string) credential.Candidate {
	path := t.path(key, recordEnding)
	r, err := parse(path)
	if err == nil {
		return credential.Candidate{Record: r, Key: key}
	}
	c := atPlace(key)
	c.Damaged = err
	return c
}

// AtKey returns the target and the name of the record that a key may be of, as far
// as the key tells them. It is not ok if no record can have the key.
func AtKey(key string) (r credential.Record, ok bool) {
	if !isKey(key) {
		return r, false
	}
	return atPlace(key).Record, true
}

// atPlace returns what the place of a record tells of it.
func atPlace(key string) credential.Candidate {
	segments := strings.Split(key, "/")
	in, name := segments[:len(segments)-2], segments[len(segments)-1]
	c := credential.Candidate{Key: key}
	c.Host, c.Name = unescape(in[0]), unescape(name)
	if len(in) > 1 {
		c.Paths = []string{unescape(strings.Join(in[1:], "/"))}
	}
	return c
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
	target, targetErr := r.Target.For(r.Kind)
	if err != nil || hostErr != nil || targetErr != nil || host != r.Host || !target.Equal(r.Target) || !r.Kind.Known() || !r.Access.Known() || r.Name == "" || r.Store == "" {
		return r, &disk.FileError{Path: path, Reason: "is damaged", Advice: disk.AdviceAgain}
	}
	return r, nil
}

// Put writes a record in place of the one that has its key, if any.
func (t *Tree) Put(r credential.Record) error { return t.put(r, false) }

// Create writes a record under a key that no record has; the error is
// fs.ErrExist if one has.
func (t *Tree) Create(r credential.Record) error { return t.put(r, true) }

func (t *Tree) put(r credential.Record, fresh bool) error {
	if err := t.check(); err != nil {
		return err
	}
	// What could not be read back as it is would be in the way ever after.
	path := t.path(Key(r), recordEnding)
	data, err := formatRecord(r)
	if err != nil {
		return &disk.FileError{Path: path, Reason: "cannot store this record: " + err.Error()}
	}
	if len(data) >= disk.MaxFile {
		return &disk.FileError{Path: path, Reason: "would be too large"}
	}
	for _, text := range append([]string{r.Name, r.Username, r.Store}, r.Paths...) {
		if !utf8.ValidString(text) {
			return &disk.FileError{Path: path, Reason: "would contain invalid UTF-8"}
		}
	}
	for _, t := range []time.Time{r.Added, r.Expires} {
		if t.Year() > 9999 || t.Year() < 0 {
			return &disk.FileError{Path: path, Reason: "would contain a year that is not from 0 to 9999"}
		}
	}
	if !isKey(Key(r)) {
		return &disk.FileError{Path: path, Reason: "would have a name that is too long"}
	}
	if err := t.hasRoom(path); err != nil {
		return err
	}
	return disk.WriteWhole(path, data, fresh)
}

// hasRoom makes sure that a new record does not make its folder too full to be
// read at each lookup.
func (t *Tree) hasRoom(path string) error {
	if _, err := disk.Lstat(path); err == nil {
		return nil // it is replaced
	}
	dir := filepath.Dir(path)
	files, err := disk.List(dir)
	if err != nil {
		return nil // the writing will tell
	}
	records := 0
	for _, name := range files {
		if strings.HasSuffix(name, recordEnding) {
			records++
		}
	}
	if records >= maxHere {
		return &disk.FileError{Path: dir, Reason: fmt.Sprintf("already contains %d tokens, which is the limit", records), Advice: "remove tokens that you no longer use"}
	}
	return nil
}

// Remove removes a record and its marks. One that is not there is no error.
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
