package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/git-credential-pat/git-credential-pat/e2e/githubtest"
)

// programs is the folder with the two programs, built as for a release.
var programs string

func TestMain(m *testing.M) { os.Exit(testMain(m)) }

func testMain(m *testing.M) int {
	dir, err := os.MkdirTemp("", "git-pat-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	if err := build(dir+string(filepath.Separator), "../cmd/git-credential-pat", "../cmd/git-pat"); err != nil {
		fmt.Fprintln(os.Stderr, "building the programs:", err)
		return 1
	}
	if emulator, _ := emulated(); emulator != "" {
		if err := emulate(dir, emulator); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	programs = dir
	return m.Run()
}

// build makes programs of packages, or one of a file.
func build(out string, what ...string) error {
	args := []string{"build", "-trimpath", "-o", out}
	if os.Getenv("GOCOVERDIR") != "" {
		args = append(args, "-cover", "-coverpkg=../...")
	}
	build := exec.Command("go", append(args, what...)...)
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if _, goarch := emulated(); goarch != "" {
		build.Env = append(build.Env, "GOARCH="+goarch)
	}
	build.Stdout, build.Stderr = os.Stderr, os.Stderr
	return build.Run()
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		Setup:               setup,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Condition:           condition,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"repo":     cmdRepo,
			"token":    cmdToken,
			"settoken": cmdSetToken,
			"rename":   cmdRename,
			"host":     cmdHost,
			"fail":     cmdFail,
			"seen":     cmdSeen,
			"after":    cmdAfter,
			"status":   cmdStatus,
			"log":      cmdLog,
			"atmost":   cmdAtMost,
			"snapshot": cmdSnapshot,
			"earlier":  cmdEarlier,
			"password": cmdPassword,
			"expired":  cmdExpired,
			"forged":   cmdForged,
			"fills":    cmdFills,
			"redirect": cmdRedirect,
			"policy":   cmdPolicy,
			"fault":    cmdFault,
			"hold":     cmdHold,
			"hides":    cmdHides,
			"example":  cmdExample,

			// Only on Linux.
			"terminal":   cmdTerminal,
			"keyring":    cmdKeyring,
			"alone":      cmdAlone,
			"restrained": cmdRestrained,
		},
	})
}

func condition(name string) (bool, error) {
	switch kind, what, _ := strings.Cut(name, ":"); kind {
	case "git": // [git:2.46]: Git of that version or newer
		return gitAtLeast(what)
	case "file": // [file:/etc/passwd]: there is such a file
		_, err := os.Stat(what)
		return err == nil, nil
	}
	return false, fmt.Errorf("unknown condition %q", name)
}

func gitAtLeast(version string) (bool, error) {
	out, err := exec.Command("git", "version").Output()
	if err != nil {
		return false, err
	}
	has := strings.Split(strings.TrimPrefix(strings.TrimSpace(string(out)), "git version "), ".")
	for i, part := range strings.Split(version, ".") {
		want, err := strconv.Atoi(part)
		if err != nil || i >= len(has) {
			return false, err
		}
		if have, _ := strconv.Atoi(has[i]); have != want {
			return have > want, nil
		}
	}
	return true, nil
}

// environment is that of a person who has just installed the programs: an
// empty home, no keyring, nobody at a terminal. Nothing of whoever runs the
// tests is in it. The bus is a dead one, since without an address the D-Bus
// library would find the real one.
func environment(home string) []string {
	return []string{
		"HOME=" + home,
		"PATH=" + programs + string(filepath.ListSeparator) + os.Getenv("PATH"),
		"GIT_CONFIG_GLOBAL=" + filepath.Join(home, ".gitconfig"),
		"GIT_CONFIG_NOSYSTEM=1",
		"GIT_TERMINAL_PROMPT=0",
		"GIT_AUTHOR_NAME=Somebody", "GIT_AUTHOR_EMAIL=somebody@example.com",
		"GIT_COMMITTER_NAME=Somebody", "GIT_COMMITTER_EMAIL=somebody@example.com",
		"XDG_DATA_HOME=" + filepath.Join(home, ".local", "share"),
		"XDG_CACHE_HOME=" + filepath.Join(home, ".cache"),
		"XDG_CONFIG_HOME=" + filepath.Join(home, ".config"),
		"XDG_RUNTIME_DIR=" + filepath.Join(home, "run"),
		"DBUS_SESSION_BUS_ADDRESS=unix:path=" + filepath.Join(home, "no-bus"),
		"DISPLAY=", "WAYLAND_DISPLAY=",
		"LC_ALL=C", "TZ=UTC", "TERM=dumb",
		"GOCOVERDIR=" + os.Getenv("GOCOVERDIR"),
	}
}

