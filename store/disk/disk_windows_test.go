package disk

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/windows"
)

// openToAll creates a folder as it may be on another disk: all users may change it,
// and what is created in it.
func openToAll(t *testing.T, dir string) {
	t.Helper()
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	grant(t, dir, "D:P(A;OICI;FA;;;WD)")
}

// grant sets the access list of a folder, in the language of Windows.
func grant(t *testing.T, dir, list string) {
	t.Helper()
	access, err := windows.SecurityDescriptorFromString(list)
	if err != nil {
		t.Fatal(err)
	}
	entries, _, err := access.DACL()
	if err != nil {
		t.Fatal(err)
	}
	if err := windows.SetNamedSecurityInfo(dir, windows.SE_FILE_OBJECT, windows.DACL_SECURITY_INFORMATION|windows.PROTECTED_DACL_SECURITY_INFORMATION, nil, nil, entries, nil); err != nil {
		t.Fatal(err)
	}
}

// What MakeDirs creates in a folder that is open to all users is not open to them.
func TestMakeDirsOnAnotherDisk(t *testing.T) {
	t.Parallel()
	shared := filepath.Join(t.TempDir(), "shared")
	openToAll(t, shared)
	dir := filepath.Join(shared, "with a space", "git-pat")
	if err := WriteWhole(filepath.Join(dir, "secret"), []byte("x"), true); err != nil {
		t.Fatal(err)
	}
	for _, folder := range []string{filepath.Dir(dir), dir} {
		if err := CheckPrivate(folder); err != nil {
			t.Errorf("%s: %v", folder, err)
		}
	}
}

// The access list of a folder says whether others may change it or see what is in
// it, and Close ends that.
func TestAccess(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, list string
		ours       bool // nobody else may change it
		private    bool
	}{
		{"all may do all", "D:P(A;OICI;FA;;;WD)", false, false},
		{"all may read", "D:P(A;OICI;FA;;;SY)(A;OICI;FR;;;WD)", true, false},
		{"all may do nothing", "D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)", true, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "folder")
			if err := os.Mkdir(dir, 0o700); err != nil {
				t.Fatal(err)
			}
			me, err := user()
			if err != nil {
				t.Fatal(err)
			}
			grant(t, dir, test.list+"(A;OICI;FA;;;"+me.String()+")")
			for what, got := range map[string]struct {
				err  error
				safe bool
			}{"CheckOurs": {CheckOurs(dir), test.ours}, "CheckPrivate": {CheckPrivate(dir), test.private}} {
				var open *FileError
				if got.safe != (got.err == nil) || !got.safe && (!errors.As(got.err, &open) || open.Mode == 0) {
					t.Errorf("%s: got %v, want an error: %v", what, got.err, !got.safe)
				}
			}
			if err := Close(dir, 0o700); err != nil {
				t.Fatal(err)
			}
			if err := CheckPrivate(dir); err != nil {
				t.Errorf("closed: %v", err)
			}
		})
	}
}

// A program that reads a file delays others for a moment, even if it does not share
// the file, as programs that look for viruses do.
func TestInUse(t *testing.T) {
	t.Parallel()
	openAlone := func(path string) (*os.File, error) {
		name, err := windows.UTF16PtrFromString(path)
		if err != nil {
			return nil, err
		}
		handle, err := windows.CreateFile(name, windows.GENERIC_READ, 0, nil, windows.OPEN_EXISTING, 0, 0)
		return os.NewFile(uintptr(handle), path), err
	}
	for name, call := range map[string]func(path string) error{
		"replace": func(path string) error { return WriteWhole(path, []byte("new"), false) },
		"remove":  RemoveFile,
		"read":    func(path string) error { _, err := ReadWhole(path, true); return err },
		"touch":   func(path string) error { return Touch(path, time.Now()) },
	} {
		for how, open := range map[string]func(string) (*os.File, error){"ours": open, "another's": os.Open, "alone": openAlone} {
			t.Run(name+"/"+how, func(t *testing.T) {
				t.Parallel()
				path := filepath.Join(t.TempDir(), "folder", "file")
				if err := WriteWhole(path, []byte("old"), true); err != nil {
					t.Fatal(err)
				}
				f, err := open(path)
				if err != nil {
					t.Fatal(err)
				}
				time.AfterFunc(100*time.Millisecond, func() { f.Close() })
				if err := call(path); err != nil {
					t.Error(err)
				}
			})
		}
	}
}
