package record

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store/disk"
	"github.com/git-credential-pat/git-credential-pat/store/internal/storetest"
)

// damages returns ways to damage the file of a record. Each function gets the path
// and the old content.
func damages() map[string]func(path string, was []byte) error {
	write := func(text func(was string) string) func(path string, was []byte) error {
		return func(path string, was []byte) error { return os.WriteFile(path, []byte(text(string(was))), 0o600) }
	}
	instead := func(old, new string) func(path string, was []byte) error {
		return func(path string, was []byte) error {
			text := strings.Replace(string(was), old, new, 1)
			if text == string(was) {
				return fmt.Errorf("no %s in %s", old, was)
			}
			return os.WriteFile(path, []byte(text), 0o600)
		}
	}
	const target = "target=github.com/acme"
	return map[string]func(path string, was []byte) error{
		"empty":              write(func(string) string { return "" }),
		"garbage":            write(func(string) string { return "\x00\x01\xff" }),
		"zeros":              write(func(was string) string { return strings.Repeat("\x00", len(was)) }),
		"another format":     write(func(string) string { return `{"format": 1, "host": "github.com", "paths": ["acme"]}` + "\n" }),
		"no lines":           write(func(string) string { return "\n" }),
		"cut short":          write(func(was string) string { return was[:len(was)/2] }),
		"cut at its end":     write(func(was string) string { return was[:len(was)-1] }),
		"without its end":    write(func(was string) string { return was[:strings.LastIndex(was, "store=")] }),
		"text behind":        write(func(was string) string { return was + "x" }),
		"a line without =":   write(func(was string) string { return was + "x\n" }),
		"too large":          write(func(was string) string { return was + strings.Repeat(" ", disk.MaxFile) }),
		"newer format":       instead("format=1", "format=2"),
		"format of a text":   instead("format=1", "format=one"),
		"no format":          instead("format=1\n", ""),
		"no target":          instead(target+"\n", ""),
		"no host":            instead(target, "target=/acme"),
		"host in upper case": instead(target, "target=GitHub.com/acme"),
		"host with its port": instead(target, "target=github.com:443/acme"),
		"no such host":       instead(target, "target=git hub.com/acme"),
		"two owners":         instead(target, target+"\npath[]=acme/a\npath[]=umbrella/b"),
		"owner beside own":   instead(target, target+"\npath[]=acme\npath[]=acme/b"),
		"another owner":      instead(target, target+"\npath[]=umbrella/a\npath[]=umbrella/b"),
		"one of several":     instead(target, target+"\npath[]=acme/a"),
		"path twice":         instead(target, target+"\npath[]=acme/a\npath[]=acme/a"),
		"paths out of order": instead(target, target+"\npath[]=acme/b\npath[]=acme/a"),
		"no such forge":      instead(target, target+"\nforge=sourceforge"),
		"forge by nickname":  instead(target, target+"\nforge=forgejo"),
		"path in upper case": instead(target, "target=github.com/Acme"),
		"path with slashes":  instead(target, target+"/"),
		"path with dots":     instead(target, target+"/../umbrella"),
		"path with endings":  instead(target, target+"/a.git"),
		"empty path":         instead(target, "target=github.com/"),
		"unknown kind":       instead("fine-grained", "coarse-grained"),
		"no kind":            instead("kind=fine-grained\n", ""),
		"no name":            instead("name=laptop", "name="),
		"no store":           instead("store=file", "store="),
		"no such time":       instead("added=2026-", "added=2026-99-"),
		"a folder in its place": func(path string, _ []byte) error {
			return errors.Join(os.Remove(path), os.Mkdir(path, 0o700))
		},
		"a full folder in its place": func(path string, _ []byte) error {
			return errors.Join(os.Remove(path), os.MkdirAll(filepath.Join(path, "x"), 0o700))
		},
		"a link in its place": func(path string, was []byte) error {
			elsewhere := filepath.Join(filepath.Dir(path), "elsewhere")
			return errors.Join(os.Remove(path), os.WriteFile(elsewhere, was, 0o600), storetest.Symlink(elsewhere, path))
		},
		"a dead link in its place": func(path string, _ []byte) error {
			return errors.Join(os.Remove(path), storetest.Symlink("nowhere", path))
		},
	}
}

