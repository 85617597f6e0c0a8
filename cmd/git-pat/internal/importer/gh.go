package importer

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"maps"
	"os/exec"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/homefile"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store"
)

// GH are the accounts of gh, GitHub's command line. Its hosts.yml names them,
// and has their tokens unless these are in the keyring. There a token is the
// password of the service gh:HOST and the login; the token of the active account
// is also there under an empty login. Before version 2.40 each host had one
// account.
type GH struct {
	// Environ is the environment in which gh runs. It must have no variable with
	// a token, or else gh does not log out.
	Environ []string
	Options store.Options // for the keyring
}

var _ Source = (*GH)(nil)

// A ghHost is what hosts.yml says of a host.
type ghHost struct {
	User  string `yaml:"user"` // the active account
	Token string `yaml:"oauth_token"`
	Users map[string]struct {
		Token string `yaml:"oauth_token"`
	} `yaml:"users"`
}

// parseHosts reads hosts.yml. Of each host the active account comes first.
func parseHosts(data string) ([]*Item, error) {
	var hosts map[string]ghHost
	if err := yaml.Unmarshal([]byte(data), &hosts); err != nil {
		return nil, err
	}
	var all []*Item
	for _, name := range slices.Sorted(maps.Keys(hosts)) {
		h := hosts[name]
		add := func(login, token string) {
			all = append(all, &Item{Place: strings.TrimPrefix(login+"@"+name, "@"), Host: name, Login: login, Secret: credential.NewSecret(token)})
		}
		own := h.Users[h.User].Token
		add(h.User, cmp.Or(h.Token, own))
		if h.Token != "" && own != "" && own != h.Token { // usually they are the same
			add(h.User, own)
		}
		for _, login := range slices.Sorted(maps.Keys(h.Users)) {
			if login != h.User {
				add(login, h.Users[login].Token)
			}
		}
	}
	return all, nil
}

// Items reads all accounts. If there is no hosts.yml, the error is a
// *MissingError.
func (g *GH) Items(ctx context.Context) ([]*Item, error) {
	path := homefile.GH()
	data, _, err := homefile.Read(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &MissingError{[]string{path}}
	}
	if err != nil {
		return nil, err
	}
	all, err := parseHosts(data)
	if err != nil {
		// The library's error may quote a token.
		return nil, &homefile.Error{Path: path, Fault: "is not a valid file of gh"}
	}
	for i, e := range all {
		if e.Secret.Empty() {
			g.fromKeyring(ctx, e, i == 0 || all[i-1].Host != e.Host)
		}
	}
	return all, nil
}

func (g *GH) fromKeyring(ctx context.Context, e *Item, active bool) {
	e.Keyring = true
	users := []string{e.Login}
	if active {
		users = append(users, "") // as before version 2.40
	}
	for _, user := range slices.Compact(users) {
		secret, err := store.KeyringItem(ctx, "gh:"+e.Host, user, g.Options)
		if err == nil {
			e.Secret = secret
			return
		}
		if !errors.Is(err, store.ErrNotFound) {
			e.skip(Reason{Why: KeyringFailed, Err: err})
			return
		}
	}
	e.skip(Reason{Why: NoSecret})
}

// Remove has gh log out, because only gh knows all that it keeps of an account.
// gh stays logged in to an account that has a skipped token or another token
// than was read. If gh does not log out, the error is a *LogOutError.
func (g *GH) Remove(ctx context.Context, items []*Item) ([]Removal, error) {
	now, err := g.Items(ctx)
	if err != nil {
		return nil, err
	}
	var done []Removal
	var failed LogOutError
	for _, e := range items {
		// The place of an item is its account, which may have two tokens.
		account := slices.DeleteFunc(slices.Clone(items), func(x *Item) bool { return x.Place != e.Place })
		isNew := func(x *Item) bool {
			return x.Place == e.Place && !slices.ContainsFunc(account, func(y *Item) bool { return y.Secret.Equal(x.Secret) })
		}
		switch {
		case account[0] != e || slices.ContainsFunc(account, func(x *Item) bool { return !x.Kept() }):
			continue
		case slices.ContainsFunc(now, isNew):
			done = append(done, Removal{Place: e.Place, Err: ErrChanged})
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
		done = append(done, Removal{Place: e.Place})
	}
	if failed.Err != nil {
		return done, &failed
	}
	return done, nil
}

// A LogOutError says that gh did not log out of some accounts.
type LogOutError struct {
	Args [][]string // of gh, one list for each account
	Err  error      // the last one
}

func (e *LogOutError) Error() string { return "gh auth logout: " + e.Err.Error() }

// run runs gh. The error has the first line that gh wrote.
func (g *GH) run(ctx context.Context, args []string) error {
	path, err := store.LookPath("gh")
	if err != nil {
		return errors.New("gh is not in PATH")
	}
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Env = g.Environ
	out, err := cmd.CombinedOutput()
	if first, _, _ := strings.Cut(strings.TrimSpace(string(out)), "\n"); err != nil && first != "" {
		return errors.New(credential.Quote(first))
	}
	return err
}
