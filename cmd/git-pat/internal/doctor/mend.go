package doctor

import (
	"context"
	"io/fs"
	"os"
	"slices"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store/disk"
	"github.com/git-credential-pat/git-credential-pat/store/keeper"
)

// A Mending is a change to files or tokens that Mend makes.
type Mending struct {
	Kind  MendingKind
	Path  string               // for CloseFile and RemoveFile
	Key   string               // for RemoveSecret
	Token credential.Candidate // for RemoveRecord and RemoveCopy

	mode  fs.FileMode // for CloseFile
	shown fs.FileInfo // nil if there was no file
}

// A MendingKind is what Mend does.
type MendingKind int

// The kinds of a Mending.
const (
	CloseFile    MendingKind = iota + 1 // deny others access
	RemoveFile                          // one that was never finished
	RemoveSecret                        // one without a record
	RemoveRecord                        // one whose secret is lost
	RemoveCopy                          // a copy of a token, with its record
)

// onFile returns a Mending of a file or folder as it is now.
func onFile(kind MendingKind, path string, mode fs.FileMode) *Mending {
	shown, _ := os.Stat(path)
	os.SameFile(shown, shown) // otherwise Windows looks at the path when it is compared
	return &Mending{Kind: kind, Path: path, mode: mode, shown: shown}
}

// A ChangedError says that a file changed after it was shown to a person.
type ChangedError struct{ Path string }

func (e *ChangedError) Error() string { return e.Path + " was changed meanwhile" }

// Mend makes a change, under the lock. If what was found has changed since, nothing
// is done, and the error is a *ChangedError or a *tokens.ChangedError. A secret
// that has a record now stays without an error.
func (d *Doctor) Mend(ctx context.Context, m *Mending) error {
	kept := d.Resolver.Tokens
	if m.Kind == RemoveCopy {
		return kept.RemoveCopy(ctx, m.Token)
	}
	if m.Kind == RemoveRecord {
		return kept.IfUnchanged(ctx, m.Token, func(now credential.Candidate) error {
			if err := kept.SameSecret(ctx, now, nil); err != nil {
				return err
			}
			return kept.Remove(ctx, now)
		})
	}
	unlock, err := kept.Tree.Lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	if m.Kind == RemoveSecret {
		return d.removeSecret(ctx, m.Key)
	}
	now, err := os.Stat(m.Path)
	if err != nil || m.shown == nil || !os.SameFile(now, m.shown) || now.Mode() != m.shown.Mode() || !now.IsDir() && !now.ModTime().Equal(m.shown.ModTime()) {
		return &ChangedError{m.Path}
	}
	if m.Kind == CloseFile {
		return disk.Close(m.Path, m.mode)
	}
	return os.Remove(m.Path)
}

// removeSecret removes a secret, unless it has a record now.
func (d *Doctor) removeSecret(ctx context.Context, key string) error {
	kept := d.Resolver.Tokens
	if orphan, err := keeper.IsOrphan(kept.Tree, key); err != nil || !orphan {
		return err
	}
	s, err := kept.Open("file")
	if err != nil {
		return err
	}
	return s.Delete(ctx, key)
}

// ToMend returns findings in the order in which Mend must change them: first the files
// that others may access, because nothing may be written next to such a file.
func ToMend(findings []Finding) []Finding {
	closes := func(f Finding) bool { return f.Mending != nil && f.Mending.Kind == CloseFile }
	rest := slices.DeleteFunc(slices.Clone(findings), closes)
	return append(slices.DeleteFunc(slices.Clone(findings), func(f Finding) bool { return !closes(f) }), rest...)
}
