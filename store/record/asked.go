package record

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store/disk"
)

// askedFor is how long a credential may take from Git's question to the server's
// answer: a person looks for a token and types it, and a clone takes its time.
const askedFor = 10 * time.Minute

// NoteAsked notes that Git asked for a request and got no answer. By this note
// Approve tells a credential that was typed then from one that stood in a URL,
// for which Git asks no helper. The note is for the process that asked, where that
// can be told: another one may have its URL from an enemy.
func (t *Tree) NoteAsked(r credential.Request, now time.Time) error {
	file := t.askedFile(r.Host, r.Path, r.Username)
	if file == "" {
		return errors.New("a request too long to note")
	}
	if err := t.check(); err != nil {
		return err
	}
	if err := disk.MakeDirs(filepath.Dir(file)); err != nil {
		return err
	}
	sweepOlder(filepath.Dir(file), now, askedFor)
	return note(file, time.Time{}, now)
}

// TakeAsked reports whether Git asked for a request lately and got no answer, and
// removes the note of it. Byname tells whether Git asked for this very user name.
func (t *Tree) TakeAsked(r credential.Request, now time.Time) (asked, byName bool) {
	names := []string{r.Username}
	if r.Username != "" {
		names = append(names, "") // the name may be typed too
	}
	for _, name := range names {
		file := t.askedFile(r.Host, r.Path, name)
		if file == "" {
			continue
		}
		at := modified(file)
		if os.Remove(file) == nil && now.Sub(at).Abs() < askedFor {
			return true, name != ""
		}
	}
	return false, false
}

// askedFile names the note of a question, or nothing if that is too long for a
// file.
func (t *Tree) askedFile(host, path, username string) string {
	name := escape(host + "\x00" + strings.Trim(path, "/") + "\x00" + username + "\x00" + asking())
	if len(name) > maxName {
		return ""
	}
	return filepath.Join(t.dir, "asked", name)
}

// sweepOlder removes the notes in a folder that are older than a time.
func sweepOlder(dir string, now time.Time, age time.Duration) {
	entries, _ := os.ReadDir(dir)
	for _, entry := range entries {
		file := filepath.Join(dir, entry.Name())
		if at := modified(file); !at.IsZero() && now.Sub(at).Abs() > age {
			os.Remove(file)
		}
	}
}
