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

// askedFor limits the time from Git's question to the answer of the server. In
// this time a person looks for a token and types it, and a large clone ends.
const askedFor = 10 * time.Minute

// NoteAsked notes that Git asked for a credential and got no answer. A credential
// that Git reports later was then typed by a person. Without this note it came
// from a URL, for which Git asks no helper. On Linux the note is valid only for
// the process that asked, because another process may use a URL of an attacker.
func (t *Tree) NoteAsked(r credential.Request, now time.Time) error {
	file := t.askedFile(r.Host, r.Path, r.Username)
	if file == "" {
		return errors.New("the request is too long to be noted")
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

// TakeAsked reports whether Git asked for a credential in the last ten minutes
// and got no answer. It removes the note. byName is true if Git asked for this
// user name, and false if Git asked for any user name.
func (t *Tree) TakeAsked(r credential.Request, now time.Time) (asked, byName bool) {
	names := []string{r.Username}
	if r.Username != "" {
		names = append(names, "") // a person may have typed the user name
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

// askedFile returns the path of the note for a question, or "" if the name would
// be too long for a file.
func (t *Tree) askedFile(host, path, username string) string {
	name := escape(host + "\x00" + strings.Trim(path, "/") + "\x00" + username + "\x00" + remoteProcess())
	if len(name) > maxName {
		return ""
	}
	return filepath.Join(t.dir, "asked", name)
}

// sweepOlder removes the notes in a folder that are older than age.
func sweepOlder(dir string, now time.Time, age time.Duration) {
	entries, _ := disk.ReadDir(dir)
	for _, entry := range entries {
		file := filepath.Join(dir, entry.Name())
		if at := modified(file); !at.IsZero() && now.Sub(at).Abs() > age {
			os.Remove(file)
		}
	}
}
