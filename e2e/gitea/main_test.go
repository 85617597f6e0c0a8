package gitea

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// programs is the folder with the two programs, and with gitea.
var programs string

func TestMain(m *testing.M) { os.Exit(testMain(m)) }

func testMain(m *testing.M) int {
	dir, err := os.MkdirTemp("", "git-pat-gitea-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	programs = dir
	if err := build("../..", "CGO_ENABLED=0", "./cmd/git-credential-pat", "./cmd/git-pat"); err != nil {
		fmt.Fprintln(os.Stderr, "building the programs:", err)
		return 1
	}
	if err := build(".", "CGO_ENABLED=1", "-tags=sqlite,sqlite_unlock_notify", "code.gitea.io/gitea"); err != nil {
		fmt.Fprintln(os.Stderr, "building Gitea:", err)
		return 1
	}
	return m.Run()
}

func build(dir, cgo string, args ...string) error {
	build := exec.Command("go", append([]string{"build", "-trimpath", "-o", programs + "/"}, args...)...)
	build.Dir, build.Env = dir, append(os.Environ(), cgo)
	build.Stdout, build.Stderr = os.Stderr, os.Stderr
	return build.Run()
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		Setup:               setup,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"start": cmdStart,
			"token": cmdToken,
			"api":   cmdAPI,
			"fill":  cmdFill,
		},
	})
}

// setup gives a script the environment of a person who has just installed the
// programs, and nothing of the person who runs the tests.
func setup(env *testscript.Env) error {
	home := filepath.Join(env.WorkDir, "home")
	for _, dir := range []string{home, filepath.Join(env.WorkDir, "server"), filepath.Join(env.WorkDir, "secret")} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			return err
		}
	}
	env.Vars = append(slices.DeleteFunc(env.Vars, func(v string) bool { return strings.HasPrefix(v, "HOME=") }),
		"HOME="+home,
		"PATH="+programs+":"+os.Getenv("PATH"),
		"GIT_CONFIG_GLOBAL="+filepath.Join(home, ".gitconfig"),
		"GIT_CONFIG_NOSYSTEM=1",
		"GIT_TERMINAL_PROMPT=0",
		"GIT_AUTHOR_NAME=Somebody", "GIT_AUTHOR_EMAIL=somebody@example.com",
		"GIT_COMMITTER_NAME=Somebody", "GIT_COMMITTER_EMAIL=somebody@example.com",
		"XDG_DATA_HOME="+filepath.Join(home, "data"),
		"XDG_CACHE_HOME="+filepath.Join(home, "cache"),
		"XDG_CONFIG_HOME="+filepath.Join(home, "config"),
		"XDG_RUNTIME_DIR="+filepath.Join(home, "run"),
		"DBUS_SESSION_BUS_ADDRESS=unix:path="+filepath.Join(home, "no-bus"),
		"LC_ALL=C", "TZ=UTC", "TERM=dumb",
	)
	env.Values[serverKey{}] = &server{}
	return os.WriteFile(filepath.Join(home, ".gitconfig"), []byte("[init]\n\tdefaultBranch = main\n"), 0o600)
}
