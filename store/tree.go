package store

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/git-credential-pat/git-credential-pat/credential"
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
// Folders narrow a search; the scope in the record decides. A record's key is
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
	s, err := stat(t.dir) // a link is the person's own choice
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case !s.mode.IsDir():
		return &FileError{Path: t.dir, Reason: "is no folder", Advice: adviceFolder}
	case !s.ours:
		return &FileError{Path: t.dir, Reason: "belongs to somebody else", Advice: adviceFolder}
	case othersMay(s.mode, 0o022):
		return &FileError{Path: t.dir, Reason: "can be changed by others", Advice: "chmod go-w " + credential.ShellWord(t.dir), Mode: s.mode.Perm() &^ 0o022}
	}
	return checkPrivate(t.tokens())
}

// checkPrivate makes sure that a folder, if it is there, is only ours.
func checkPrivate(dir string) error {
	s, err := lstat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case s.mode&fs.ModeSymlink != 0:
		return &FileError{Path: dir, Reason: "is a symbolic link", Advice: adviceFolder}
	case !s.mode.IsDir():
		return &FileError{Path: dir, Reason: "is no folder", Advice: adviceFolder}
	case !s.ours:
		return &FileError{Path: dir, Reason: "belongs to somebody else", Advice: adviceFolder}
	case othersMay(s.mode, 0o077):
		return &FileError{Path: dir, Reason: "is open to others", Advice: "chmod 700 " + credential.ShellWord(dir), Mode: 0o700}
	}
	return nil
}

