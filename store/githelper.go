package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/protocol"
	"github.com/git-credential-pat/git-credential-pat/store/disk"
)

// HelperHost is the host under which secrets are kept in other helpers. No
// name below .invalid is ever a host (RFC 2606), so that what is kept under it
// can never be the answer for a real one.
const HelperHost = "git-pat.invalid"

// gitHelper keeps secrets in another Git credential helper, with the key as
// the user name.
type gitHelper struct {
	name    string // of the store
	line    string // as in credential.helper
	dir     string // of the lock
	options Options
}

var _ Store = (*gitHelper)(nil)

func isHelperLine(line string) bool {
	for i := 0; i < len(line); i++ {
		if line[i] < ' ' || line[i] == 0x7f {
			return false
		}
	}
	name, _, _ := strings.Cut(strings.TrimSpace(line), " ")
	return name != "" && name != "pat" // not ourselves, for ever
}

func (g *gitHelper) Get(ctx context.Context, key string) (credential.Secret, error) {
	answer, err := g.run(ctx, "get", key, nil)
	if err != nil {
		return credential.Secret{}, err
	}
	if username, ok := answer.Lookup("username"); ok && username != key {
		return credential.Secret{}, ErrNotFound
	}
	password, ok := answer.Lookup("password")
	if !ok {
		return credential.Secret{}, ErrNotFound
	}
	return credential.NewSecret(password), nil
}

// Set holds a lock, because Git's cache loses entries when its daemon is
// started by several at once, and reads the secret back, because the lock does
// not keep others out and a helper's exit says little.
func (g *gitHelper) Set(ctx context.Context, key string, secret credential.Secret) error {
	unlock, err := disk.Lock(ctx, filepath.Join(g.dir, "helper.lock"))
	if err != nil {
		return &Error{Store: g.name, What: "cannot be locked: " + err.Error()}
	}
	defer unlock()
	// Twice, for what was lost at the start of a daemon, or to a second that
	// was over: Git's cache counts whole ones.
	for range 2 {
		if _, err := g.run(ctx, "store", key, &secret); err != nil {
			return err
		}
		back, err := g.Get(ctx, key)
		switch {
		case err == nil && back.Equal(secret):
			return nil
		case err != nil && !errors.Is(err, ErrNotFound):
			return err
		}
	}
	return &Error{Store: g.name, What: "did not store the secret", Advice: "run the helper by hand to see why, or choose another --store"}
}

func (g *gitHelper) Delete(ctx context.Context, key string) error {
	_, err := g.run(ctx, "erase", key, nil)
	return err
}

// RunHelper runs an operation of the helper that a store git:NAME is named
// after, on a request of the caller's own: what the helper has for real hosts is
// not what the store has in it. The answer to get is empty where it has none.
func RunHelper(ctx context.Context, name string, options Options, operation string, request protocol.Message) (protocol.Message, error) {
	line, ok := strings.CutPrefix(name, "git:")
	if !ok || !isHelperLine(line) {
		return protocol.Message{}, fmt.Errorf("%s is not a credential helper: write git:NAME", credential.Quote(name))
	}
	return (&gitHelper{name: name, line: line, options: options}).do(ctx, operation, request)
}

// run runs the helper for the secret of a key.
func (g *gitHelper) run(ctx context.Context, operation, key string, secret *credential.Secret) (protocol.Message, error) {
	var request protocol.Message
	request.Add("protocol", "https")
	request.Add("host", HelperHost)
	request.Add("username", key)
	if secret != nil {
		request.Add("password", secret.Reveal())
	}
	return g.do(ctx, operation, request)
}