// The error names a damaged record. Other records in the folder are still found,
// but no broader record answers.
func TestDamaged(t *testing.T) {
	t.Parallel()
	for name, damage := range damages() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tree := newTree(t)
			r := storetest.Record("laptop", "acme")
			others := []credential.Record{storetest.Record("whole"), storetest.Record("beside", "acme"), storetest.Record("below", "acme/widgets")}
			put(t, tree, others...)
			put(t, tree, r)
			path := tree.path(Key(r), recordEnding)
			was, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := damage(path, was); err != nil {
				if strings.Contains(name, "link") {
					t.Skip(err)
				}
				t.Fatal(err)
			}
			before := storetest.Snapshot(t, tree.Dir())

			sees := func(what string, found []credential.Candidate) {
				t.Helper()
				if got := strings.Join(names(found), " "); got != "whole beside laptop below" {
					t.Fatalf("%s: got %q", what, got)
				}
				for i, r := range []credential.Record{others[0], others[1], {}, others[2]} {
					if i == 2 {
						continue
					}
					if found[i].Damaged != nil {
						t.Errorf("%s: %v", what, found[i].Damaged)
					}
					storetest.SameRecord(t, what, found[i].Record, r)
				}
				damaged(t, what, found[2], path)
			}
			sees("lookup", lookup(t, tree, "github.com", "acme/widgets"))
			var host, all []credential.Candidate
			for c, err := range tree.Host("github.com") {
				if err != nil {
					t.Fatal(err)
				}
				host = append(host, c)
			}
			sees("host", host)
			for c, err := range tree.All() {
				if err != nil {
					t.Fatal(err)
				}
				all = append(all, c)
			}
			sees("all", all)
			c := find(t, tree, Key(r))
			damaged(t, "find", c, path)
			var fault *disk.FileError
			if errors.As(c.Damaged, &fault) && fault.Newer != (name == "newer format") {
				t.Errorf("got newer %v", fault.Newer)
			}
			storetest.Unchanged(t, "reading", tree.Dir(), before)

			// No broader record answers.
			d := credential.Choose(credential.Request{Host: "github.com", Path: "acme/gadgets"}, []credential.Candidate{lookup(t, tree, "github.com", "")[0], find(t, tree, Key(r))}, storetest.Noon())
			if d.Outcome != credential.Unusable || d.Considered[1].Verdict != credential.Unreadable {
				t.Errorf("got the outcome %v and verdict %q", d.Outcome, d.Considered[1].Verdict)
			}
			// Create does not replace it.
			if err := tree.Create(r); !errors.Is(err, fs.ErrExist) {
				t.Errorf("create: got error %v, want fs.ErrExist", err)
			}
		})
	}
}

func damaged(t *testing.T, what string, c credential.Candidate, path string) {
	t.Helper()
	var fault *disk.FileError
	if !errors.As(c.Damaged, &fault) {
		t.Errorf("%s: got %v, want a *FileError", what, c.Damaged)
		return
	}
	if fault.Path != path || fault.Reason == "" || !strings.HasPrefix(fault.Error(), path+" ") {
		t.Errorf("%s: got %+v, want the path %s", what, *fault, path)
	}
	if c.Host != "github.com" || !slices.Equal(c.Paths, []string{"acme"}) || c.Name != "laptop" || c.Key != "github.com/acme/@/laptop" {
		t.Errorf("%s: got %#v, want the target of its place", what, c.Record)
	}
}

