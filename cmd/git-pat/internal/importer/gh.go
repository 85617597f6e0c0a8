package importer

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

	"go.yaml.in/yaml/v3"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/homefile"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store"
)

// GH are the accounts of gh, GitHub's command line. Its hosts.yml names them,
// with the token or without: then the token is in the keyring, under the
// service gh:HOST and the login, and the token of the active account under no
// login too. Before version 2.40 there was one account for each host.
type GH struct {
	// Environ is the environment in which gh runs. It must not have a variable
	// with a token, for then gh does not log out.
	Environ []string
	Options store.Options // for the keyring
}

var _ Source = (*GH)(nil)

// path returns where hosts.yml is.
func (*GH) path() string {
	dir := os.Getenv("GH_CONFIG_DIR")
	switch data := os.Getenv("AppData"); {
	case dir != "":
	case os.Getenv("XDG_CONFIG_HOME") == "" && runtime.GOOS == "windows" && data != "":
		dir = filepath.Join(data, "GitHub CLI")
	default:
		dir = filepath.Join(homefile.ConfigHome(), "gh")
	}
	return filepath.Join(dir, "hosts.yml")
}

// A ghHost is what hosts.yml says of a host.
type ghHost struct {
	name   string
	active string // login of the active account
	tokens []ghToken
}

type ghToken struct {
	login  string
	line   int
	secret credential.Secret // empty: it is in the keyring
}

// parseHosts reads hosts.yml. The library's errors quote what they are about,
// which may be a token, so that they are left out.
func parseHosts(data string) ([]ghHost, error) {
	var document yaml.Node
	if err := yaml.Unmarshal([]byte(data), &document); err != nil {
		return nil, errors.New("it is no YAML")
	}
	var hosts []ghHost
	for name, of := range fields(&document) {
		h := ghHost{name: name.Value}
		var whole, users *yaml.Node
		for key, value := range fields(of) {
			switch key.Value {
			case "user":
				h.active = value.Value
			case "oauth_token":
				whole = value
			case "users":
				users = value
			}
		}
		// What stands for the host is what gh uses, so it comes first.
		if whole != nil {
			h.tokens = append(h.tokens, ghToken{h.active, whole.Line, credential.NewSecret(whole.Value)})
		}
		for login, of := range fields(users) {
			t := ghToken{login: login.Value, line: login.Line}
			for key, value := range fields(of) {
				if key.Value == "oauth_token" {
					t.line, t.secret = value.Line, credential.NewSecret(value.Value)
				}
			}
			// The active account's token most often stands there twice.
			twice := whole != nil && login.Value == h.active && (t.secret.Empty() || t.secret.Equal(h.tokens[0].secret))
			if !twice {
				h.tokens = append(h.tokens, t)
			}
		}
		if len(h.tokens) == 0 {
			h.tokens = []ghToken{{login: h.active, line: name.Line}}
		}
		slices.SortStableFunc(h.tokens, func(x, y ghToken) int {
			switch {
			case x.login == h.active && y.login != h.active:
				return -1
			case y.login == h.active && x.login != h.active:
				return 1
			}
			return 0
		})
		hosts = append(hosts, h)
	}
	return hosts, nil
}

// fields returns the fields of a mapping, in their order; of anything else
// none.
func fields(n *yaml.Node) func(yield func(key, value *yaml.Node) bool) {
	return func(yield func(key, value *yaml.Node) bool) {
		if n != nil && n.Kind == yaml.DocumentNode && len(n.Content) == 1 {
			n = n.Content[0]
		}
		if n == nil || n.Kind != yaml.MappingNode {
			return
		}
		for i := 0; i+1 < len(n.Content); i += 2 {
			if !yield(n.Content[i], n.Content[i+1]) {
				return
			}
		}
	}
}

