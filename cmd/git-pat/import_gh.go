package main

import (
	"bytes"
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

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/importer"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store"
)

// ghAccounts are the accounts of gh, GitHub's command line. Its hosts.yml names
// them, with the token or without: then that is in the keyring, under the
// service gh:HOST and the login, and the token of the active account under no
// login too. Before version 2.40 there was one account for each host.
type ghAccounts struct{ path string }

var _ source = (*ghAccounts)(nil)

func newGH() (source, error) {
	dir := os.Getenv("GH_CONFIG_DIR")
	switch data := os.Getenv("AppData"); {
	case dir != "":
	case os.Getenv("XDG_CONFIG_HOME") == "" && runtime.GOOS == "windows" && data != "":
		dir = filepath.Join(data, "GitHub CLI")
	default:
		dir = filepath.Join(importer.ConfigHome(), "gh")
	}
	return &ghAccounts{filepath.Join(dir, "hosts.yml")}, nil
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

func (g *ghAccounts) items(a *app) ([]*item, error) {
	data, _, err := importer.ReadFile(g.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &fault{text: "there is nothing to import: no " + g.path, hint: "if gh has its accounts elsewhere, set GH_CONFIG_DIR"}
	}
	if err != nil {
		return nil, err
	}
	hosts, err := parseHosts(data)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read: %w", g.path, err)
	}
	var all []*item
	for _, h := range hosts {
		for _, t := range h.tokens {
			e := &item{place: fmt.Sprintf("%s:%d", g.path, t.line), host: h.name, login: t.login, secret: t.secret}
			if e.secret.Empty() {
				g.fromKeyring(a, e, t.login == h.active)
			}
			all = append(all, e)
		}
	}
	return all, nil
}

func (g *ghAccounts) fromKeyring(a *app, e *item, active bool) {
	e.place += " (keyring)"
	users := []string{e.login}
	if active && e.login != "" {
		users = append(users, "") // as before version 2.40
	}
	for _, user := range users {
		secret, err := store.KeyringItem(a.ctx, "gh:"+e.host, user, a.patience())
		if err == nil {
			e.secret = secret
			return
		}
		if !errors.Is(err, store.ErrNotFound) {
			e.leave("its token is in the keyring, and " + err.Error())
			return
		}
	}
	e.leave("its token is neither in the file nor in the keyring")
}

func (g *ghAccounts) question() string {
	return "Log gh out of the accounts that are kept? It cannot use them any more then."
}

// remove has gh log out, for only gh knows all that it keeps of an account. One
// that has another token by now stays.
func (g *ghAccounts) remove(a *app, items []*item) error {
	now, err := g.items(a)
	if err != nil {
		return err
	}
	var commands []string
	var failed error
	stays := false
	done := map[string]bool{}
	for _, e := range items {
		sameAccount := func(other *item) bool { return other.host == e.host && other.login == e.login }
		if slices.ContainsFunc(items, func(other *item) bool { return sameAccount(other) && !other.kept() }) {
			continue // gh would forget that too
		}
		args := []string{"auth", "logout", "--hostname", e.host}
		if e.login != "" {
			args = append(args, "--user", e.login)
		}
		command := "gh " + quoteAll(args)
		if done[command] {
			continue
		}
		done[command] = true
		isAnother := func(other *item) bool {
			if !strings.EqualFold(other.host, e.host) || other.login != e.login {
				return false
			}
			return !slices.ContainsFunc(items, func(known *item) bool { return sameAccount(known) && known.secret.Equal(other.secret) })
		}
		if slices.ContainsFunc(now, isAnother) {
			a.ui.say("the account %s of gh on %s was changed meanwhile, so it stays", quote(e.login), e.host)
			stays = true
			continue
		}
		if err := gh(a, args); err != nil {
			commands, failed = append(commands, command), err
			continue
		}
		a.ui.say("gh is logged out: %s", command)
	}
	if failed != nil {
		return &fault{text: "gh is not logged out: " + failed.Error(), hint: "to log it out yourself:", commands: commands}
	}
	if stays {
		return errSaid
	}
	return nil
}

// gh runs GitHub's command line, without the tokens of the environment: where
// there is one of these, it does not log out.
func gh(a *app, args []string) error {
	var errOut bytes.Buffer
	path, err := store.LookPath("gh")
	if err != nil {
		return errors.New("there is no gh in PATH")
	}
	cmd := exec.CommandContext(a.ctx, path, args...)
	for _, variable := range store.Environ(os.Environ()) {
		name, _, _ := strings.Cut(variable, "=")
		if !slices.Contains(ghTokens(), name) {
			cmd.Env = append(cmd.Env, variable)
		}
	}
	cmd.Stderr = &errOut
	err = cmd.Run()
	if first, _, _ := strings.Cut(strings.TrimSpace(errOut.String()), "\n"); err != nil && first != "" {
		return errors.New(quote(first))
	}
	return err
}
