package store

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store/disk"
)

// file keeps each secret in a plain file that only its owner can read, under
// secrets in the folder of the records.
type file struct{ dir string }

var _ Store = (*file)(nil)

func (f *file) secrets() string { return filepath.Join(f.dir, "secrets") }

func (f *file) path(key string) string { return filepath.Join(f.secrets(), filepath.FromSlash(key)) }

func (f *file) Get(_ context.Context, key string) (credential.Secret, error) {
	if err := disk.CheckPrivate(f.secrets()); err != nil {
		return credential.Secret{}, f.trouble(err)
	}
	data, err := disk.ReadWhole(f.path(key), true)
	if errors.Is(err, fs.ErrNotExist) {
		return credential.Secret{}, ErrNotFound
	}
	if err != nil {
		return credential.Secret{}, f.trouble(err)
	}
	return credential.NewSecret(string(data)), nil
}

func (f *file) Set(_ context.Context, key string, secret credential.Secret) error {
	if len(secret.Reveal()) > disk.MaxFile {
		return &Error{Store: "file", What: "cannot store a secret this long"}
	}
	if err := disk.CheckPrivate(f.secrets()); err != nil {
		return f.trouble(err)
	}
	return f.trouble(disk.WriteWhole(f.path(key), []byte(secret.Reveal()), false))
}

func (f *file) Delete(_ context.Context, key string) error {
	if err := disk.CheckPrivate(f.secrets()); err != nil {
		return f.trouble(err)
	}
	return f.trouble(disk.RemoveUp(f.path(key), f.secrets()))
}

// trouble keeps the path, which a person needs in order to mend it.
func (f *file) trouble(err error) error {
	var file *disk.FileError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &file):
		return &Error{Store: "file", What: "cannot be used: " + file.Error(), Advice: file.Advice, File: file}
	}
	return &Error{Store: "file", What: "cannot be used: " + err.Error()}
}

// SecretFiles are the secrets in plain files, as they were found at once. That
// takes a hundredth of what it takes to get each.
type SecretFiles struct {
	// Leftovers are the temporary files that killed writers left there, and that
	// may hold a secret. A writer sweeps those of its own folder only.
	Leftovers []string

	dir   string
	files map[string]secretFile // by key
}

type secretFile struct {
	regular bool
	err     error // with which Get would fail
}

// FindSecretFiles finds the secrets in plain files beside the records in dir. It reads none that is as it must
// be.
func FindSecretFiles(dir string) (*SecretFiles, error) {
	f := file{dir}
	if err := disk.CheckPrivate(f.secrets()); err != nil {
		return nil, err
	}
	found := &SecretFiles{dir: dir, files: map[string]secretFile{}}
	err := filepath.WalkDir(f.secrets(), func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil || entry.IsDir():
			return disk.SkipMissing(err)
		case disk.IsTemporary(entry.Name()):
			if entry.Type().IsRegular() && disk.IsLeftover(entry) {
				found.Leftovers = append(found.Leftovers, path)
			}
			return nil
		}
		relative, err := filepath.Rel(f.secrets(), path)
		if err != nil {
			return err
		}
		key := filepath.ToSlash(relative)
		s, err := disk.StatusOf(entry.Info())
		if errors.Is(err, fs.ErrNotExist) {
			return nil // it was removed meanwhile
		}
		regular := s.Mode.IsRegular()
		if err != nil || !regular || !s.Ours || disk.OthersMay(s.Mode, 0o077) || s.Size > disk.MaxFile || s.Mode&0o400 == 0 {
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

// Paths returns the path of each of the files, by its key. What is no regular
// file is not among them.
func (s *SecretFiles) Paths() map[string]string {
	paths := map[string]string{}
	for key, f := range s.files {
		if f.regular {
			paths[key] = (&file{s.dir}).path(key)
		}
	}
	return paths
}