// world is what a script works with beside its own files.
type world struct {
	server  *githubtest.Server
	secrets map[string]string // by the names that scripts call tokens
	keyring any               // the real one, once a script has started it
	held    <-chan struct{}   // of the last hold
	release func()            // ends it
}

type worldKey struct{}

func setup(env *testscript.Env) error {
	home := filepath.Join(env.WorkDir, "home")
	for _, dir := range []string{home, filepath.Join(home, "run"), filepath.Join(env.WorkDir, "server"), filepath.Join(env.WorkDir, "secret")} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
	}
	server, err := githubtest.NewServer(filepath.Join(env.WorkDir, "server"))
	if err != nil {
		return err
	}
	env.Defer(server.Close)
	env.Vars = append(env.Vars, environment(home)...)
	env.Vars = append(env.Vars, server.Env()...)
	source, err := filepath.Abs("..")
	if err != nil {
		return err
	}
	env.Setenv("SOURCE", source)
	env.Values[worldKey{}] = &world{server: server, secrets: map[string]string{}}
	if runtime.GOOS == "windows" {
		env.Vars = append(env.Vars, "LocalAppData="+filepath.Join(home, "AppData"))
	}
	return os.WriteFile(filepath.Join(home, ".gitconfig"), []byte("[init]\n\tdefaultBranch = main\n[protocol]\n\tversion = 2\n"), 0o600)
}

func worldOf(ts *testscript.TestScript) *world { return ts.Value(worldKey{}).(*world) }

// options reads key=value words, and keys alone.
func options(ts *testscript.TestScript, words []string, known ...string) map[string]string {
	values := map[string]string{}
	for _, word := range words {
		key, value, _ := strings.Cut(word, "=")
		if !slices.Contains(known, key) {
			ts.Fatalf("unknown option %q", word)
		}
		values[key] = value
	}
	return values
}

func list(s string, has bool) []string {
	if !has {
		return nil
	}
	return strings.FieldsFunc(s, func(r rune) bool { return r == ',' })
}

// repo HOST/OWNER/NAME [public] [wiki] makes a repository, a private one
// unless told.
func cmdRepo(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: repo HOST/OWNER/NAME [public] [wiki]")
	}
	host, path, _ := strings.Cut(args[0], "/")
	cut := strings.LastIndexByte(path, '/') // other forges have owners within owners
	if cut < 0 {
		ts.Fatalf("%q is not HOST/OWNER/NAME", args[0])
	}
	o := options(ts, args[1:], "public", "wiki")
	_, public := o["public"]
	_, wiki := o["wiki"]
	_, err := worldOf(ts).server.AddRepository(githubtest.Repository{Host: host, Owner: path[:cut], Name: path[cut+1:], Private: !public, Wiki: wiki})
	ts.Check(err)
}

