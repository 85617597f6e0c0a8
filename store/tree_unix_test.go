//go:build unix

package store

import (
	"context"
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
	"time"

	"github.com/git-credential-pat/git-credential-pat/credential"
)

// Not parallel: the umask is the whole process's.
func TestModes(t *testing.T) {
	for _, umask := range []int{0, 0o002, 0o022, 0o077} {
		tree := NewTree(filepath.Join(t.TempDir(), "not", "yet", "git-pat"))
		old := syscall.Umask(umask)
		err := func() error {
			defer syscall.Umask(old)
			r := record("laptop", "acme")
			helper := &gitHelper{name: "git:", line: "!f() { :; }; f", tree: tree}
			return errors.Join(
				tree.Put(r),
				tree.Create(record("ci", "acme/widgets")),
				tree.SetAside(Key(r), credential.Aside{Time: noon()}),
				tree.NoteUse(Key(r), noon()),
				tree.NoteOthers("github.com", "acme", noon()),
				(&file{tree}).Set(t.Context(), Key(r), newSecret(40)),
				func() error {
					var trouble *Trouble
					if err := helper.Set(t.Context(), Key(r), newSecret(40)); !errors.As(err, &trouble) {
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

// What others could read or change is not used, and nothing is written there.
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
		path   string // below the folder; "-" for one that is all right
		reason string
		advice string // before the path
	}{
		{"as made", func(*testing.T, string) {}, "-", "", ""},
		{"base that others can read", func(t *testing.T, dir string) { chmod(t, dir, 0o755) }, "-", "", ""},
		{"base that is a link", link, "-", "", ""},
		{"base that the group can change", func(t *testing.T, dir string) { chmod(t, dir, 0o770) }, "", "can be changed by others", "chmod go-w "},
		{"base that all can change", func(t *testing.T, dir string) { chmod(t, dir, 0o777|fs.ModeSticky) }, "", "can be changed by others", "chmod go-w "},
		{"base that is a link to what others can change", func(t *testing.T, dir string) {
			chmod(t, dir, 0o703)
			link(t, dir)
		}, "", "can be changed by others", "chmod go-w "},
		{"base that is a file", func(t *testing.T, dir string) {
			if err := errors.Join(os.RemoveAll(dir), os.WriteFile(dir, nil, 0o600)); err != nil {
				t.Fatal(err)
			}
		}, "", "is no folder", ""},
		{"tokens that others can list", func(t *testing.T, dir string) { chmod(t, filepath.Join(dir, "tokens"), 0o704) }, "tokens", "is open to others", "chmod 700 "},
		{"tokens that the group can enter", func(t *testing.T, dir string) { chmod(t, filepath.Join(dir, "tokens"), 0o710) }, "tokens", "is open to others", "chmod 700 "},
		{"tokens that are a link", func(t *testing.T, dir string) { link(t, filepath.Join(dir, "tokens")) }, "tokens", "is a symbolic link", ""},
		{"tokens that are a file", func(t *testing.T, dir string) {
			tokens := filepath.Join(dir, "tokens")
			if err := errors.Join(os.RemoveAll(tokens), os.WriteFile(tokens, nil, 0o600)); err != nil {
				t.Fatal(err)
			}
		}, "tokens", "is no folder", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			tree := NewTree(filepath.Join(t.TempDir(), "it's ours"))
			r := record("laptop", "acme")
			put(t, tree, r)
			test.spoil(t, tree.Dir())
			before := snapshot(t, filepath.Dir(tree.Dir()))

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
			errs["put"] = tree.Put(record("another", "umbrella"))
			errs["create"] = tree.Create(record("another", "umbrella"))
			errs["remove"] = tree.Remove(Key(r))
			errs["others"] = tree.NoteOthers("github.com", "acme", noon())
			want := FileError{Path: filepath.Join(tree.Dir(), test.path), Reason: test.reason, Advice: adviceFolder}
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
				var got *FileError
				if !errors.As(err, &got) {
					t.Errorf("%s: got error %v, want a *FileError", what, err)
				} else if *got != want {
					t.Errorf("%s: got %+v, want %+v", what, *got, want)
				}
			}
			unchanged(t, "refused", filepath.Dir(tree.Dir()), before)
			if test.advice == "" {
				return
			}
			for way, mend := range map[string]func() error{
				want.Advice: func() error { _, err := runShell(want.Advice); return err },
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

// The secrets of the file store are as strict, and its trouble has the way out.
func TestFileUnsafe(t *testing.T) {
	t.Parallel()
	key := Key(record("laptop", "acme"))
	for _, test := range []struct {
		name  string
		spoil func(secrets, path string) error
		path  func(secrets, path string) string
		what  string // behind the path
		chmod string // or other advice
	}{
		{"folder that others can list", func(secrets, _ string) error { return os.Chmod(secrets, 0o755) },
			func(secrets, _ string) string { return secrets }, " is open to others", "chmod 700 "},
		{"folder that is a link", func(secrets, _ string) error {
			return errors.Join(os.Rename(secrets, secrets+"-2"), os.Symlink(secrets+"-2", secrets))
		}, func(secrets, _ string) string { return secrets }, " is a symbolic link", adviceFolder},
		{"file that others can read", func(_, path string) error { return os.Chmod(path, 0o644) },
			func(_, path string) string { return path }, " is open to others", "chmod 600 "},
		{"file that is a link", func(_, path string) error {
			return errors.Join(os.Rename(path, path+"-2"), os.Symlink(path+"-2", path))
		}, func(_, path string) string { return path }, " is a symbolic link", adviceAgain},
		{"file that is a folder", func(_, path string) error { return errors.Join(os.Remove(path), os.Mkdir(path, 0o700)) },
			func(_, path string) string { return path }, " is no regular file", adviceAgain},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := &file{newTree(t)}
			secret := newSecret(40)
			if err := s.Set(t.Context(), key, secret); err != nil {
				t.Fatal(err)
			}
			if err := test.spoil(s.secrets(), s.path(key)); err != nil {
				t.Fatal(err)
			}
			_, err := s.Get(t.Context(), key)
			trouble := isTrouble(t, "get", err)
			path := test.path(s.secrets(), s.path(key))
			want := Trouble{Store: "file", What: "cannot be used: " + path + test.what, File: trouble.File}
			wantFile := FileError{Path: path, Reason: strings.TrimPrefix(test.what, " ")}
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
			if *trouble != want {
				t.Errorf("got %+v, want %+v", *trouble, want)
			}
			if trouble.File == nil || *trouble.File != wantFile {
				t.Errorf("got the file %+v, want %+v", trouble.File, wantFile)
			}
			if path == s.secrets() {
				isTrouble(t, "set", s.Set(t.Context(), key, newSecret(40)))
				isTrouble(t, "delete", s.Delete(t.Context(), key))
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
			same(t, want.Advice, got, secret)
		})
	}
}

func runShell(command string) ([]byte, error) {
	return exec.Command(shell(), "-c", command).CombinedOutput()
}

// A record that others can read tells them no secret.
func TestRecordsMayBeOpen(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	r := record("laptop", "acme")
	put(t, tree, r)
	if err := os.Chmod(tree.path(Key(r), recordEnding), 0o644); err != nil {
		t.Fatal(err)
	}
	if c := find(t, tree, Key(r)); c.Damaged != nil {
		t.Error(c.Damaged)
	}
}

// Two who want the same lock get it one after the other, and whoever has it is
// not held up by what is left of a program that was killed.
func TestLock(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "lock")
	unlock, err := lock(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	got := make(chan func())
	go func() {
		unlock, err := lock(t.Context(), path)
		if err != nil {
			t.Error(err)
		}
		got <- unlock
	}()
	select {
	case <-got:
		t.Error("two have the lock")
	case <-time.After(50 * time.Millisecond):
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := lock(over, path); err == nil {
		t.Error("a lock that another has was got")
	}
	unlock()
	(<-got)()
	if unlock, err = lock(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	unlock()
	link := path + "-2"
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	if _, err := lock(t.Context(), link); err == nil {
		t.Error("a link was followed")
	}
}

// What is found of all secrets in plain files at once is what getting each finds.
func TestSecretFiles(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	f := &file{tree}
	in := filepath.Join(f.secrets(), "github.com", "acme", here)
	if err := os.MkdirAll(in, 0o700); err != nil {
		t.Fatal(err)
	}
	at := func(name string) string { return filepath.Join(in, name) }
	for _, err := range []error{
		os.WriteFile(at("good"), []byte("secret"), 0o600),
		os.WriteFile(at("empty"), nil, 0o400),
		os.WriteFile(at("open"), []byte("secret"), 0o640),
		os.WriteFile(at("closed"), []byte("secret"), 0o200),
		os.WriteFile(at("large"), make([]byte, maxFile+1), 0o600),
		os.Symlink("good", at("link")),
		syscall.Mkfifo(at("pipe"), 0o600),
		os.Mkdir(at("folder"), 0o700),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	found, err := tree.SecretFiles()
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
	if _, err := tree.SecretFiles(); err == nil {
		t.Error("there is no error for a folder that is open to others")
	}
}
