// Package storetest has helpers for the tests of the stores, the records and the
// keeper: secrets made at run time, a separate home, folders without permission.
package storetest

import (
	"bytes"
	"crypto/rand"
	"encoding/base32"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/credential/forge"
)

// childVariable is set in a process that InChild started.
const childVariable = "STORE_TEST_CHILD"

// Main runs the tests with a temporary home. They do not see the folders, the
// Git configuration or the keyring of the person who runs them. A child uses
// the home of its parent.
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

// IsChild reports whether InChild started this process.
func IsChild() bool { return os.Getenv(childVariable) != "" }

// InChild runs the calling test again in another process, with additional
// environment variables. There IsChild returns true.
func InChild(t *testing.T, env ...string) {
	t.Helper()
	Finish(t, ChildOf(t, env...))
}

// Finish runs a command of ChildOf and reports the result of its test.
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

// EmulatorVariable names the program of qemu-user that runs the tests, for a kernel
// that does not start programs of their processor by itself; see .ci/emulated.
const EmulatorVariable = "TEST_EMULATOR"

// ChildOf returns the command that runs the calling test again.
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
	line := []string{self, "-test.v", "-test.run=" + strings.Join(names, "/")}
	if emulator := os.Getenv(EmulatorVariable); emulator != "" {
		line = append([]string{emulator}, line...)
	}
	cmd := exec.Command(line[0], line[1:]...)
	cmd.Env = append(os.Environ(),
		childVariable+"=1",
		// Under -race each child would sleep for a second before it exits.
		"GORACE="+os.Getenv("GORACE")+" atexit_sleep_ms=0",
	)
	cmd.Env = append(cmd.Env, env...)
	return cmd
}

// Symlink is os.Symlink. It returns an error where there are no symbolic links: for
// most users of Windows, and in wine, whose call makes none and reports success.
func Symlink(target, link string) error {
	if err := os.Symlink(target, link); err != nil {
		return err
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		return errors.New("this system makes no symbolic links")
	}
	return nil
}

// NewSecret returns a random secret of letters and digits. Tests make their
// secrets when they run, so no file of this project contains one.
func NewSecret(length int) credential.Secret {
	raw := make([]byte, length)
	rand.Read(raw)
	return credential.NewSecret(base32.StdEncoding.EncodeToString(raw)[:length])
}

// NewToken returns a token of a kind. Its checksum is not valid.
func NewToken(kind credential.Kind) credential.Secret {
	body := NewSecret(36).Reveal()
	prefix := map[credential.Kind]string{
		credential.FineGrained:     "github_pat_",
		credential.Classic:         "ghp_",
		credential.OAuth:           "gho_",
		credential.AppUser:         "ghu_",
		credential.AppInstallation: "ghs_",
		forge.GitLabToken:          "glpat-",
		forge.AzureToken:           NewSecret(39).Reveal() + body + "AZDO",
		forge.BitbucketAPI:         "ATATT",
	}[kind]
	if kind == forge.AzureToken {
		body = body[:5]
	}
	return credential.NewSecret(prefix + body)
}

// Same fails the test unless two secrets are equal. It does not print them.
func Same(t *testing.T, what string, got, want credential.Secret) {
	t.Helper()
	if !got.Equal(want) {
		t.Errorf("%s: got another secret, of %d bytes, want one of %d bytes", what, len(got.Reveal()), len(want.Reveal()))
	}
}

// Noon returns the current time of the tests.
func Noon() time.Time { return time.Date(2026, time.March, 14, 12, 0, 0, 0, time.UTC) }

// Record returns a record for a fine-grained token of github.com.
func Record(name string, paths ...string) credential.Record {
	return credential.Record{
		Target: credential.Target{Host: "github.com", Paths: paths},
		Name:   name,
		Kind:   credential.FineGrained,
		Added:  Noon().Add(-24 * time.Hour),
		Store:  "file",
	}
}

// Opaque returns a record for a password.
func Opaque(host, name string, paths ...string) credential.Record {
	r := Record(name, paths...)
	r.Host, r.Kind = host, credential.Other
	return r
}

// Files returns the sorted names of the files below a folder, with slashes. Of
// the folders it returns only the empty ones, with a slash at the end.
func Files(t *testing.T, dir string) []string {
	t.Helper()
	return slices.Sorted(maps.Keys(Snapshot(t, dir)))
}

// Snapshot returns, by the names of Files, the mode, time and content.
func Snapshot(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	root := os.DirFS(dir)
	err := fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		text := fmt.Sprint(info.Mode(), " ", info.ModTime().UnixNano(), " ")
		switch {
		case entry.IsDir():
			inside, err := fs.ReadDir(root, name)
			if err != nil || len(inside) > 0 || name == "." {
				return err
			}
			name += "/"
		case entry.Type().IsRegular():
			data, err := fs.ReadFile(root, name)
			if err != nil {
				return err
			}
			text += string(data)
		}
		all[name] = text
		return nil
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return all
}

// Unchanged fails the test if a folder differs from its snapshot.
func Unchanged(t *testing.T, what, dir string, was map[string]string) {
	t.Helper()
	is := Snapshot(t, dir)
	for name, text := range is {
		if was[name] != text {
			t.Errorf("%s: %s is new or changed", what, name)
		}
	}
	for name := range was {
		if is[name] == "" {
			t.Errorf("%s: %s is missing", what, name)
		}
	}
}

// SameRecord fails the test unless two records are equal.
func SameRecord(t *testing.T, what string, got, want credential.Record) {
	t.Helper()
	if !got.Equal(want) {
		t.Errorf("%s: got %#v, want %#v", what, got, want)
	}
}

// With returns a changed record.
func With(r credential.Record, change func(r *credential.Record)) credential.Record {
	change(&r)
	return r
}
