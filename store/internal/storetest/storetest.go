// Package storetest is what the tests of the stores, the records and the keeper
// share: secrets made at run time, a home of their own, disks that are full.
package storetest

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/git-credential-pat/git-credential-pat/credential"
)

// childVariable is set in a test binary that a test has started again.
const childVariable = "STORE_TEST_CHILD"

// Main keeps the tests away from the folders, the Git configuration and
// the keyring of the person who runs them. A child has its parent's.
func Main(m *testing.M) int {
	if IsChild() {
		return m.Run()
	}
	home, err := os.MkdirTemp("", "st") // short, for a socket
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(home)
	for _, variable := range os.Environ() {
		name, _, _ := strings.Cut(variable, "=")
		for _, prefix := range []string{"GIT_", "XDG_", "DBUS_", "GNOME_"} {
			if strings.HasPrefix(name, prefix) {
				os.Unsetenv(name)
			}
		}
	}
	for name, value := range map[string]string{
		"HOME":                     home,
		"USERPROFILE":              home,
		"LocalAppData":             home,
		"XDG_CACHE_HOME":           filepath.Join(home, "cache"),
		"XDG_CONFIG_HOME":          filepath.Join(home, "config"),
		"XDG_DATA_HOME":            filepath.Join(home, "data"),
		"XDG_RUNTIME_DIR":          filepath.Join(home, "run"),
		"GIT_CONFIG_NOSYSTEM":      "1",
		"GIT_TERMINAL_PROMPT":      "0",
		"DBUS_SESSION_BUS_ADDRESS": "unix:path=" + filepath.Join(home, "no-bus"),
		"DISPLAY":                  "",
		"WAYLAND_DISPLAY":          "",
	} {
		os.Setenv(name, value)
	}
	if err := os.Mkdir(os.Getenv("XDG_RUNTIME_DIR"), 0o700); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

func IsChild() bool { return os.Getenv(childVariable) != "" }

// InChild runs the test that calls it once more, in a process of its own and
// with further variables. The test does there what it does where isChild.
func InChild(t *testing.T, env ...string) {
	t.Helper()
	Finish(t, ChildOf(t, env...))
}

func Finish(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	switch err := cmd.Run(); {
	case err != nil:
		t.Errorf("child: %v\n%s", err, &out)
	case strings.Contains(out.String(), "--- SKIP: "+t.Name()+" "):
		t.Skip(out.String())
	case !strings.Contains(out.String(), "--- PASS: "+t.Name()+" "):
		t.Errorf("child passed no test:\n%s", &out)
	}
}

func ChildOf(t *testing.T, env ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for name := range strings.SplitSeq(t.Name(), "/") {
		names = append(names, "^"+regexp.QuoteMeta(name)+"$")
	}
	cmd := exec.Command(self, "-test.v", "-test.run="+strings.Join(names, "/"))
	cmd.Env = append(os.Environ(),
		childVariable+"=1",
		// Under -race each child would sleep for a second before it exits.
		"GORACE="+os.Getenv("GORACE")+" atexit_sleep_ms=0",
	)
	cmd.Env = append(cmd.Env, env...)
	return cmd
}

// NewSecret makes a secret as long as wanted, of letters and digits. Tokens
// are made when they are needed, so that no file of this project has one.
func NewSecret(length int) credential.Secret {
	raw := make([]byte, length)
	rand.Read(raw)
	text := base64.RawURLEncoding.EncodeToString(raw)
	return credential.NewSecret(strings.NewReplacer("-", "x", "_", "y").Replace(text)[:length])
}

// NewToken makes a token of a kind. The checksum is of no interest here.
func NewToken(kind credential.Kind) credential.Secret {
	body := NewSecret(36).Reveal()
	prefix := map[credential.Kind]string{
		credential.FineGrained:     "github_pat_",
		credential.Classic:         "ghp_",
		credential.OAuth:           "gho_",
		credential.AppUser:         "ghu_",
		credential.AppInstallation: "ghs_",
	}[kind]
	return credential.NewSecret(prefix + body)
}

// Same fails the test unless a secret is the one wanted. What it is is not
// shown.
func Same(t *testing.T, what string, got, want credential.Secret) {
	t.Helper()
	if !got.Equal(want) {
		t.Errorf("%s: got another secret, of %d bytes, want one of %d bytes", what, len(got.Reveal()), len(want.Reveal()))
	}
}

// Noon is when the tests take place.
func Noon() time.Time { return time.Date(2026, time.March, 14, 12, 0, 0, 0, time.UTC) }

// Record is a fine-grained one, for a target of github.com.
func Record(name string, paths ...string) credential.Record {
	return credential.Record{
		Target: credential.Target{Host: "github.com", Paths: paths},
		Name:   name,
		Kind:   credential.FineGrained,
		Added:  Noon().Add(-24 * time.Hour),
		Store:  "file",
	}
}

// Opaque is a record for a password.
func Opaque(host, name string, paths ...string) credential.Record {
	r := Record(name, paths...)
	r.Host, r.Kind = host, credential.Other
	return r
}

// Files returns what there is below a folder, with slashes, and folders only
// where they are empty.
func Files(t *testing.T, dir string) []string {
	t.Helper()
	var names []string
	for name := range Snapshot(t, dir) {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Snapshot returns what there is below a folder, with all that writing would
// change.
func Snapshot(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			if errors.Is(err, fs.ErrNotExist) && path == dir {
				return nil
			}
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		name = filepath.ToSlash(name)
		text := fmt.Sprint(info.Mode(), " ", info.ModTime().UnixNano())
		switch {
		case entry.IsDir():
			inside, err := os.ReadDir(path)
			if err != nil || len(inside) > 0 || path == dir {
				return err
			}
			name += "/"
		case entry.Type().IsRegular():
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			text += fmt.Sprintf(" %x", sha256.Sum256(data))
		}
		all[name] = text
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// Unchanged fails the test if something below the folder is not as it was.
func Unchanged(t *testing.T, what, dir string, was map[string]string) {
	t.Helper()
	is := Snapshot(t, dir)
	for name := range was {
		if _, ok := is[name]; !ok {
			t.Errorf("%s: %s is gone", what, name)
		}
	}
	for name, text := range is {
		switch before, ok := was[name]; {
		case !ok:
			t.Errorf("%s: %s is new", what, name)
		case before != text:
			t.Errorf("%s: %s was changed", what, name)
		}
	}
}

// SameRecord compares all of two records, times by what they mean.
func SameRecord(t *testing.T, what string, got, want credential.Record) {
	t.Helper()
	if !got.Added.Equal(want.Added) || !got.Expires.Equal(want.Expires) {
		t.Errorf("%s: got the times %v and %v, want %v and %v", what, got.Added, got.Expires, want.Added, want.Expires)
	}
	if !got.Target.Equal(want.Target) {
		t.Errorf("%s: got the target %.200q, want %.200q", what, got.Target.String(), want.Target.String())
	}
	got.Target, got.Added, got.Expires = want.Target, want.Added, want.Expires
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s: got %s, want %s", what, Text(got), Text(want))
	}
}

// Text is all of a record, which by itself prints as its target.
func Text(r credential.Record) string {
	return fmt.Sprintf("%.200q %q %q %q %v %v %q %q", r.Target.String(), r.Name, r.Username, r.Kind, r.Added, r.Expires, r.Store, r.Form)
}

// With is a record with a change.
func With(r credential.Record, change func(r *credential.Record)) credential.Record {
	change(&r)
	return r
}
