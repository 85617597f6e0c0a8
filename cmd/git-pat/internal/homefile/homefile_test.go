package homefile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

func TestRewrite(t *testing.T) {
	dir := t.TempDir()
	path, link := filepath.Join(dir, "file"), filepath.Join(dir, "link")
	if err := errors.Join(os.WriteFile(path, []byte("old"), 0o640), os.Chmod(path, 0o640), os.Symlink("file", link)); err != nil {
		t.Fatal(err)
	}
	appended := func(data string) string { return data + "new" }
	if err := Rewrite(link, appended); err != nil {
		t.Fatal(err)
	}
	is := func(want string) {
		t.Helper()
		data, err := os.ReadFile(path)
		if err != nil || string(data) != want {
			t.Errorf("got %q, %v, want %q", data, err, want)
		}
		info, err := os.Lstat(path)
		if err != nil || !info.Mode().IsRegular() || info.Mode().Perm() != 0o640 {
			t.Errorf("got the mode %v, %v", info.Mode(), err)
		}
		if info, err = os.Lstat(link); err != nil || info.Mode()&fs.ModeSymlink == 0 {
			t.Errorf("got %v, %v for the link", info, err)
		}
	}
	is("oldnew")

	// A lock of another program is waited for, and stays.
	lock := path + ".lock"
	if err := os.WriteFile(lock, []byte("another's"), 0o600); err != nil {
		t.Fatal(err)
	}
	var locked *LockedError
	if err := Rewrite(link, appended); !errors.As(err, &locked) || *locked != (LockedError{link, lock}) {
		t.Errorf("got error %v, want a *LockedError for %s", err, lock)
	}
	is("oldnew")
	if data, err := os.ReadFile(lock); err != nil || string(data) != "another's" {
		t.Errorf("got %q, %v for the lock", data, err)
	}
	if err := os.Remove(lock); err != nil {
		t.Fatal(err)
	}
	if err := Rewrite(link, appended); err != nil {
		t.Fatal(err)
	}
	is("oldnewnew")
	if _, err := os.Lstat(lock); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the lock stays: %v", err)
	}
}
