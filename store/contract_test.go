package store

import (
	"context"
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
	"github.com/git-credential-pat/git-credential-pat/store/record"
)

// abilities say what a store can do that the contract does not require.
type abilities struct {
	// bytes is true if the store accepts any bytes. Otherwise Set of a secret with
	// control characters is an error.
	bytes bool
}

// contractKeys returns different keys of records.
func contractKeys() []string {
	other := func(host, name string, paths ...string) credential.Record {
		return credential.Record{Target: credential.Target{Host: host, Paths: paths}, Kind: credential.Other, Name: name}
	}
	var keys []string
	for _, r := range []credential.Record{
		other("github.com", "classic"),
		other("github.com", "laptop", "acme"),
		other("github.com", "ci", "acme/widgets"),
		other("github.com", "ci-2", "acme/widgets"),
		other("github.com", "several", "acme/gadgets", "acme/widgets"),
		other("git.example.com:8443", "laptop"),
		other("[2001:db8::1]", "laptop"),
		other("[2001:db8::1]:8443", "laptop", "acme"),
		other("localhost", "a b=c%d", "e/f g/h@i"),
		other("localhost", "..", "../.."),
		other("localhost", "con", "nul.txt/aux"),
		other("localhost", "\u00fcml\u00e4ut", "\u4e16\u754c"),
		other(strings.Repeat("a.", 96)+"example", strings.Repeat("n", 200), strings.Repeat("p/", 30)+strings.Repeat("q", 200)),
	} {
		keys = append(keys, record.Key(r))
	}
	return keys
}

// contractSecrets returns secrets that a store must return unchanged.
func contractSecrets() map[string]credential.Secret {
	return map[string]credential.Secret{
		"a fine-grained token":   storetest.NewToken(credential.FineGrained),
		"a classic token":        storetest.NewToken(credential.Classic),
		"the longest of tokens":  storetest.NewSecret(520),
		"4 KiB":                  storetest.NewSecret(4096),
		"UTF-8":                  credential.NewSecret("gr\u00fc\u00dfe \u4e16\u754c \U0001f511 e\u0301"),
		"no UTF-8":               credential.NewSecret("a\xff\xfe\x80b"),
		"equals signs":           credential.NewSecret("=a==b=" + storetest.NewSecret(8).Reveal()),
		"blanks around":          credential.NewSecret("  two words " + storetest.NewSecret(8).Reveal() + "  "),
		"percent signs":          credential.NewSecret("100%25%%0a%zz%"),
		"marks of URL and shell": credential.NewSecret("https://a:b@c/?d#e&f+g;h'i\"j`k$(l)\\m|n*"),
		"a name for a prefix":    credential.NewSecret("go-keyring-base64:" + storetest.NewSecret(8).Reveal()),
	}
}

