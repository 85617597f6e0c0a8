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

// SetAside writes the mark of a token that was refused.
func (t *Tree) SetAside(key string, aside credential.Aside) error {
	data, err := formatAside(aside)
	if err != nil {
		return err
	}
	return disk.WriteWhole(t.path(key, asideEnding), data, false)
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
	return disk.RemoveFile(t.path(key, asideEnding))
}

// aside returns the mark that a token was refused. One that cannot be read
// counts: what was set aside must not come back by an accident. One about an
// older secret of the record does not.
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

// NoteOthers notes that somebody else answered for a path, once a day. Notes that
// no longer count are removed.
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
	sweepOlder(filepath.Dir(file), now, noted)
	return note(file, last, now)
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
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|disk.NoFollow, 0o600)
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