// Items reads all accounts. If there is no hosts.yml, the error is a
// *MissingError; if it is not YAML, a *HostsError.
func (g *GH) Items(ctx context.Context) ([]*Item, error) {
	path := g.path()
	data, _, err := homefile.Read(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &MissingError{[]string{path}}
	}
	if err != nil {
		return nil, err
	}
	hosts, err := parseHosts(data)
	if err != nil {
		return nil, &HostsError{path}
	}
	var all []*Item
	for _, h := range hosts {
		for _, t := range h.tokens {
			e := &Item{Place: fmt.Sprintf("%s:%d", path, t.line), Host: h.name, Login: t.login, Secret: t.secret}
			if e.Secret.Empty() {
				g.fromKeyring(ctx, e, t.login == h.active)
			}
			all = append(all, e)
		}
	}
	return all, nil
}

// A HostsError says that the hosts.yml of gh cannot be read.
type HostsError struct{ Path string }

func (e *HostsError) Error() string { return e.Path + " is not YAML" }

func (g *GH) fromKeyring(ctx context.Context, e *Item, active bool) {
	e.Keyring = true
	users := []string{e.Login}
	if active && e.Login != "" {
		users = append(users, "") // as before version 2.40
	}
	for _, user := range users {
		secret, err := store.KeyringItem(ctx, "gh:"+e.Host, user, g.Options)
		if err == nil {
			e.Secret = secret
			return
		}
		if !errors.Is(err, store.ErrNotFound) {
			e.leave(Reason{Why: KeyringFailed, Err: err})
			return
		}
	}
	e.leave(Reason{Why: NoSecret})
}

// Remove has gh log out, since only gh knows all that it keeps of an account. An
// account that has another token by now stays. If gh does not log out, the
// error is a *LogOutError.
func (g *GH) Remove(ctx context.Context, items []*Item) ([]Removal, error) {
	now, err := g.Items(ctx)
	if err != nil {
		return nil, err
	}
	var done []Removal
	var failed LogOutError
	for i, e := range items {
		sameAccount := func(other *Item) bool { return other.Host == e.Host && other.Login == e.Login }
		if slices.ContainsFunc(items[:i], sameAccount) {
			continue // which is done
		}
		if slices.ContainsFunc(items, func(other *Item) bool { return sameAccount(other) && !other.Kept() }) {
			continue // gh would forget that too
		}
		isAnother := func(other *Item) bool {
			if !strings.EqualFold(other.Host, e.Host) || other.Login != e.Login {
				return false
			}
			return !slices.ContainsFunc(items, func(known *Item) bool { return sameAccount(known) && known.Secret.Equal(other.Secret) })
		}
		if slices.ContainsFunc(now, isAnother) {
			done = append(done, Removal{Changed: true, Item: e})
			continue
		}
		args := []string{"auth", "logout", "--hostname", e.Host}
		if e.Login != "" {
			args = append(args, "--user", e.Login)
		}
		if err := g.run(ctx, args); err != nil {
			failed.Args, failed.Err = append(failed.Args, args), err
			continue
		}
		done = append(done, Removal{Item: e, Args: args})
	}
	if failed.Err != nil {
		return done, &failed
	}
	return done, nil
}

// A LogOutError says that gh did not log out of some accounts.
type LogOutError struct {
	Args [][]string // with which gh was to run
	Err  error      // the last one
}

func (e *LogOutError) Error() string { return "gh auth logout: " + e.Err.Error() }

// run runs gh. The error has the first line that gh wrote.
func (g *GH) run(ctx context.Context, args []string) error {
	var errOut bytes.Buffer
	path, err := store.LookPath("gh")
	if err != nil {
		return errors.New("there is no gh in PATH")
	}
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Env = g.Environ
	cmd.Stderr = &errOut
	err = cmd.Run()
	if first, _, _ := strings.Cut(strings.TrimSpace(errOut.String()), "\n"); err != nil && first != "" {
		return errors.New(credential.Quote(first))
	}
	return err
}
