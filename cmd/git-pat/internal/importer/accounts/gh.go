package accounts

import (
	"cmp"
	"maps"
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/importer"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/credential/forge"
)

// A ghHost is what gh's hosts.yml says of a host. Before version 2.40 each host had
// one account.
type ghHost struct {
	User  string `yaml:"user"` // the active account
	Token string `yaml:"oauth_token"`
	Users map[string]struct {
		Token string `yaml:"oauth_token"`
	} `yaml:"users"`
}

// parseGH reads hosts.yml. Of each host the active account comes first. In the
// keyring a token is the password of the service gh:HOST and the login; the token of
// the active account is also there under an empty login.
func parseGH(data string) ([]*importer.Item, error) {
	var hosts map[string]ghHost
	if err := yaml.Unmarshal([]byte(data), &hosts); err != nil {
		return nil, err
	}
	var all []*importer.Item
	for _, name := range slices.Sorted(maps.Keys(hosts)) {
		h := hosts[name]
		add := func(login, token string) {
			e := &importer.Item{Place: atHost(login, name), Host: name, Login: login, Secret: credential.NewSecret(token), Forge: forge.GitHub}
			e.Account.Keyring = []importer.KeyringItem{{Service: "gh:" + name, User: login}}
			if login == h.User && login != "" {
				e.Account.Keyring = append(e.Account.Keyring, importer.KeyringItem{Service: "gh:" + name})
			}
			e.Account.LogOut = []string{"auth", "logout", "--hostname", name}
			if login != "" {
				e.Account.LogOut = append(e.Account.LogOut, "--user", login)
			}
			all = append(all, e)
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
