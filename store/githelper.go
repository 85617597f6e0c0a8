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

// HelperHost is the host under which other helpers store the secrets. A name
// below .invalid never belongs to a real host (RFC 2606), so the helpers never
// use these secrets for a real host.
const HelperHost = "git-pat.invalid"

// gitHelper stores secrets in another Git credential helper. The key is the user
// name.
type gitHelper struct {
	name    string // the name of the store
	line    string // the helper, as in the setting credential.helper
	dir     string // the folder of the lock
	options Options
}

var _ Store = (*gitHelper)(nil)

func isHelperLine(line string) bool {
	if strings.ContainsFunc(line, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return false
	}
	name, _, _ := strings.Cut(strings.TrimSpace(line), " ")
	return name != "" && name != "pat" // this program would start itself again and again
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

// helperLockLimit is how long Set and Delete wait for other programs. On Windows each takes
// up to a second, because it starts six processes.
const helperLockLimit = time.Minute

// Set holds a lock, because Git's cache loses entries if several programs start
// its daemon at the same time. It reads the secret back, because programs that
// do not use the lock may run too, and because a helper may fail without an
// exit status.
func (g *gitHelper) Set(ctx context.Context, key string, secret credential.Secret) error {
	unlock, err := g.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	// It tries twice: the first secret may be lost when the daemon starts, or
	// because Git's cache counts its timeout in whole seconds.
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

// Delete holds the lock too: git-credential-store waits for its own for one second
// only.
func (g *gitHelper) Delete(ctx context.Context, key string) error {
	unlock, err := g.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	_, err = g.run(ctx, "erase", key, nil)
	return err
}

func (g *gitHelper) lock(ctx context.Context) (unlock func(), err error) {
	unlock, err = disk.Lock(ctx, filepath.Join(g.dir, "helper.lock"), helperLockLimit)
	if err != nil {
		return nil, &Error{Store: g.name, What: "cannot be locked: " + err.Error()}
	}
	return unlock, nil
}

// RunHelper runs an operation of the helper of a store git:NAME with the given
// request. It reaches the credentials that the helper has for real hosts, which
// are separate from the secrets of the store. The result of get is empty if the
// helper has no answer.
func RunHelper(ctx context.Context, name string, options Options, operation string, request protocol.Message) (protocol.Message, error) {
	line, ok := strings.CutPrefix(name, "git:")
	if !ok || !isHelperLine(line) {
		return protocol.Message{}, fmt.Errorf("%s is not a credential helper: write git:NAME", credential.Quote(name))
	}
	return (&gitHelper{name: name, line: line, options: options}).do(ctx, operation, request)
}

// run runs the helper for a key.
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

// do runs the helper as Git does, with the operation as the last argument.
func (g *gitHelper) do(ctx context.Context, operation string, request protocol.Message) (protocol.Message, error) {
	var in bytes.Buffer
	if err := protocol.Write(&in, request); err != nil {
		return protocol.Message{}, &Error{Store: g.name, What: "cannot store a secret with control characters", Advice: adviceOther}
	}
	out, said, err := runLine(ctx, g.options, g.name, g.command()+" "+operation, &in)
	var timeout *Error
	if errors.As(err, &timeout) {
		return protocol.Message{}, timeout
	}
	if operation != "get" {
		if err != nil {
			return protocol.Message{}, g.failed(err, said, request.Get("password"))
		}
		return protocol.Message{}, nil
	}
	answer, parseErr := protocol.Read(strings.NewReader(out))
	if parseErr != nil {
		return protocol.Message{}, &Error{Store: g.name, What: "sent an invalid reply"}
	}
	if _, ok := answer.Lookup("password"); ok {
		return answer, nil
	}
	// Without an answer, a helper may exit with any status. It is an error if the
	// helper wrote a message, crashed or told Git to quit. If its keyring is locked,
	// git-credential-libsecret writes a message and exits with 0.
	_, quit := answer.Lookup("quit")
	switch {
	case said != "" || err != nil && crashed(err):
		return protocol.Message{}, g.failed(err, said, request.Get("password"))
	case quit:
		return protocol.Message{}, &Error{Store: g.name, What: "told Git to quit", Advice: adviceUnlock}
	}
	return answer, nil
}

// crashed reports whether a helper was killed or could not be started.
func crashed(err error) bool {
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return true
	}
	// The status is -1 for a signal. A shell returns 128 plus the signal, and 126
	// or 127 if it cannot run a program.
	return exit.ExitCode() < 0 || exit.ExitCode() > 125
}

// command returns the command for the shell, by the rules of gitcredentials(7).
func (g *gitHelper) command() string {
	line := strings.TrimSpace(g.line)
	if snippet, ok := strings.CutPrefix(line, "!"); ok {
		return snippet
	}
	if IsAbs(line) {
		return line
	}
	return "git credential-" + line
}

// IsAbs reports whether a path is absolute for Git. For Git for Windows, this is also
// a path of its own shell, such as /mingw64/bin/helper, and every path with a drive.
func IsAbs(path string) bool {
	if filepath.IsAbs(path) || runtime.GOOS != "windows" {
		return filepath.IsAbs(path)
	}
	return path != "" && os.IsPathSeparator(path[0]) || filepath.VolumeName(path) != ""
}

func (g *gitHelper) failed(err error, said, secret string) error {
	if said == "" {
		said = err.Error()
	}
	if secret != "" {
		said = strings.ReplaceAll(said, secret, "***")
	}
	failed := &Error{Store: g.name, What: "failed: " + credential.Quote(said)}
	if err == nil {
		failed.Advice = "if it is locked, " + adviceUnlock
	}
	return failed
}

// helperEnviron returns the environment for a helper: as Environ, and without
// the variables that name a repository or configuration, or that make Git write
// a trace.
func helperEnviron(environ []string) []string {
	unwanted := []string{"GIT_DIR=", "GIT_WORK_TREE=", "GIT_INDEX_FILE=", "GIT_PREFIX=", "GIT_COMMON_DIR=", "GIT_OBJECT_DIRECTORY=", "GIT_NAMESPACE=",
		"GIT_CONFIG_PARAMETERS", "GIT_CONFIG_COUNT", "GIT_CONFIG_KEY_", "GIT_CONFIG_VALUE_", "GIT_TRACE", "GIT_CURL_VERBOSE="}
	return slices.DeleteFunc(Environ(environ), func(variable string) bool {
		return slices.ContainsFunc(unwanted, func(prefix string) bool { return strings.HasPrefix(variable, prefix) })
	})
}

// Environ returns the environment for a program that is started: without
// variables whose value is a token, and without relative folders in PATH,
// because the current folder may be a repository of another person.
func Environ(environ []string) []string {
	var kept []string
	for _, variable := range environ {
		name, value, _ := strings.Cut(variable, "=")
		switch {
		case credential.KindOf(credential.NewSecret(value), credential.GitHubHost).IsToken():
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

// LookPath returns the path of a program. It searches only the absolute folders
// in PATH. The error wraps fs.ErrNotExist.
func LookPath(program string) (string, error) {
	for _, folder := range absolute(os.Getenv("PATH")) {
		if path, err := exec.LookPath(filepath.Join(folder, program)); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("%s: %w", program, fs.ErrNotExist)
}

// limited writes the first bytes to a buffer and drops the rest.
type limited struct {
	*bytes.Buffer
	left int // bytes
}

func (l *limited) Write(p []byte) (int, error) {
	n := min(len(p), l.left)
	l.left -= n
	l.Buffer.Write(p[:n])
	return len(p), nil
}