// do runs the helper as Git does, through the shell and with the operation as
// its last argument, but in the root folder and without what the environment
// says of a repository.
func (g *gitHelper) do(ctx context.Context, operation string, request protocol.Message) (protocol.Message, error) {
	var in, out, errOut bytes.Buffer
	if err := protocol.Write(&in, request); err != nil {
		return protocol.Message{}, &Error{Store: g.name, What: "cannot store a secret with control characters", Advice: adviceOther}
	}
	_, err := g.options.wait(ctx, g.name, func(ctx context.Context) (string, error) {
		cmd := exec.CommandContext(ctx, shell(), "-c", g.command()+" "+operation)
		cmd.Dir = rootDir()
		cmd.Env = helperEnviron(os.Environ())
		cmd.Stdin = &in
		cmd.Stdout = &limited{&out, disk.MaxFile}
		cmd.Stderr = &limited{&errOut, 4096}
		cmd.WaitDelay = 100 * time.Millisecond // a daemon may hold the pipes
		err := cmd.Run()
		if errors.Is(err, exec.ErrWaitDelay) {
			err = nil
		}
		return "", err
	})
	var trouble *Error
	if errors.As(err, &trouble) {
		return protocol.Message{}, trouble
	}
	if operation != "get" {
		if err != nil {
			return protocol.Message{}, g.failed(err, errOut.String(), request.Get("password"))
		}
		return protocol.Message{}, nil
	}
	answer, parseErr := protocol.Read(&out)
	if parseErr != nil {
		return protocol.Message{}, &Error{Store: g.name, What: "sent an invalid reply"}
	}
	// A helper may exit with anything when it has no answer, but if it said
	// why, or could not tell, that is to be known.
	if _, ok := answer.Lookup("password"); err != nil && !ok && (errOut.Len() > 0 || crashed(err)) {
		return protocol.Message{}, g.failed(err, errOut.String(), request.Get("password"))
	}
	return answer, nil
}

// crashed reports whether a helper did not run to its end, or not at all.
func crashed(err error) bool {
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return true
	}
	// A signal is -1, and what a shell makes of one is above 128. It uses 126
	// and 127 for what it cannot run.
	return exit.ExitCode() < 0 || exit.ExitCode() > 125
}

// command is what the shell is given, by the rules of gitcredentials(7).
func (g *gitHelper) command() string {
	line := strings.TrimSpace(g.line)
	if snippet, ok := strings.CutPrefix(line, "!"); ok {
		return snippet
	}
	if filepath.IsAbs(line) {
		return line
	}
	return "git credential-" + line
}

func (g *gitHelper) failed(err error, said, secret string) error {
	said, _, _ = strings.Cut(strings.TrimSpace(said), "\n")
	if said == "" {
		said = err.Error()
	}
	if secret != "" {
		said = strings.ReplaceAll(said, secret, "***")
	}
	return &Error{Store: g.name, What: "failed: " + credential.Quote(said)}
}

// helperEnviron leaves out what would make a helper look at the repository
// that Git works in, what would make it write a trace, and every token.
func helperEnviron(environ []string) []string {
	var kept []string
	for _, variable := range Environ(environ) {
		name, _, _ := strings.Cut(variable, "=")
		switch {
		case name == "GIT_DIR", name == "GIT_WORK_TREE", name == "GIT_INDEX_FILE", name == "GIT_PREFIX",
			name == "GIT_COMMON_DIR", name == "GIT_OBJECT_DIRECTORY", name == "GIT_NAMESPACE",
			strings.HasPrefix(name, "GIT_CONFIG_PARAMETERS"), strings.HasPrefix(name, "GIT_CONFIG_COUNT"),
			strings.HasPrefix(name, "GIT_CONFIG_KEY_"), strings.HasPrefix(name, "GIT_CONFIG_VALUE_"),
			strings.HasPrefix(name, "GIT_TRACE"), name == "GIT_CURL_VERBOSE":
		default:
			kept = append(kept, variable)
		}
	}
	return kept
}

// Environ returns the environment for a program that we start: without variables
// that have a token for their value, and without those elements of PATH that
// depend on the current folder, which may be content of a repository.
func Environ(environ []string) []string {
	var kept []string
	for _, variable := range environ {
		name, value, _ := strings.Cut(variable, "=")
		switch {
		case credential.KindOf(credential.NewSecret(value), credential.GitHubHost).IsGitHub():
		case name == "PATH" || runtime.GOOS == "windows" && strings.EqualFold(name, "PATH"):
			kept = append(kept, name+"="+strings.Join(absolute(value), string(filepath.ListSeparator)))
		default:
			kept = append(kept, variable)
		}
	}
	return kept
}

func absolute(path string) []string {
	return slices.DeleteFunc(filepath.SplitList(path), func(folder string) bool { return !filepath.IsAbs(folder) })
}

// LookPath returns the path of a program, which is looked for in the absolute
// elements of PATH only. The error wraps fs.ErrNotExist.
func LookPath(program string) (string, error) {
	for _, folder := range absolute(os.Getenv("PATH")) {
		if path, err := exec.LookPath(filepath.Join(folder, program)); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("%s: %w", program, fs.ErrNotExist)
}

// limited drops what goes over a number of bytes.
type limited struct {
	*bytes.Buffer
	left int
}

func (l *limited) Write(p []byte) (int, error) {
	n := min(len(p), l.left)
	l.left -= n
	l.Buffer.Write(p[:n])
	return len(p), nil
}
