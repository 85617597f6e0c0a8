//go:build unix

package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store/disk"
	"github.com/git-credential-pat/git-credential-pat/store/internal/storetest"
	"github.com/git-credential-pat/git-credential-pat/store/record"
)

// Unsafe files and folders of secrets are rejected, with advice.
func TestFileUnsafe(t *testing.T) {
	t.Parallel()
	key := record.Key(storetest.Record("laptop", "acme"))
	for _, test := range []struct {
		name  string
		spoil func(secrets, path string) error
		path  func(secrets, path string) string
		what  string // the text after the path
		chmod string // or other advice
	}{
		{"folder that others can list", func(secrets, _ string) error { return os.Chmod(secrets, 0o755) },
			func(secrets, _ string) string { return secrets }, " is accessible to other users", "chmod 700 "},
		{"folder that is a link", func(secrets, _ string) error {
			return errors.Join(os.Rename(secrets, secrets+"-2"), os.Symlink(secrets+"-2", secrets))
		}, func(secrets, _ string) string { return secrets }, " is a symbolic link", disk.AdviceFolder},
		{"file that others can read", func(_, path string) error { return os.Chmod(path, 0o644) },
			func(_, path string) string { return path }, " is accessible to other users", "chmod 600 "},
		{"file that is a link", func(_, path string) error {
			return errors.Join(os.Rename(path, path+"-2"), os.Symlink(path+"-2", path))
		}, func(_, path string) string { return path }, " is a symbolic link", disk.AdviceAgain},
		{"file that is a folder", func(_, path string) error { return errors.Join(os.Remove(path), os.Mkdir(path, 0o700)) },
			func(_, path string) string { return path }, " is not a regular file", disk.AdviceAgain},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := &file{t.TempDir()}
			secret := storetest.NewSecret(40)
			if err := s.Set(t.Context(), key, secret); err != nil {
				t.Fatal(err)
			}
			if err := test.spoil(s.secrets(), s.path(key)); err != nil {
				t.Fatal(err)
			}
			_, err := s.Get(t.Context(), key)
			failed := isStoreError(t, "get", err)
			path := test.path(s.secrets(), s.path(key))
			want := Error{Store: "file", What: "cannot be used: " + path + test.what, File: failed.File}
			wantFile := disk.FileError{Path: path, Reason: strings.TrimPrefix(test.what, " ")}
			mends := strings.HasPrefix(test.chmod, "chmod ")
			want.Advice, wantFile.Advice = test.chmod, test.chmod
			if mends {
				want.Advice = test.chmod + credential.ShellWord(path)
				wantFile.Advice = want.Advice
				mode, err := strconv.ParseUint(strings.Fields(test.chmod)[1], 8, 32)
				if err != nil {
					t.Fatal(err)
				}
				wantFile.Mode = fs.FileMode(mode)
			}
			if *failed != want {
				t.Errorf("got %+v, want %+v", *failed, want)
			}
			if failed.File == nil || *failed.File != wantFile {
				t.Errorf("got the file %+v, want %+v", failed.File, wantFile)
			}
			if path == s.secrets() {
				isStoreError(t, "set", s.Set(t.Context(), key, storetest.NewSecret(40)))
				isStoreError(t, "delete", s.Delete(t.Context(), key))
			}
			if !mends {
				return
			}
			if out, err := runShell(want.Advice); err != nil {
				t.Fatalf("%s: %v: %s", want.Advice, err, out)
			}
			got, err := s.Get(t.Context(), key)
			if err != nil {
				t.Errorf("after %s: %v", want.Advice, err)
			}
			storetest.Same(t, want.Advice, got, secret)
		})
	}
}

// SecretFiles.Check returns the same errors as Get.
func TestSecretFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	f := &file{dir}
	in := filepath.Join(f.secrets(), "github.com", "acme", "@")
	if err := os.MkdirAll(in, 0o700); err != nil {
		t.Fatal(err)
	}
	at := func(name string) string { return filepath.Join(in, name) }
	for _, err := range []error{
		os.WriteFile(at("good"), []byte("secret"), 0o600),
		os.WriteFile(at("empty"), nil, 0o400),
		os.WriteFile(at("open"), []byte("secret"), 0o640),
		os.WriteFile(at("closed"), []byte("secret"), 0o200),
		os.WriteFile(at("large"), make([]byte, disk.MaxFile+1), 0o600),
		os.Symlink("good", at("link")),
		syscall.Mkfifo(at("pipe"), 0o600),
		os.Mkdir(at("folder"), 0o700),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	found, err := FindSecretFiles(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"good", "empty", "open", "closed", "large", "link", "pipe", "none"} {
		key := "github.com/acme/@/" + name
		_, want := f.Get(t.Context(), key)
		got := found.Check(key)
		if fmt.Sprint(got) != fmt.Sprint(want) || errors.Is(got, ErrNotFound) != errors.Is(want, ErrNotFound) {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
		if (got == nil) != (name == "good" || name == "empty" || name == "closed" && os.Geteuid() == 0) {
			t.Errorf("%s: got %v", name, got)
		}
	}
	if err := os.Chmod(f.secrets(), 0o750); err != nil {
		t.Fatal(err)
	}
	if _, err := FindSecretFiles(dir); err == nil {
		t.Error("there is no error for a folder that is open to others")
	}
}

func runShell(command string) ([]byte, error) {
	return exec.Command("/bin/sh", "-c", command).CombinedOutput()
}
