package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store/internal/storetest"
)

func needGit(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip(err)
	}
	needShell(t)
}

func needShell(t *testing.T) {
	t.Helper()
	path, _ := shell(t.Context())
	if _, err := exec.LookPath(path); err != nil {
		t.Skip(err)
	}
}

// shortFolder returns a folder whose path is short enough for a socket.
func shortFolder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "s")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func TestGitHelperContract(t *testing.T) {
	t.Parallel()
	needGit(t)
	for _, test := range []struct {
		name string
		unix bool
		line func(t *testing.T, dir string) string // the helper
	}{
		{"store", false, func(t *testing.T, dir string) string {
			return "store --file=" + credential.ShellWord(filepath.ToSlash(filepath.Join(dir, "it's a file")))
		}},
		{"cache", true, func(t *testing.T, dir string) string {
			// The daemon must create the folder of the socket, or it rejects it.
			socket := filepath.Join(dir, "d", "socket")
			t.Cleanup(func() {
				out, err := exec.Command("git", "credential-cache", "--socket="+socket, "exit").CombinedOutput()
				if err != nil {
					t.Errorf("the daemon does not end: %v: %s", err, out)
				}
				for range 100 {
					if _, err := os.Lstat(socket); errors.Is(err, fs.ErrNotExist) {
						return
					}
					time.Sleep(20 * time.Millisecond)
				}
				t.Error("the daemon does not end")
			})
			return "cache --timeout=600 --socket=" + credential.ShellWord(socket)
		}},
		{"absolute path", true, func(t *testing.T, dir string) string {
			script := filepath.Join(dir, "helper")
			if err := os.WriteFile(script, []byte("#!/bin/sh\nexec git credential-store --file=\"$1\" \"$2\"\n"), 0o700); err != nil {
				t.Fatal(err)
			}
			return script + " " + credential.ShellWord(filepath.Join(dir, "a file"))
		}},
		{"shell", false, func(t *testing.T, dir string) string {
			return `!f() { git credential-store --file="$1" "$2"; }; f ` + credential.ShellWord(filepath.ToSlash(filepath.Join(dir, "a file")))
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if test.unix && runtime.GOOS == "windows" {
				t.Skip("Git for Windows has no cache outside of its own shell, and no scripts for helpers")
			}
			dir := shortFolder(t)
			name, folder := "git:"+test.line(t, dir), filepath.Join(dir, "git-pat")
			testStore(t, func(t *testing.T) Store { return mustOpen(t, name, folder) }, abilities{slow: true})
		})
	}
}

