package store

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/credential"
)

// file keeps each secret in a plain file that only its owner can read, under
// secrets in the folder of the tree.
type file struct{ tree *Tree }

var _ Store = (*file)(nil)

func (f *file) secrets() string { return filepath.Join(f.tree.dir, "secrets") }

func (f *file) path(key string) string { return filepath.Join(f.secrets(), filepath.FromSlash(key)) }

func (f *file) Get(_ context.Context, key string) (credential.Secret, error) {
	if err := checkPrivate(f.secrets()); err != nil {
		return credential.Secret{}, f.trouble(err)
	}
	data, err := readWhole(f.path(key), true)
	if errors.Is(err, fs.ErrNotExist) {
		return credential.Secret{}, ErrNotFound
	}
	if err != nil {
		return credential.Secret{}, f.trouble(err)
	}
	return credential.NewSecret(string(data)), nil
}

func (f *file) Set(_ context.Context, key string, secret credential.Secret) error {
	if len(secret.Reveal()) > maxFile {
		return &Trouble{Store: "file", What: "has no room for a secret of this length"}
	}
	if err := checkPrivate(f.secrets()); err != nil {
		return f.trouble(err)
	}
	return f.trouble(writeWhole(f.path(key), []byte(secret.Reveal()), false))
}

func (f *file) Delete(_ context.Context, key string) error {
	if err := checkPrivate(f.secrets()); err != nil {
		return f.trouble(err)
	}
	return f.trouble(removeUp(f.path(key), f.secrets()))
}

// trouble keeps the path, which a person needs in order to mend it.
func (f *file) trouble(err error) error {
	var file *FileError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &file):
		return &Trouble{Store: "file", What: "cannot be used: " + file.Error(), Advice: file.Advice, File: file}
	}
	return &Trouble{Store: "file", What: "cannot be used: " + err.Error()}
}

// SecretFiles are the secrets in plain files, as they were found at once. That
// takes a hundredth of what it takes to get each.
type SecretFiles struct {
	// Leftovers are the temporary files that killed writers left there, and that
	// may hold a secret. A writer sweeps those of its own folder only.
	Leftovers []string

	tree  *Tree
	files map[string]secretFile // by key
}

type secretFile struct {
	regular bool
	err     error // with which Get would fail
}

// SecretFiles finds the secrets in plain files. It reads none that is as it must
// be.
func (t *Tree) SecretFiles() (*SecretFiles, error) {
	f := file{tree: t}
	if err := checkPrivate(f.secrets()); err != nil {
		return nil, err
	}
	found := &SecretFiles{tree: t, files: map[string]secretFile{}}
	err := filepath.WalkDir(f.secrets(), func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil || entry.IsDir():
			return skipMissing(err)
		case isTemporary(entry.Name()):
			if entry.Type().IsRegular() && isLeftover(entry) {
				found.Leftovers = append(found.Leftovers, path)
			}
			return nil
		}
		relative, err := filepath.Rel(f.secrets(), path)
		if err != nil {
			return err
		}
		key := filepath.ToSlash(relative)
		s, err := statusOf(entry.Info())
		if errors.Is(err, fs.ErrNotExist) {
			return nil // it was removed meanwhile
		}
		regular := s.mode.IsRegular()
		if err != nil || !regular || !s.ours || othersMay(s.mode, 0o077) || s.size > maxFile || s.mode&0o400 == 0 {
			_, err = f.Get(context.Background(), key)
		}
		found.files[key] = secretFile{regular, err}
		return nil
	})
	return found, err
}

// Check returns the error that Get has for a key.
func (s *SecretFiles) Check(key string) error {
	f, ok := s.files[key]
	if !ok {
		return ErrNotFound
	}
	return f.err
}

// An Orphan is a secret in a plain file that no record names. There are none
// unless somebody moved files by hand. Other stores cannot be asked what they
// have.
type Orphan struct {
	Key  string
	Path string // of the file

	// At has the scope and the name of a record that would have the key, as far
	// as that tells them. It is nil if none could.
	At *credential.Record
}

// Orphans returns the secrets that none of the records names, which are all that
// there are.
func (s *SecretFiles) Orphans(records []credential.Candidate) []Orphan {
	named := map[string]bool{}
	for _, c := range records {
		named[c.Key] = namesFile(c)
	}
	var found []Orphan
	for key, f := range s.files {
		if !f.regular || named[key] {
			continue
		}
		orphan := Orphan{Key: key, Path: (&file{s.tree}).path(key)}
		if isKey(key) {
			at := atPlace(key).Record
			orphan.At = &at
		}
		found = append(found, orphan)
	}
	slices.SortFunc(found, func(x, y Orphan) int { return strings.Compare(x.Key, y.Key) })
	return found
}

// namesFile reports whether a record says that its secret is in a plain file. One
// that cannot be read may say so.
func namesFile(c credential.Candidate) bool {
	return c.Damaged != nil || c.Store == "file" || c.Copy == "file"
}

// IsOrphan reports whether no record names the secret of a key in a plain file.
func (t *Tree) IsOrphan(key string) (bool, error) {
	c, err := t.Find(key)
	if errors.Is(err, fs.ErrNotExist) {
		return true, nil
	}
	return err == nil && !namesFile(c), err
}