// testStore tests the contract of Store. Each call of open returns the store as
// another process would open it.
func testStore(t *testing.T, open func(t *testing.T) Store, can abilities) {
	keys := contractKeys()
	missing := func(t *testing.T, s Store, what, key string) {
		t.Helper()
		if secret, err := s.Get(t.Context(), key); !errors.Is(err, ErrNotFound) || !secret.Empty() {
			t.Errorf("%s: got a secret of %d bytes and error %v, want ErrNotFound", what, len(secret.Reveal()), err)
		}
	}
	has := func(t *testing.T, s Store, what, key string, want credential.Secret) {
		t.Helper()
		got, err := s.Get(t.Context(), key)
		if err != nil {
			t.Errorf("%s: %v", what, err)
			return
		}
		storetest.Same(t, what, got, want)
	}
	set := func(t *testing.T, s Store, key string, secret credential.Secret) {
		t.Helper()
		if err := s.Set(t.Context(), key, secret); err != nil {
			t.Errorf("set %q: %v", key, err)
		}
	}
	remove := func(t *testing.T, s Store, key string) {
		t.Helper()
		if err := s.Delete(t.Context(), key); err != nil {
			t.Errorf("delete %q: %v", key, err)
		}
	}

	t.Run("unknown", func(t *testing.T) {
		s := open(t)
		missing(t, s, "before anything is kept", keys[0])
		remove(t, s, keys[0])
		missing(t, s, "after deleting nothing", keys[0])
	})

	t.Run("secrets", func(t *testing.T) {
		s, key := open(t), keys[1]
		for name, secret := range contractSecrets() {
			set(t, s, key, secret) // replaces the secret before
			has(t, s, name, key, secret)
			has(t, open(t), name+", elsewhere", key, secret)
		}
		remove(t, s, key)
		missing(t, s, "deleted", key)
		remove(t, s, key)
		missing(t, s, "deleted twice", key)
		again := storetest.NewSecret(40)
		set(t, s, key, again)
		has(t, s, "kept again", key, again)
		remove(t, s, key)
	})

	t.Run("control characters", func(t *testing.T) {
		s, key := open(t), keys[1]
		for _, text := range []string{"a\nusername=b", "a\r", "a\x00b", "\x1b[2J", "\n"} {
			secret := credential.NewSecret(text)
			err := s.Set(t.Context(), key, secret)
			if !can.bytes {
				isStoreError(t, fmt.Sprintf("%q", text), err)
				missing(t, s, fmt.Sprintf("%q", text), key)
				continue
			}
			if err != nil {
				t.Errorf("%q: %v", text, err)
			}
			has(t, s, fmt.Sprintf("%q", text), key, secret)
		}
		remove(t, s, key)
	})

	t.Run("keys", func(t *testing.T) {
		s := open(t)
		secrets := map[string]credential.Secret{}
		for _, key := range keys {
			missing(t, s, "not yet kept: "+key, key)
			secrets[key] = storetest.NewSecret(40)
			set(t, s, key, secrets[key])
		}
		if len(secrets) != len(keys) {
			t.Fatalf("got %d different keys, want %d", len(secrets), len(keys))
		}
		for i, key := range keys {
			has(t, s, key, key, secrets[key])
			if i%2 == 0 {
				remove(t, s, key)
			}
		}
		for i, key := range keys {
			if i%2 == 0 {
				missing(t, s, "deleted: "+key, key)
				continue
			}
			has(t, s, "others deleted: "+key, key, secrets[key])
			remove(t, s, key)
		}
	})

	t.Run("parallel", func(t *testing.T) {
		const many = 20
		secrets := make([]credential.Secret, many)
		key := func(i int) string {
			target := credential.Target{Host: "github.com", Paths: []string{fmt.Sprintf("owner-%d", i/2)}}
			return record.Key(credential.Record{Target: target, Name: fmt.Sprint("n", i)})
		}
		var all sync.WaitGroup
		for i := range many {
			secrets[i] = storetest.NewSecret(40)
			s := open(t)
			all.Go(func() {
				set(t, s, key(i), secrets[i])
				has(t, s, key(i), key(i), secrets[i])
			})
		}
		all.Wait()
		for i := range many {
			s := open(t)
			has(t, s, "at the end: "+key(i), key(i), secrets[i])
			all.Go(func() { remove(t, s, key(i)) })
		}
		all.Wait()
		for i := range many {
			missing(t, open(t), "deleted: "+key(i), key(i))
		}
	})

	t.Run("cancelled", func(t *testing.T) {
		s, key, secret := open(t), keys[2], storetest.NewSecret(40)
		set(t, s, key, secret)
		cancelled, cancel := context.WithCancel(t.Context())
		cancel()
		// A fast store may succeed before it checks the context.
		fits := func(what string, err error) {
			t.Helper()
			if err != nil && !errors.Is(err, context.Canceled) {
				isStoreError(t, what, err)
			}
		}
		got, err := s.Get(cancelled, key)
		if fits("get", err); err == nil {
			storetest.Same(t, "get", got, secret)
		}
		fits("set", s.Set(cancelled, key, secret))
		has(t, s, "after it all", key, secret)
		err = s.Delete(cancelled, key)
		if fits("delete", err); err != nil {
			remove(t, s, key)
		}
		missing(t, s, "deleted", key)
	})
}

func TestFileContract(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "git-pat")
	testStore(t, func(t *testing.T) Store { return mustOpen(t, "file", folder) }, abilities{bytes: true})
	// No files and no folders are left.
	if entries, err := os.ReadDir(filepath.Join(folder, "secrets")); len(entries) > 0 {
		t.Errorf("left: %v, %v", entries, err)
	}
}

func mustOpen(t *testing.T, name, folder string) Store {
	t.Helper()
	s, err := Open(name, folder, Options{Limit: time.Minute}) // the machine may be busy
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func needGit(t *testing.T) {
	t.Helper()
	for _, program := range []string{"git", shell()} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skip(err)
		}
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
				t.Skip("not on Windows")
			}
			dir := shortFolder(t)
			name, folder := "git:"+test.line(t, dir), filepath.Join(dir, "git-pat")
			testStore(t, func(t *testing.T) Store { return mustOpen(t, name, folder) }, abilities{})
		})
	}
}