// escape makes a segment of a host, path or name fit for the name of a file on
// every system. No two segments that differ by more than the case of ASCII
// letters share a name, and none gets that of a folder above, of another
// segment's mark, or one that Windows keeps for itself.
func escape(segment string) string {
	var b strings.Builder
	for i := 0; i < len(segment); i++ {
		c := segment[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		plain := 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '_' || c == '-' ||
			c == '.' && i > 0 && i < len(segment)-1
		if plain && !(i == 0 && isReserved(segment)) {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	if b.Len() == 0 {
		return "%"
	}
	return b.String()
}

// isReserved reports whether Windows takes a name for a device, with any
// extension: "Naming Files, Paths, and Namespaces" in its documentation.
func isReserved(name string) bool {
	base, _, _ := strings.Cut(strings.ToLower(name), ".")
	switch base {
	case "con", "prn", "aux", "nul":
		return true
	}
	return len(base) == 4 && (strings.HasPrefix(base, "com") || strings.HasPrefix(base, "lpt")) &&
		'0' <= base[3] && base[3] <= '9'
}

// unescape is for showing where a record is whose content cannot be read.
func unescape(name string) string {
	var b strings.Builder
	for i := 0; i < len(name); i++ {
		if name[i] == '%' && i+2 < len(name) {
			if c, err := hex.DecodeString(name[i+1 : i+3]); err == nil {
				b.Write(c)
				i += 2
				continue
			}
		}
		b.WriteByte(name[i])
	}
	return b.String()
}

// folders returns the names of the folders, from the host's down, in which
// records for a path may be. The endings of a repository that GitHub does not
// count are cut off, so that one folder has what is kept for any of its URLs.
func folders(host, path string) []string {
	names := []string{escape(host)}
	path = strings.Trim(path, "/")
	for i := 0; path != "" && i < maxDepth; i++ {
		var segment string
		segment, path, _ = strings.Cut(path, "/")
		if i == 1 {
			segment = trimEnding(trimEnding(segment, ".git"), ".wiki")
		}
		names = append(names, escape(segment))
	}
	return names
}

func trimEnding(s, ending string) string {
	if n := len(s) - len(ending); n > 0 && strings.EqualFold(s[n:], ending) {
		return s[:n]
	}
	return s
}

// isTooLong reports whether no record is in a folder, since its name would be too
// long.
func isTooLong(name string) bool { return len(name) > maxName }

// place returns the folder of a scope's records, relative to tokens, with
// slashes. Several repositories of an owner are in the owner's.
func place(scope credential.Scope) string {
	path := ""
	switch len(scope.Paths) {
	case 0:
	case 1:
		path = scope.Paths[0]
	default:
		path = scope.Owner()
	}
	return strings.Join(append(folders(scope.Host, path), here), "/")
}

// Key returns the key of a record.
func Key(r credential.Record) string { return place(r.Scope) + "/" + escape(r.Name) }

// isKey reports whether a text could be a key, so that it may be made a path.
func isKey(key string) bool {
	segments := strings.Split(key, "/")
	if len(segments) < 3 || segments[len(segments)-2] != here {
		return false
	}
	for i, segment := range segments {
		if i == len(segments)-2 {
			continue
		}
		if segment == "" || len(segment) > maxName || strings.HasPrefix(segment, ".") ||
			strings.Trim(segment, "abcdefghijklmnopqrstuvwxyzABCDEF0123456789._-%") != "" {
			return false
		}
	}
	return true
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
			if _, err := lstat(filepath.Join(t.tokens(), filepath.FromSlash(in))); errors.Is(err, fs.ErrNotExist) {
				break
			}
		}
		found = append(found, some...)
	}
	return found, nil
}

// Host returns the records of a host one after another, those for the whole
// host first.
func (t *Tree) Host(host string) iter.Seq2[credential.Candidate, error] { return t.Within(host, "") }

// Within returns the records that may be for a path of a host or for a part of
// it, one after another: those in the folders on the way down, and all below.
func (t *Tree) Within(host, path string) iter.Seq2[credential.Candidate, error] {
	return func(yield func(credential.Candidate, error) bool) {
		names := folders(host, path)
		last := len(names) - 1
		above, err := t.onTheWay(names[:last], true)
		if err != nil {
			yield(credential.Candidate{}, err)
			return
		}
		for _, c := range above {
			if !yield(c, nil) {
				return
			}
		}
		if slices.ContainsFunc(names, isTooLong) {
			return
		}
		t.walk(strings.Join(names, "/"), nil, yield)
	}
}

// Beginning returns the records whose path may begin with a text, which may end
// within a segment: those in the folder of the segments that are whole, and all
// in the folders below it whose names go on like that.
func (t *Tree) Beginning(host, text string) iter.Seq2[credential.Candidate, error] {
	return func(yield func(credential.Candidate, error) bool) {
		whole, segment := "", text
		if i := strings.LastIndexByte(text, '/'); i >= 0 {
			whole, segment = text[:i], text[i+1:]
		}
		names := folders(host, whole)
		if slices.ContainsFunc(names, isTooLong) {
			return
		}
		in := strings.Join(names, "/")
		err := t.check()
		var some []credential.Candidate
		if err == nil {
			some, err = t.folder(in, true)
		}
		if err != nil {
			yield(credential.Candidate{}, err)
			return
		}
		for _, c := range some {
			if !yield(c, nil) {
				return
			}
		}
		goesOn := func(name string) bool {
			name = unescape(name)
			return len(name) >= len(segment) && credential.EqualFold(name[:len(segment)], segment)
		}
		names, err = t.below(in, nil)
		if err != nil {
			yield(credential.Candidate{}, err)
			return
		}
		for _, name := range names {
			if name != here && goesOn(name) && !t.walk(in+"/"+name, nil, yield) {
				return
			}
		}
	}
}

// All returns all records one after another.
func (t *Tree) All() iter.Seq2[credential.Candidate, error] {
	return func(yield func(credential.Candidate, error) bool) { t.all(nil, yield) }
}

// Survey returns all records, and the temporary files that killed writers left
// beside them. A writer sweeps those of its own folder only.
func (t *Tree) Survey() (records []credential.Candidate, leftovers []string, err error) {
	t.all(func(path string) { leftovers = append(leftovers, path) }, func(c credential.Candidate, bad error) bool {
		if bad == nil {
			records = append(records, c)
		}
		err = bad
		return bad == nil
	})
	return records, leftovers, err
}

func (t *Tree) all(leftover func(path string), yield func(credential.Candidate, error) bool) {
	if err := t.check(); err != nil {
		yield(credential.Candidate{}, err)
		return
	}
	names, err := t.below("", leftover)
	if err != nil {
		yield(credential.Candidate{}, err)
		return
	}
	for _, name := range names {
		if !t.walk(name, leftover, yield) {
			return
		}
	}
}

// Hosts returns the hosts that have records.
func (t *Tree) Hosts() []string {
	var hosts []string
	entries, _ := os.ReadDir(t.tokens())
	for _, entry := range entries {
		if entry.IsDir() {
			hosts = append(hosts, unescape(entry.Name()))
		}
	}
	return hosts
}

// skipMissing is the error of a walk without those for what is not there, or
// not any more.
func skipMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// walk yields the records of a folder and those below it, and reports whether
// to go on. It calls leftover, unless nil, with each file that a killed writer
// left.
func (t *Tree) walk(in string, leftover func(path string), yield func(credential.Candidate, error) bool) bool {
	own := in + "/" + here
	files, err := list(t.path(own, ""))
	if err != nil {
		return yield(credential.Candidate{}, err)
	}
	some, err := t.records(own, files, true)
	if err != nil {
		return yield(credential.Candidate{}, err)
	}
	for _, c := range some {
		if !yield(c, nil) {
			return false
		}
	}
	if leftover != nil && slices.ContainsFunc(files, isTemporary) { // rarely
		if _, err := t.below(own, leftover); err != nil {
			return yield(credential.Candidate{}, err)
		}
	}
	if strings.Count(in, "/") == maxDepth {
		return true
	}
	names, err := t.below(in, leftover)
	if err != nil {
		return yield(credential.Candidate{}, err)
	}
	for _, name := range names {
		if name != here && !t.walk(in+"/"+name, leftover, yield) {
			return false
		}
	}
	return true
}

// below returns the names of the folders in one, which need not be there.
func (t *Tree) below(in string, leftover func(path string)) ([]string, error) {
	dir := filepath.Join(t.tokens(), filepath.FromSlash(in))
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, skipMissing(err)
	}
	var names []string
	for _, entry := range entries {
		switch {
		case entry.IsDir():
			names = append(names, entry.Name())
		case leftover != nil && entry.Type().IsRegular() && isLeftover(entry):
			leftover(filepath.Join(dir, entry.Name()))
		}
	}
	return names, nil
}