// Git's cache works with its default socket too.
func TestGitCacheByDefault(t *testing.T) {
	t.Parallel()
	needGit(t)
	if runtime.GOOS == "windows" {
		t.Skip("Git for Windows has no cache outside of its own shell, and no scripts for helpers")
	}
	s := mustOpen(t, "git:cache --timeout=600", filepath.Join(t.TempDir(), "git-pat"))
	t.Cleanup(func() {
		if out, err := exec.Command("git", "credential-cache", "exit").CombinedOutput(); err != nil {
			t.Errorf("the daemon does not end: %v: %s", err, out)
		}
	})
	key, secret := contractKeys()[0], storetest.NewSecret(40)
	if err := s.Set(t.Context(), key, secret); err != nil {
		t.Fatal(err)
	}
	got, err := s.Get(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	storetest.Same(t, "get", got, secret)
	if _, err := os.Lstat(filepath.Join(os.Getenv("XDG_CACHE_HOME"), "git", "credential", "socket")); err != nil {
		t.Error(err)
	}
	// The secret ends with the daemon. This is not an error.
	if out, err := exec.Command("git", "credential-cache", "exit").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if _, err := s.Get(t.Context(), key); !errors.Is(err, ErrNotFound) {
		t.Errorf("without the daemon: got error %v, want ErrNotFound", err)
	}
}

// A helper that also has credentials for real hosts stores the secrets apart from
// them.
func TestGitHelperCannotAnswerForHosts(t *testing.T) {
	t.Parallel()
	needGit(t)
	dir := shortFolder(t)
	file := filepath.Join(dir, "file")
	folder := filepath.Join(dir, "git-pat")
	s := mustOpen(t, "git:store --file="+credential.ShellWord(filepath.ToSlash(file)), folder)
	foreign := storetest.NewSecret(40)
	if err := os.WriteFile(file, []byte("https://somebody:"+foreign.Reveal()+"@github.com\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	key := contractKeys()[0]
	if _, err := s.Get(t.Context(), key); !errors.Is(err, ErrNotFound) {
		t.Errorf("got error %v, want ErrNotFound", err)
	}
	if err := s.Set(t.Context(), key, storetest.NewSecret(40)); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if lines := strings.Split(strings.TrimSpace(string(data)), "\n"); len(lines) != 2 ||
		strings.Count(string(data), "@"+HelperHost+"\n") != 1 || strings.Count(string(data), "@github.com\n") != 1 {
		t.Errorf("got %d lines, want one for %s and one for github.com", len(lines), HelperHost)
	}
	if err := s.Delete(t.Context(), key); err != nil {
		t.Fatal(err)
	}
	if data, err = os.ReadFile(file); err != nil || strings.Count(string(data), "\n") != 1 {
		t.Errorf("after deleting ours: got %d lines and error %v, want the other one", strings.Count(string(data), "\n"), err)
	}
}

// outcomes has the expected result of Get, Set and Delete: "missing", "" for no
// error, or the beginning of Error.What.
type outcomes [3]string

func allOf(what string) outcomes { return outcomes{what, what, what} }

// inShell returns the line for a helper that is a shell function.
func inShell(snippet string) string { return "!f() { " + snippet + "; }; f" }

// TestGitHelperErrors tests helpers that fail.
func TestGitHelperErrors(t *testing.T) {
	t.Parallel()
	needShell(t)
	// The message of a failed helper may contain the secret.
	secret := storetest.NewToken(credential.Classic)
	for _, test := range []struct {
		name string
		line string
		want outcomes
	}{
		{"says nothing", inShell(":"), outcomes{"missing", "did not store the secret", ""}},
		{"exits without a word", inShell("exit 1"), outcomes{"missing", "failed: ", "failed: "}},
		{"exits with a word", inShell("echo is locked >&2; exit 1"), allOf(`failed: "is locked"`)},
		{"complains only", inShell("echo is locked >&2"), outcomes{`failed: "is locked"`, `failed: "is locked"`, ""}},
		{"repeats what it is sent", inShell("cat >&2; exit 1"), allOf("failed: ")},
		{"is not there", "/nonexistent/helper", allOf("failed: ")},
		{"is no command of Git's", "nonexistent-helper", allOf("failed: ")},
		{"cannot be started", inShell(strings.Repeat(": too long;", 1<<18) + ":"), allOf("failed: ")},
		{"crashes", inShell("kill -KILL $$"), allOf("failed: ")},
		{"its child crashes", inShell("sh -c 'kill -KILL $$'; exit $?") + " 2>/dev/null", allOf("failed: ")},
		{"hangs", inShell("exec sh -c 'WAIT'"), allOf("did not answer within 200ms")},
		{"hangs with its child", inShell("(WAIT); :"), allOf("did not answer within 200ms")},
		{"answers with something else", inShell("echo nonsense"), outcomes{"sent an invalid reply", "sent an invalid reply", ""}},
		{"answers with two passwords", inShell("echo password=a; echo password=b"), outcomes{"sent an invalid reply", "sent an invalid reply", ""}},
		{"has another password", inShell("echo password=other"), outcomes{"", "did not store the secret", ""}},
		{"has another user's", inShell("echo username=other; echo password=other"), outcomes{"missing", "did not store the secret", ""}},
		{"complains without a password", inShell("echo username=x; echo is locked >&2"), outcomes{`failed: "is locked"`, `failed: "is locked"`, ""}},
		{"has only the user name of the request", inShell(`while read -r line; do case $line in username=*) echo "$line"; esac; done`), outcomes{"missing", "did not store the secret", ""}},
		{"says to quit", inShell("echo quit=1"), outcomes{"told Git to quit", "told Git to quit", ""}},
		{"has a password and complains", inShell("echo password=other; echo a warning >&2; exit 1"), outcomes{"", "failed: ", "failed: "}},
		{"leaves something running", inShell("echo password=other; (WAIT) & :"), outcomes{"", "did not store the secret", ""}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if runtime.GOOS == "windows" && test.name == "its child crashes" {
				t.Skip("without signals, each shell has its own status for this")
			}
			limit := time.Minute
			if strings.HasPrefix(test.name, "hangs") {
				limit = 200 * time.Millisecond
			}
			// A helper with WAIT ends after the test. Whoever waited for it would exceed
			// the limit of the operation, or of go test.
			until := filepath.Join(t.TempDir(), "until")
			if err := os.WriteFile(until, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			test.line = strings.ReplaceAll(test.line, "WAIT", `while test -e "`+filepath.ToSlash(until)+`"; do sleep 1; done`)
			s, err := Open("git:"+test.line, filepath.Join(t.TempDir(), "git-pat"), Options{Limit: limit})
			if err != nil {
				t.Fatal(err)
			}
			key := contractKeys()[0]
			for i, want := range test.want {
				operation := []string{"get", "set", "delete"}[i]
				var err error
				switch operation {
				case "get":
					_, err = s.Get(t.Context(), key)
				case "set":
					err = s.Set(t.Context(), key, secret)
				case "delete":
					err = s.Delete(t.Context(), key)
				}
				switch want {
				case "":
					if err != nil {
						t.Errorf("%s: %v", operation, err)
					}
					continue
				case "missing":
					if !errors.Is(err, ErrNotFound) {
						t.Errorf("%s: got error %v, want ErrNotFound", operation, err)
					}
					continue
				}
				failed := isStoreError(t, operation, err)
				if !strings.HasPrefix(failed.What, want) || failed.Absent || failed.Store != "git:"+test.line {
					t.Errorf("%s: got %+v, want %q", operation, *failed, want)
				}
				if text := fmt.Sprintf("%+v %v", *failed, err); strings.Contains(text, secret.Reveal()) {
					t.Errorf("%s: the error has the secret", operation)
				}
			}
		})
	}
}

// A helper does not use the current repository, writes no trace and sees no token
// in the environment.
func TestGitHelperEnvironment(t *testing.T) {
	needShell(t)
	dir := t.TempDir()
	for name, value := range map[string]string{
		"GIT_DIR":             dir,
		"GIT_WORK_TREE":       dir,
		"GIT_CONFIG_COUNT":    "1",
		"GIT_CONFIG_KEY_0":    "credential.helper",
		"GIT_CONFIG_VALUE_0":  "x",
		"GIT_TRACE":           filepath.Join(dir, "trace"),
		"GIT_TRACE2_EVENT":    filepath.Join(dir, "trace"),
		"GIT_TRACE_CURL":      "1",
		"GIT_CURL_VERBOSE":    "1",
		"SOME_TOKEN":          storetest.NewToken(credential.FineGrained).Reveal(),
		"GITHUB_TOKEN":        storetest.NewToken(credential.AppInstallation).Reveal(),
		"STORE_TEST_HARMLESS": "kept",
		"GIT_CONFIG_NOSYSTEM": "1",
		"GIT_TERMINAL_PROMPT": "0",
	} {
		t.Setenv(name, value)
	}
	out := filepath.Join(dir, "out")
	s := mustOpen(t, "git:!f() { { pwd; env; echo \"args $*\"; cat; } >"+credential.ShellWord(filepath.ToSlash(out))+"; }; f a", dir)
	key := contractKeys()[0]
	if _, err := s.Get(t.Context(), key); !errors.Is(err, ErrNotFound) {
		t.Fatalf("got error %v, want ErrNotFound", err)
	}
	data, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	text := string(data)
	if runtime.GOOS != "windows" && !strings.HasPrefix(text, "/\n") {
		t.Error("not in the root folder")
	}
	for _, want := range []string{
		"\nSTORE_TEST_HARMLESS=kept\n", "\nGIT_CONFIG_NOSYSTEM=1\n", "\nGIT_TERMINAL_PROMPT=0\n", "\nPATH=", "\nHOME=",
		"\nargs a get\nprotocol=https\nhost=git-pat.invalid\nusername=" + key + "\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("lacks %q", want)
		}
	}
	for line := range strings.Lines(text) {
		name, _, _ := strings.Cut(line, "=")
		switch {
		case name == "GIT_CONFIG_NOSYSTEM", name == "GIT_TERMINAL_PROMPT":
		case strings.HasPrefix(name, "GIT_"), strings.HasSuffix(name, "_TOKEN"):
			t.Errorf("has %s", name)
		}
	}
}

// Git's cache loses entries when many programs start its daemon at once. A person
// with many submodules may have 50 processes that store a secret.
func TestGitCacheColdStart(t *testing.T) {
	t.Parallel()
	needGit(t)
	if runtime.GOOS == "windows" {
		t.Skip("Git for Windows has no cache outside of its own shell, and no scripts for helpers")
	}
	dir := shortFolder(t)
	socket := filepath.Join(dir, "d", "socket")
	folder := filepath.Join(dir, "git-pat")
	t.Cleanup(func() {
		if out, err := exec.Command("git", "credential-cache", "--socket="+socket, "exit").CombinedOutput(); err != nil {
			t.Errorf("the daemon does not end: %v: %s", err, out)
		}
	})
	const many = 50
	secrets := make([]credential.Secret, many)
	var all sync.WaitGroup
	for i := range many {
		secrets[i] = storetest.NewSecret(40)
		s := mustOpen(t, "git:cache --socket="+credential.ShellWord(socket), folder)
		all.Go(func() {
			if err := s.Set(t.Context(), fmt.Sprintf("github.com/@/n%d", i), secrets[i]); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	s := mustOpen(t, "git:cache --socket="+credential.ShellWord(socket), folder)
	for i := range many {
		got, err := s.Get(t.Context(), fmt.Sprintf("github.com/@/n%d", i))
		if err != nil {
			t.Errorf("%d: %v", i, err)
			continue
		}
		storetest.Same(t, fmt.Sprint(i), got, secrets[i])
	}
}
