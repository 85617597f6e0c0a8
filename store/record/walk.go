package record

import (
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store/disk"
)

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

// walk yields the records of a folder and those below it, and reports whether
// to go on. It calls leftover, unless nil, with each file that a killed writer
// left.
func (t *Tree) walk(in string, leftover func(path string), yield func(credential.Candidate, error) bool) bool {
	own := in + "/" + here
	files, err := disk.List(t.path(own, ""))
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
	if leftover != nil && slices.ContainsFunc(files, disk.IsTemporary) { // rarely
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
		return nil, disk.SkipMissing(err)
	}
	var names []string
	for _, entry := range entries {
		switch {
		case entry.IsDir():
			names = append(names, entry.Name())
		case leftover != nil && entry.Type().IsRegular() && disk.IsLeftover(entry):
			leftover(filepath.Join(dir, entry.Name()))
		}
	}
	return names, nil
}