// Git's cache works with its default socket too.
func TestGitCacheByDefault(t *testing.T) {
	t.Parallel()
	needGit(t)
	if runtime.GOOS == "windows" {
		t.Skip("not on Windows")
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
	if _, err := exec.LookPath(shell()); err != nil {
		t.Skip(err)
	}
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
		{"warns only", inShell("echo a warning >&2"), outcomes{"missing", "did not store the secret", ""}},
		{"repeats what it is sent", inShell("cat >&2; exit 1"), allOf("failed: ")},
		{"is not there", "/nonexistent/helper", allOf("failed: ")},
		{"is no command of Git's", "nonexistent-helper", allOf("failed: ")},
		{"cannot be started", inShell(strings.Repeat(": too long;", 1<<18) + ":"), allOf("failed: ")},
		{"crashes", inShell("kill -KILL $$"), allOf("failed: ")},
		{"its child crashes", inShell("sh -c 'kill -KILL $$'; exit $?") + " 2>/dev/null", allOf("failed: ")},
		{"hangs", inShell("exec sleep 5"), allOf("did not answer within 200ms")},
		{"hangs with its child", inShell("sleep 5; :"), allOf("did not answer within 200ms")},
		{"answers with something else", inShell("echo nonsense"), outcomes{"sent an invalid reply", "sent an invalid reply", ""}},
		{"answers with two passwords", inShell("echo password=a; echo password=b"), outcomes{"sent an invalid reply", "sent an invalid reply", ""}},
		{"has another password", inShell("echo password=other"), outcomes{"", "did not store the secret", ""}},
		{"has another user's", inShell("echo username=other; echo password=other"), outcomes{"missing", "did not store the secret", ""}},
		{"says to quit", inShell("echo quit=1"), outcomes{"missing", "did not store the secret", ""}},
		{"has a password and complains", inShell("echo password=other; echo a warning >&2; exit 1"), outcomes{"", "failed: ", "failed: "}},
		{"leaves something running", inShell("echo password=other; sleep 5 & :"), outcomes{"", "did not store the secret", ""}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			limit := time.Minute
			if strings.HasPrefix(test.name, "hangs") {
				limit = 200 * time.Millisecond
			}
			s, err := Open("git:"+test.line, filepath.Join(t.TempDir(), "git-pat"), Options{Limit: limit})
			if err != nil {
				t.Fatal(err)
			}
			key := contractKeys()[0]
			for i, want := range test.want {
				operation := []string{"get", "set", "delete"}[i]
				start := time.Now()
				var err error
				switch operation {
				case "get":
					_, err = s.Get(t.Context(), key)
				case "set":
					err = s.Set(t.Context(), key, secret)
				case "delete":
					err = s.Delete(t.Context(), key)
				}
				if took := time.Since(start); limit < time.Second && took > limit+time.Second/2 {
					t.Errorf("%s: took %v, want at most %v", operation, took, limit+time.Second/2)
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
	if _, err := exec.LookPath(shell()); err != nil {
		t.Skip(err)
	}
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
		t.Skip("not on Windows")
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

func TestEnvironmentContract(t *testing.T) {
	const variable = "STORE_TEST_ENVIRONMENT"
	s := mustOpen(t, "env:"+variable, "")
	for _, key := range contractKeys() {
		os.Unsetenv(variable)
		if _, err := s.Get(t.Context(), key); !errors.Is(err, ErrNotFound) {
			t.Errorf("unset: got error %v, want ErrNotFound", err)
		}
		t.Setenv(variable, "")
		if _, err := s.Get(t.Context(), key); !errors.Is(err, ErrNotFound) {
			t.Errorf("empty: got error %v, want ErrNotFound", err)
		}
	}
	for name, secret := range contractSecrets() {
		t.Setenv(variable, secret.Reveal())
		for _, key := range contractKeys()[:2] {
			got, err := s.Get(t.Context(), key)
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			storetest.Same(t, name, got, secret)
		}
		failed := isStoreError(t, name, s.Set(t.Context(), contractKeys()[0], storetest.NewSecret(40)))
		if failed.Advice != "set the variable "+variable || failed.Absent {
			t.Errorf("set: got %+v", *failed)
		}
		if err := s.Delete(t.Context(), contractKeys()[0]); err != nil {
			t.Errorf("delete: %v", err)
		}
		got, err := s.Get(t.Context(), contractKeys()[0])
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		storetest.Same(t, name+", after it all", got, secret)
	}
}
