package homefile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
)

func TestRewrite(t *testing.T) {
	dir := t.TempDir()
	path, link := filepath.Join(dir, "file"), filepath.Join(dir, "link")
	if err := errors.Join(os.WriteFile(path, []byte("old"), 0o640), os.Chmod(path, 0o640), os.Symlink("file", link)); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Skip("this system makes no symbolic links, as wine")
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

// Where the command lines of the forges have their accounts.
func TestPrograms(t *testing.T) {
	home := t.TempDir()
	config := filepath.Join(home, ".config") // of programs that use github.com/adrg/xdg
	switch runtime.GOOS {
	case "darwin":
		config = filepath.Join(home, "Library", "Application Support")
	case "windows":
		config = filepath.Join(home, "AppData", "Local")
	}
	glab := []string{filepath.Join(home, ".config", "glab-cli", "config.yml")}
	if other := filepath.Join(config, "glab-cli", "config.yml"); other != glab[0] {
		glab = append(glab, other)
	}
	old := filepath.Join(home, ".tea", "tea.yml")
	for _, test := range []struct {
		glabDir, xdg string
		glab, tea    []string
	}{
		{"", "", glab, []string{filepath.Join(config, "tea", "config.yml"), old}},
		{"dir", "", []string{filepath.Join("dir", "config.yml")}, []string{filepath.Join(config, "tea", "config.yml"), old}},
		{"", "xdg", []string{glab[0], filepath.Join("xdg", "glab-cli", "config.yml")}, []string{filepath.Join("xdg", "tea", "config.yml"), old}},
	} {
		t.Setenv("HOME", home)
		t.Setenv("LocalAppData", filepath.Join(home, "AppData", "Local"))
		t.Setenv("GLAB_CONFIG_DIR", test.glabDir)
		t.Setenv("XDG_CONFIG_HOME", test.xdg)
		if got := GLab(); !slices.Equal(got, test.glab) {
			t.Errorf("%+v: got %q for glab", test, got)
		}
		if got := Tea(); !slices.Equal(got, test.tea) {
			t.Errorf("%+v: got %q for tea", test, got)
		}
	}
}
