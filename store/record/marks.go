package record

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store/disk"
)

// SetAside marks a token as set aside.
func (t *Tree) SetAside(key string, aside credential.Aside) error {
	data, err := formatAside(aside)
	if err != nil {
		return err
	}
	return disk.WriteWhole(t.path(key, asideEnding), data, false)
}

// NoteOffer notes that a token that is set aside was tried once more.
func (t *Tree) NoteOffer(c credential.Candidate, now time.Time) error {
	aside := *c.Aside
	aside.Offered = now.UTC()
	return t.SetAside(c.Key, aside)
}

// Restore removes the mark of SetAside. A missing mark is not an error.
func (t *Tree) Restore(key string) error {
	return disk.RemoveFile(t.path(key, asideEnding))
}

// aside returns the mark of a token that is set aside, or nil. A mark that cannot
// be read counts too, because a rejected token must not be used again by
// accident. A mark for an earlier secret of the record does not count.
func (t *Tree) aside(c credential.Candidate) *credential.Aside {
	path := t.path(c.Key, asideEnding)
	data, err := disk.ReadWhole(path, false)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	var aside credential.Aside
	if err == nil {
		aside, err = parseAside(data)
	}
	if err != nil {
		aside = credential.Aside{Reason: "rejected"}
		if info, err := os.Lstat(path); err == nil {
			aside.Time = info.ModTime()
		}
	}
	if c.Damaged == nil && !aside.Added.IsZero() && !aside.Added.Equal(c.Added) {
		return nil
	}
	return &aside
}

// NoteUse notes that a token was used, at most once a day.
func (t *Tree) NoteUse(key string, now time.Time) error {
	return note(t.path(key, usedEnding), t.used(key), now)
}

func (t *Tree) used(key string) time.Time { return modified(t.path(key, usedEnding)) }

// NoteWarning reports whether to warn a person that a token expires soon. If the
// person sees the warning, it is noted. NoteWarning returns false if the last
// noted warning is less than a day old. It also returns false if the note cannot
// be written, because otherwise the person would see the warning at every fetch.
func (t *Tree) NoteWarning(key string, now time.Time, seen bool) bool {
	file := t.path(key, warnedEnding)
	last := modified(file)
	return !NotedLately(last, now) && (!seen || note(file, last, now) == nil)
}

// Others returns the time of the last note of NoteOthers for a path, or the zero
// time.
func (t *Tree) Others(host, path string) time.Time { return modified(t.others(host, path)) }

// NoteOthers notes that another helper or a person answered for a path, at most
// once a day. It removes older notes.
func (t *Tree) NoteOthers(host, path string, now time.Time) error {
	if err := t.check(); err != nil {
		return err
	}
	file := t.others(host, path)
	if err := disk.MakeDirs(filepath.Dir(file)); err != nil {
		return err
	}
	last := modified(file)
	if NotedLately(last, now) {
		return nil
	}
	sweepOlder(filepath.Dir(file), now, noteInterval)
	return note(file, last, now)
}

// others returns the path of the note for a host, or for an owner on that host.
func (t *Tree) others(host, path string) string {
	owner, _, _ := strings.Cut(strings.Trim(path, "/"), "/")
	name := escape(host)
	if owner != "" {
		name += "@" + escape(owner)
	}
	return filepath.Join(t.dir, "others", name)
}

// NotedLately reports whether a note is less than a day old at the time now.
func NotedLately(at, now time.Time) bool { return !at.IsZero() && now.Sub(at).Abs() < noteInterval }

// note sets the time of a file, unless its last time is less than a day ago.
func note(file string, last, now time.Time) error {
	if NotedLately(last, now) {
		return nil
	}
	return disk.Touch(file, now)
}

// modified returns the time of a file, or the zero time if there is no file.
func modified(file string) time.Time {
	info, err := os.Lstat(file)
	if err != nil {
		return time.Time{}
	}
	return info.ModTime()
}
