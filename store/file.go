package store

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
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

// Orphans returns the keys of the secrets in plain files that no record names.
// There are none unless somebody moved files by hand. Other stores cannot be
// asked what they have.
func (t *Tree) Orphans() ([]string, error) {
	f := file{tree: t}
	if err := checkPrivate(f.secrets()); err != nil {
		return nil, err
	}
	var found []string
	err := filepath.WalkDir(f.secrets(), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() || strings.HasPrefix(entry.Name(), temporary) {
			return skipMissing(err)
		}
		relative, err := filepath.Rel(f.secrets(), path)
		if err != nil {
			return err
		}
		key := filepath.ToSlash(relative)
		switch c, err := t.Find(key); {
		case errors.Is(err, fs.ErrNotExist):
			found = append(found, key)
		case err != nil:
			return err
		case c.Damaged == nil && c.Store != "file" && c.Copy != "file":
			found = append(found, key)
		}
		return nil
	})
	return found, err
}
