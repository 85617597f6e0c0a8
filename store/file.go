package store

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store/disk"
)

// file stores each secret in a plain file, in the folder secrets beside the
// records. Only this user can read the files.
type file struct{ dir string }

var _ Store = (*file)(nil)

func (f *file) secrets() string { return filepath.Join(f.dir, "secrets") }

func (f *file) path(key string) string { return filepath.Join(f.secrets(), filepath.FromSlash(key)) }

func (f *file) Get(_ context.Context, key string) (credential.Secret, error) {
	if err := disk.CheckPrivate(f.secrets()); err != nil {
		return credential.Secret{}, f.wrap(err)
	}
	data, err := disk.ReadWhole(f.path(key), true)
	if errors.Is(err, fs.ErrNotExist) {
		return credential.Secret{}, ErrNotFound
	}
	if err != nil {
		return credential.Secret{}, f.wrap(err)
	}
	return credential.NewSecret(string(data)), nil
}

func (f *file) Set(_ context.Context, key string, secret credential.Secret) error {
	if len(secret.Reveal()) > disk.MaxFile {
		return &Error{Store: "file", What: "cannot store a secret this long"}
	}
	if err := disk.CheckPrivate(f.secrets()); err != nil {
		return f.wrap(err)
	}
	return f.wrap(disk.WriteWhole(f.path(key), []byte(secret.Reveal()), false))
}

func (f *file) Delete(_ context.Context, key string) error {
	if err := disk.CheckPrivate(f.secrets()); err != nil {
		return f.wrap(err)
	}
	return f.wrap(disk.RemoveUp(f.path(key), f.secrets()))
}

// wrap returns a *Error that names the file, so a person can repair it.
func (f *file) wrap(err error) error {
	var file *disk.FileError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &file):
		return &Error{Store: "file", What: "cannot be used: " + file.Error(), Advice: file.Advice, File: file}
	}
	return &Error{Store: "file", What: "cannot be used: " + err.Error()}
}

// SecretFiles lists the secrets in plain files. Listing them all at once takes a
// hundredth of the time of a Get for each.
type SecretFiles struct {
	// Leftovers lists temporary files of programs that were killed. They may
	// contain a secret.
	Leftovers []string

	dir   string
	files map[string]secretFile // by key
}

type secretFile struct {
	regular bool
	err     error // the error of Get
}

// FindSecretFiles lists the secrets in plain files beside the records in dir. It
// does not read them, unless Get would return an error.
func FindSecretFiles(dir string) (*SecretFiles, error) {
	f := file{dir}
	if err := disk.CheckPrivate(f.secrets()); err != nil {
		return nil, err
	}
	found := &SecretFiles{dir: dir, files: map[string]secretFile{}, Leftovers: disk.Leftovers(f.secrets())}
	err := filepath.WalkDir(f.secrets(), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || disk.IsTemporary(entry.Name()) {
			return disk.SkipMissing(err)
		}
		relative, err := filepath.Rel(f.secrets(), path)
		if err != nil {
			return err
		}
		key := filepath.ToSlash(relative)
		info, err := entry.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil // it was removed meanwhile
		}
		if err != nil || !info.Mode().IsRegular() || !disk.IsOurs(info) || disk.OthersMay(info.Mode(), 0o077) || info.Size() > disk.MaxFile || info.Mode()&0o400 == 0 {
			_, err = f.Get(context.Background(), key)
		}
		found.files[key] = secretFile{entry.Type().IsRegular(), err}
		return nil
	})
	return found, err
}

// Check returns the error of Get for a key.
func (s *SecretFiles) Check(key string) error {
	f, ok := s.files[key]
	if !ok {
		return ErrNotFound
	}
	return f.err
}

// Paths returns the paths of the files by key. Only regular files are included.
func (s *SecretFiles) Paths() map[string]string {
	paths := map[string]string{}
	for key, f := range s.files {
		if f.regular {
			paths[key] = (&file{s.dir}).path(key)
		}
	}
	return paths
}