// folder returns the records in one folder, with the time of their last use if
// times. One that is not there has none.
func (t *Tree) folder(in string, times bool) ([]credential.Candidate, error) {
	in += "/" + here
	files, err := list(t.path(in, ""))
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
		if !ok || isTemporary(name) {
			continue
		}
		if len(found) == maxHere && !times {
			return nil, &FileError{Path: dir, Reason: fmt.Sprintf("holds more than %d tokens", maxHere), Advice: "git pat remove those that are not used"}
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
	if _, err := lstat(t.path(key, recordEnding)); err != nil {
		return credential.Candidate{}, err
	}
	c := t.read(key)
	c.Aside = t.aside(c)
	c.Used = t.used(key)
	return c, nil
}

// read returns the record of a key. What is wrong with it stands in Damaged;
// its scope is that of its place then.
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
	data, err := readWhole(path, false)
	if err != nil {
		return credential.Record{}, err
	}
	r, written, err := parseRecord(data)
	if written > format {
		return r, &FileError{Path: path, Reason: "was written by a newer version of this program", Advice: "install that version", Newer: true}
	}
	host, hostErr := credential.ParseHost(r.Host)
	scope, scopeErr := r.Scope.For(r.Kind)
	if err != nil || hostErr != nil || scopeErr != nil || host != r.Host || !scope.Equal(r.Scope) || !r.Kind.Known() || !r.Access.Known() || r.Name == "" || r.Store == "" {
		return r, &FileError{Path: path, Reason: "is damaged", Advice: adviceAgain}
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
		return &FileError{Path: path, Reason: "cannot hold this record: " + err.Error()}
	}
	if len(data) >= maxFile {
		return &FileError{Path: path, Reason: "would be too large"}
	}
	for _, text := range append([]string{r.Name, r.Username, r.Store, r.Copy}, r.Paths...) {
		if !utf8.ValidString(text) {
			return &FileError{Path: path, Reason: "would hold text that is not UTF-8"}
		}
	}
	for _, t := range []time.Time{r.Added, r.Expires} {
		if t.Year() > 9999 || t.Year() < 0 {
			return &FileError{Path: path, Reason: "would hold a year that RFC 3339 cannot write"}
		}
	}
	if !isKey(Key(r)) {
		return &FileError{Path: path, Reason: "would have a name that is too long"}
	}
	if err := t.hasRoom(path); err != nil {
		return err
	}
	return writeWhole(path, data, fresh)
}

