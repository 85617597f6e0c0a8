//go:build unix

package record

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store"
	"github.com/git-credential-pat/git-credential-pat/store/disk"
	"github.com/git-credential-pat/git-credential-pat/store/internal/storetest"
)

// Not parallel, because the umask belongs to the process.
func TestModes(t *testing.T) {
	for _, umask := range []int{0, 0o002, 0o022, 0o077} {
		tree := NewTree(filepath.Join(t.TempDir(), "not", "yet", "git-pat"))
		old := syscall.Umask(umask)
		err := func() error {
			defer syscall.Umask(old)
			r := storetest.Record("laptop", "acme")
			helper := openStore(t, "git:!f() { :; }; f", tree)
			return errors.Join(
				tree.Put(r),
				tree.Create(storetest.Record("ci", "acme/widgets")),
				tree.SetAside(Key(r), credential.Aside{Time: storetest.Noon()}),
				tree.NoteUse(Key(r), storetest.Noon()),
				tree.NoteOthers("github.com", "acme", storetest.Noon()),
				openStore(t, "file", tree).Set(t.Context(), Key(r), storetest.NewSecret(40)),
				func() error {
					var failed *store.Error
					if err := helper.Set(t.Context(), Key(r), storetest.NewSecret(40)); !errors.As(err, &failed) {
						return errors.New("a helper that does nothing kept a secret")
					}
					return nil
				}(),
			)
		}()
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		err = filepath.WalkDir(filepath.Dir(filepath.Dir(tree.Dir())), func(path string, entry fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			info, err := entry.Info()
			if err != nil {
				return err
			}
			want := fs.FileMode(0o600)
			if entry.IsDir() {
				want = 0o700
			}
			if got := info.Mode().Perm(); got != want {
				t.Errorf("umask %03o: %s: got the mode %03o, want %03o", umask, path, got, want)
			}
			n++
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if n < 15 {
			t.Errorf("got %d files and folders, want more", n)
		}
	}
}

// Folders and files that other users can read or change are rejected.
func TestUnsafe(t *testing.T) {
	t.Parallel()
	link := func(t *testing.T, path string) {
		t.Helper()
		if err := errors.Join(os.Rename(path, path+"-elsewhere"), os.Symlink(path+"-elsewhere", path)); err != nil {
			t.Fatal(err)
		}
	}
	chmod := func(t *testing.T, path string, mode fs.FileMode) {
		t.Helper()
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		name   string
		spoil  func(t *testing.T, dir string)
		path   string // below the folder; "-" for a safe one
		reason string
		advice string // the text before the path
	}{
		{"as made", func(*testing.T, string) {}, "-", "", ""},
		{"base that others can read", func(t *testing.T, dir string) { chmod(t, dir, 0o755) }, "-", "", ""},
		{"base that is a link", link, "-", "", ""},
		{"base that the group can change", func(t *testing.T, dir string) { chmod(t, dir, 0o770) }, "", "can be changed by other users", "chmod go-w "},
		{"base that all can change", func(t *testing.T, dir string) { chmod(t, dir, 0o777|fs.ModeSticky) }, "", "can be changed by other users", "chmod go-w "},
		{"base that is a link to what others can change", func(t *testing.T, dir string) {
			chmod(t, dir, 0o703)
			link(t, dir)
		}, "", "can be changed by other users", "chmod go-w "},
		{"base that is a file", func(t *testing.T, dir string) {
			if err := errors.Join(os.RemoveAll(dir), os.WriteFile(dir, nil, 0o600)); err != nil {
				t.Fatal(err)
			}
		}, "", "is not a folder", ""},
		{"tokens that others can list", func(t *testing.T, dir string) { chmod(t, filepath.Join(dir, "tokens"), 0o704) }, "tokens", "is accessible to other users", "chmod 700 "},
		{"tokens that the group can enter", func(t *testing.T, dir string) { chmod(t, filepath.Join(dir, "tokens"), 0o710) }, "tokens", "is accessible to other users", "chmod 700 "},
		{"tokens that are a link", func(t *testing.T, dir string) { link(t, filepath.Join(dir, "tokens")) }, "tokens", "is a symbolic link", ""},
		{"tokens that are a file", func(t *testing.T, dir string) {
			tokens := filepath.Join(dir, "tokens")
			if err := errors.Join(os.RemoveAll(tokens), os.WriteFile(tokens, nil, 0o600)); err != nil {
				t.Fatal(err)
			}
		}, "tokens", "is not a folder", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			tree := NewTree(filepath.Join(t.TempDir(), "it's ours"))
			r := storetest.Record("laptop", "acme")
			put(t, tree, r)
			test.spoil(t, tree.Dir())
			before := storetest.Snapshot(t, filepath.Dir(tree.Dir()))

			_, lookupErr := tree.Lookup("github.com", "acme")
			_, findErr := tree.Find(Key(r))
			errs := map[string]error{"lookup": lookupErr, "find": findErr, "host": nil, "all": nil}
			for _, err := range tree.Host("github.com") {
				errs["host"] = err
			}
			for _, err := range tree.All() {
				errs["all"] = err
			}
			if test.path == "-" {
				for what, err := range errs {
					if err != nil {
						t.Errorf("%s: %v", what, err)
					}
				}
				if err := tree.Put(r); err != nil {
					t.Error(err)
				}
				return
			}
			errs["put"] = tree.Put(storetest.Record("another", "umbrella"))
			errs["create"] = tree.Create(storetest.Record("another", "umbrella"))
			errs["remove"] = tree.Remove(Key(r))
			errs["others"] = tree.NoteOthers("github.com", "acme", storetest.Noon())
			want := disk.FileError{Path: filepath.Join(tree.Dir(), test.path), Reason: test.reason, Advice: disk.AdviceFolder}
			if test.advice != "" {
				want.Advice = test.advice + credential.ShellWord(want.Path)
				want.Mode = 0o700
				if test.path == "" {
					info, err := os.Stat(want.Path)
					if err != nil {
						t.Fatal(err)
					}
					want.Mode = info.Mode().Perm() &^ 0o022
				}
			}
			for what, err := range errs {
				var got *disk.FileError
				if !errors.As(err, &got) {
					t.Errorf("%s: got error %v, want a *FileError", what, err)
				} else if *got != want {
					t.Errorf("%s: got %+v, want %+v", what, *got, want)
				}
			}
			storetest.Unchanged(t, "refused", filepath.Dir(tree.Dir()), before)
			if test.advice == "" {
				return
			}
			for way, mend := range map[string]func() error{
				want.Advice: func() error { _, err := exec.Command("/bin/sh", "-c", want.Advice).CombinedOutput(); return err },
				"Mode":      func() error { return os.Chmod(want.Path, want.Mode) },
			} {
				spoilt, err := os.Stat(want.Path)
				if err := errors.Join(err, mend()); err != nil {
					t.Fatalf("%s: %v", way, err)
				}
				if _, err := tree.Find(Key(r)); err != nil {
					t.Errorf("after %s: %v", way, err)
				}
				chmod(t, want.Path, spoilt.Mode())
			}
		})
	}
}

// Other users may read a record, because it contains no secret.
func TestRecordsMayBeOpen(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	r := storetest.Record("laptop", "acme")
	put(t, tree, r)
	if err := os.Chmod(tree.path(Key(r), recordEnding), 0o644); err != nil {
		t.Fatal(err)
	}
	if c := find(t, tree, Key(r)); c.Damaged != nil {
		t.Error(c.Damaged)
	}
}
