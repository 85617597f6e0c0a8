package record

import (
	"iter"
	"slices"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/credential/forge"
	"github.com/git-credential-pat/git-credential-pat/store/disk"
)

// The methods below that return a sequence read one record after another. An
// error comes with an empty candidate. The caller may continue after it.

// Host returns the records of a host. Those for the whole host come first.
func (t *Tree) Host(host string) iter.Seq2[credential.Candidate, error] { return t.Within(host, "") }

// Within returns the records that may be for a path of a host or for a part of
// it: those of Lookup, and those in all folders below.
func (t *Tree) Within(host, path string) iter.Seq2[credential.Candidate, error] {
	return func(yield func(credential.Candidate, error) bool) {
		yield = t.onlyLive(yield)
		names := folders(host, path)
		above, err := t.along(names[:len(names)-1], true)
		if emit(above, err, yield) && err == nil && !slices.ContainsFunc(names, isTooLong) {
			t.walk(strings.Join(names, "/"), yield)
		}
	}
}

// Beginning returns the records whose path may begin with a text. The text may
// end within a segment. They are the records in the folder of the complete
// segments, and those in all folders below whose names continue the text.
func (t *Tree) Beginning(host, text string) iter.Seq2[credential.Candidate, error] {
	return func(yield func(credential.Candidate, error) bool) {
		yield = t.onlyLive(yield)
		complete, segment := "", text
		if i := strings.LastIndexByte(text, '/'); i >= 0 {
			complete, segment = text[:i], text[i+1:]
		}
		names := folders(host, complete)
		if slices.ContainsFunc(names, isTooLong) {
			return
		}
		folder := strings.Join(names, "/")
		err := t.check()
		var records []credential.Candidate
		if err == nil {
			records, err = t.folder(folder, true)
		}
		if !emit(records, err, yield) || err != nil {
			return
		}
		names, err = t.subfolders(folder)
		if err != nil {
			yield(credential.Candidate{}, err)
		}
		for _, name := range names {
			shown := unescape(name)
			continues := len(shown) >= len(segment) && credential.EqualFold(shown[:len(segment)], segment)
			if continues && !t.walk(folder+"/"+name, yield) {
				return
			}
		}
	}
}

// All returns all records.
func (t *Tree) All() iter.Seq2[credential.Candidate, error] {
	return func(yield func(credential.Candidate, error) bool) {
		t.every()(t.onlyLive(yield))
	}
}

// every returns all records.
func (t *Tree) every() iter.Seq2[credential.Candidate, error] {
	return func(yield func(credential.Candidate, error) bool) {
		err := t.check()
		var names []string
		if err == nil {
			names, err = t.subfolders("")
		}
		if err != nil {
			yield(credential.Candidate{}, err)
		}
		for _, name := range names {
			if !t.walk(name, yield) {
				return
			}
		}
	}
}

// Survey returns all records, those that IsUnfinished apart, and the paths of the
// temporary files that killed programs left beside them. It stops at the first
// error.
func (t *Tree) Survey() (records, unfinished []credential.Candidate, leftovers []string, err error) {
	for c, err := range t.every() {
		switch {
		case err != nil:
			return records, unfinished, nil, err
		case t.IsUnfinished(c):
			unfinished = append(unfinished, c)
		default:
			records = append(records, c)
		}
	}
	return records, unfinished, disk.Leftovers(t.tokens()), nil
}

// Hosts returns the hosts that have records.
func (t *Tree) Hosts() []string {
	names, _ := t.subfolders("")
	for i := range names {
		names[i] = unescape(names[i])
	}
	return names
}

// Forge returns the forge of a host that its records tell, or forge.Other if they
// tell none.
func (t *Tree) Forge(host string) forge.Forge {
	for c, err := range t.Host(host) {
		if err == nil && c.On() != forge.Other {
			return c.On()
		}
	}
	return forge.Other
}

// walk yields the records of a folder and of all folders below. It reports
// whether the caller wants more.
func (t *Tree) walk(folder string, yield func(credential.Candidate, error) bool) bool {
	records, err := t.folder(folder, true)
	if !emit(records, err, yield) {
		return false
	}
	if err != nil || strings.Count(folder, "/") == maxDepth {
		return true
	}
	names, err := t.subfolders(folder)
	if err != nil {
		return yield(credential.Candidate{}, err)
	}
	for _, name := range names {
		if !t.walk(folder+"/"+name, yield) {
			return false
		}
	}
	return true
}

// emit yields the records or the error. It reports whether the caller wants
// more.
func emit(records []credential.Candidate, err error, yield func(credential.Candidate, error) bool) bool {
	if err != nil {
		return yield(credential.Candidate{}, err)
	}
	return !slices.ContainsFunc(records, func(c credential.Candidate) bool { return !yield(c, nil) })
}

// subfolders returns the names of the folders in a folder, without the one of
// its own records. A missing folder has none.
func (t *Tree) subfolders(folder string) ([]string, error) {
	entries, err := disk.ReadDir(t.path(folder, ""))
	if err != nil {
		return nil, disk.SkipMissing(err)
	}
	var names []string
	for _, entry := range entries {
		if entry.IsDir() && entry.Name() != own {
			names = append(names, entry.Name())
		}
	}
	return names, nil
}