// hasRoom makes sure that a new record does not make its folder too full to be
// read at each lookup.
func (t *Tree) hasRoom(path string) error {
	if _, err := lstat(path); err == nil {
		return nil // it is replaced
	}
	dir := filepath.Dir(path)
	files, err := list(dir)
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
		return &FileError{Path: dir, Reason: fmt.Sprintf("holds %d tokens already, and no more fit", records), Advice: "git pat remove those that are not used"}
	}
	return nil
}

// Remove removes a record and its marks. One that is not there is no error.
func (t *Tree) Remove(key string) error {
	if err := t.check(); err != nil {
		return err
	}
	for _, ending := range []string{usedEnding, warnedEnding, asideEnding} {
		if err := removeFile(t.path(key, ending)); err != nil {
			return err
		}
	}
	return removeUp(t.path(key, recordEnding), t.tokens())
}

// SetAside writes the mark of a token that was refused.
func (t *Tree) SetAside(key string, aside credential.Aside) error {
	data, err := formatAside(aside)
	if err != nil {
		return err
	}
	return writeWhole(t.path(key, asideEnding), data, false)
}

// NoteOffer notes that a token that is set aside was offered once more.
func (t *Tree) NoteOffer(c credential.Candidate, now time.Time) error {
	aside := *c.Aside
	aside.Offered = now.UTC()
	return t.SetAside(c.Key, aside)
}

// Restore takes back SetAside. It is no error if there is nothing to take
// back.
func (t *Tree) Restore(key string) error {
	return removeFile(t.path(key, asideEnding))
}

// aside returns the mark that a token was refused. One that cannot be read
// counts: what was set aside must not come back by an accident. One about an
// older secret of the record does not.
func (t *Tree) aside(c credential.Candidate) *credential.Aside {
	path := t.path(c.Key, asideEnding)
	data, err := readWhole(path, false)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	var aside credential.Aside
	if err == nil {
		aside, err = parseAside(data)
	}
	if err != nil {
		aside = credential.Aside{Reason: "refused"}
		if info, err := os.Lstat(path); err == nil {
			aside.Time = info.ModTime()
		}
	}
	if c.Damaged == nil && !aside.Added.IsZero() && !aside.Added.Equal(c.Added) {
		return nil
	}
	return &aside
}

// NoteUse notes that a token was used, once a day.
func (t *Tree) NoteUse(key string, now time.Time) error {
	return note(t.path(key, usedEnding), t.used(key), now)
}

func (t *Tree) used(key string) time.Time { return modified(t.path(key, usedEnding)) }

// NoteWarning notes that a person was told of a token's end, and reports
// whether that is to be done: not if it was done within a day, and not if it
// cannot be noted, or they would be told with every fetch.
func (t *Tree) NoteWarning(key string, now time.Time) bool {
	file := t.path(key, warnedEnding)
	last := modified(file)
	return !NotedLately(last, now) && note(file, last, now) == nil
}

// Others tells when somebody else last answered for a path, as far as noted:
// another helper, or the person.
func (t *Tree) Others(host, path string) time.Time { return modified(t.others(host, path)) }

// NoteOthers notes that somebody else answered for a path, once a day.
func (t *Tree) NoteOthers(host, path string, now time.Time) error {
	if err := t.check(); err != nil {
		return err
	}
	file := t.others(host, path)
	if err := makeDirs(filepath.Dir(file)); err != nil {
		return err
	}
	return note(file, modified(file), now)
}

// others names one file for a host, or for an owner there.
func (t *Tree) others(host, path string) string {
	owner, _, _ := strings.Cut(strings.Trim(path, "/"), "/")
	name := escape(host)
	if owner != "" {
		name += "@" + escape(owner)
	}
	return filepath.Join(t.dir, "others", name)
}

// NotedLately reports whether a note of that time stands for another day, or
// less, at now.
func NotedLately(at, now time.Time) bool { return !at.IsZero() && now.Sub(at).Abs() < noted }

func note(file string, last, now time.Time) error {
	if NotedLately(last, now) {
		return nil
	}
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|noFollow, 0o600)
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Chtimes(file, now, now)
}

func modified(file string) time.Time {
	info, err := os.Lstat(file)
	if err != nil {
		return time.Time{}
	}
	return info.ModTime()
}