// token NAME KIND [host=H] [login=L] [owner=O] [repos=R,R] [owners=O,O] [write] [scopes=S,S] [expires=DURATION] [pending] [sso=O,O]
// makes a token that the server knows and puts it into secret/NAME.
func cmdToken(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: token NAME KIND [OPTION...]")
	}
	w := worldOf(ts)
	o := options(ts, args[2:], "host", "login", "owner", "repos", "owners", "write", "scopes", "expires", "pending", "sso")
	token := githubtest.Token{ID: args[0], Kind: args[1], Host: o["host"], Login: o["login"], Owner: o["owner"]}
	_, token.Write = o["write"]
	repos, has := o["repos"]
	token.Repositories = list(repos, has)
	owners, has := o["owners"]
	token.Owners = list(owners, has)
	_, token.Pending = o["pending"]
	sso, has := o["sso"]
	token.SSO = list(sso, has)
	scopes, has := o["scopes"]
	token.Scopes = list(scopes, has)
	if text, ok := o["expires"]; ok {
		d, err := time.ParseDuration(text)
		ts.Check(err)
		token.Expires = time.Now().Add(d)
	}
	secret, err := w.server.AddToken(token)
	ts.Check(err)
	w.secrets[args[0]] = secret
	ts.Check(os.WriteFile(ts.MkAbs(filepath.Join("secret", args[0])), []byte(secret+"\n"), 0o600))
	ts.Setenv("SECRET_"+args[0], secret)
}

// settoken NAME revoked|valid|expired changes what the server makes of a token.
func cmdSetToken(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: settoken NAME revoked|valid|expired")
	}
	w := worldOf(ts)
	secret := w.secrets[args[0]]
	switch args[1] {
	case "revoked":
		ts.Check(w.server.Revoke(secret))
	case "valid":
		ts.Check(w.server.SetExpiry(secret, time.Time{}))
	case "expired":
		ts.Check(w.server.SetExpiry(secret, time.Now().Add(-time.Hour)))
	default:
		ts.Fatalf("unknown state %q", args[1])
	}
}

// rename HOST OWNER/NAME OWNER/NAME
func cmdRename(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: rename HOST FROM TO")
	}
	ts.Check(worldOf(ts).server.Rename(args[0], args[1], args[2]))
}

// host NAME makes a host that answers as github.com does; host NAME[/PATH]
// gitlab|gitea one that answers as GitLab or Gitea does, below a path if there is one;
// host NAME USER PASSWORD one of another forge.
func cmdHost(ts *testscript.TestScript, neg bool, args []string) {
	switch {
	case !neg && len(args) == 1:
		worldOf(ts).server.AddHost(args[0])
	case !neg && len(args) == 2 && (args[1] == githubtest.GitLab || args[1] == githubtest.Gitea):
		name, _, _ := strings.Cut(args[0], "/")
		worldOf(ts).server.AddForge(name, args[1], args[0][len(name):])
	case !neg && len(args) == 3:
		worldOf(ts).server.AddOpaqueHost(args[0], args[1], args[2])
	default:
		ts.Fatalf("usage: host NAME[/PATH] [gitlab|gitea|USER PASSWORD]")
	}
}

// fail HOST PATH STATUS TIMES TEXT has the next requests that would be let in
// fail.
func cmdFail(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 5 {
		ts.Fatalf("usage: fail HOST PATH STATUS TIMES TEXT")
	}
	status, err := strconv.Atoi(args[2])
	ts.Check(err)
	times, err := strconv.Atoi(args[3])
	ts.Check(err)
	worldOf(ts).server.Fail(args[0], args[1], status, args[4], times)
}

// seen HOST TOKEN... fails unless just these tokens reached a host; seen HOST
// alone means none. ! seen HOST TOKEN... fails if any of them did.
func cmdSeen(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) == 0 || neg && len(args) == 1 {
		ts.Fatalf("usage: [!] seen HOST TOKEN...")
	}
	got := worldOf(ts).server.SecretsSeenBy(args[0])
	slices.Sort(got)
	want := slices.Clone(args[1:])
	slices.Sort(want)
	if neg {
		for _, id := range want {
			if slices.Contains(got, id) {
				ts.Fatalf("%s reached %s", id, args[0])
			}
		}
		return
	}
	if !slices.Equal(got, want) {
		ts.Fatalf("%s has seen %v, want %v", args[0], got, want)
	}
}

// after DURATION waits. It is for what counts whole seconds, such as the
// timeout of Git's cache.
func cmdAfter(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: after DURATION")
	}
	d, err := time.ParseDuration(args[0])
	ts.Check(err)
	time.Sleep(d)
}