func TestDamagedIsShownByItsPlace(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	for _, r := range []credential.Record{
		storetest.Opaque("git.example.com:8443", "a b", "x y/z"), storetest.Opaque("[::1]", "six"),
	} {
		path := tree.path(Key(r), recordEnding)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		c := find(t, tree, Key(r))
		if c.Damaged == nil || !c.Target.Equal(r.Target) || c.Name != r.Name {
			t.Errorf("got %#v, %v, want %#v", c.Record, c.Damaged, r)
		}
	}
}

// Other files are not read as records.
func TestStrangeFiles(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	put(t, tree, storetest.Record("laptop", "acme"))
	dir := filepath.Dir(tree.path("github.com/acme/@/laptop", recordEnding))
	for _, name := range []string{"laptop.record~", ".laptop.record.swp", disk.Temporary + "123", disk.Temporary + "123.record", "README", "laptop.recordx", "x.aside", "x.used", ".DS_Store"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("{}"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"tokens/.DS_Store", "tokens/github.com/.DS_Store"} {
		if err := os.WriteFile(filepath.Join(tree.Dir(), filepath.FromSlash(name)), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if got := names(lookup(t, tree, "github.com", "acme/widgets")); !slices.Equal(got, []string{"laptop"}) {
		t.Errorf("got %q, want only the record", got)
	}
	n := 0
	for _, err := range tree.All() {
		if n++; err != nil {
			t.Error(err)
		}
	}
	if n != 1 {
		t.Errorf("all: got %d, want 1", n)
	}
	if got := tree.Hosts(); !slices.Equal(got, []string{"github.com"}) {
		t.Errorf("got the hosts %q", got)
	}
}

// FuzzRecord checks that a record does not change when it is written and read
// again, unless it is damaged.
func FuzzRecord(f *testing.F) {
	full := storetest.Record("laptop", "acme/gadgets", "acme/widgets")
	full.Username, full.Expires, full.Form = "alice", storetest.Noon(), "attributes"
	for _, r := range []credential.Record{storetest.Record("laptop"), storetest.Record("laptop", "acme"), full, storetest.Opaque("[::1]:8443", "a/b", "x\u00fc//Y.git")} {
		data, err := formatRecord(r)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
		f.Add(data[:len(data)/2])
	}
	f.Add([]byte("format=1\ntarget=a\nname=<>&\nkind=other\nstore=\u2028\n"))
	f.Add([]byte("format=1\r\ntarget=a//b/\r\npath[]=\r\nname=n\r\nkind=other\r\nadded=0000-01-01T00:00:00+23:59\r\nstore=s\r\n"))
	f.Add([]byte("format=1\ntarget=a/b\tc\nname=n\nkind=other\nstore=s\n"))
	dir := f.TempDir()
	n := 0
	f.Fuzz(func(t *testing.T, data []byte) {
		n++
		tree := NewTree(filepath.Join(dir, fmt.Sprint(os.Getpid(), "-", n)))
		defer os.RemoveAll(tree.Dir())
		const key = "github.com/acme/@/laptop"
		path := tree.path(key, recordEnding)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		c := find(t, tree, key)
		if c.Key != key {
			t.Errorf("got the key %q", c.Key)
		}
		if c.Damaged != nil {
			damaged(t, "", c, path)
			return
		}
		if host, err := credential.ParseHost(c.Host); err != nil || host != c.Host {
			t.Errorf("got the host %q, which is read as %q, %v", c.Host, host, err)
		}
		// The record may be too large now. Then it is not written.
		if err := tree.Put(c.Record); err != nil {
			var fault *disk.FileError
			if !errors.As(err, &fault) {
				t.Errorf("put: %v", err)
			}
			return
		}
		back := find(t, tree, Key(c.Record))
		if back.Damaged != nil {
			t.Fatalf("put back: %v", back.Damaged)
		}
		storetest.SameRecord(t, "put back", back.Record, c.Record)
	})
}
