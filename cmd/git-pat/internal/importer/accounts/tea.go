package accounts

import (
	"go.yaml.in/yaml/v3"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/importer"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/credential/forge"
)

// A teaLogin is an account in tea's config.yml.
type teaLogin struct {
	Name       string `yaml:"name"`
	URL        string `yaml:"url"`
	User       string `yaml:"user"`
	Token      string `yaml:"token"` // not if tea logs in with an SSH key
	AuthMethod string `yaml:"auth_method"`
	Refresh    string `yaml:"refresh_token"`
}

// parseTea reads config.yml. tea keeps only the tokens of OAuth in the keyring.
func parseTea(data string) ([]*importer.Item, error) {
	var config struct {
		Logins []teaLogin `yaml:"logins"`
	}
	if err := yaml.Unmarshal([]byte(data), &config); err != nil {
		return nil, err
	}
	var all []*importer.Item
	for _, l := range config.Logins {
		e := &importer.Item{
			Place: atHost(l.User, l.Name), Login: l.User, Secret: credential.NewSecret(l.Token), Forge: forge.Gitea,
			Account: importer.Account{LogOut: []string{"logins", "delete", l.Name}},
		}
		remote, err := credential.ParseRemote(l.URL)
		if err == nil {
			e.Host, e.Path, e.Place = remote.Host, remote.Path, atHost(l.User, remote.Host)
		}
		switch {
		case err != nil:
			e.Skip(importer.Reason{Why: importer.BadHost})
		case l.AuthMethod == "oauth" || l.Refresh != "":
			e.Skip(importer.Reason{Why: importer.Renewed})
		case remote.Protocol != "https":
			e.Skip(importer.Reason{Why: importer.OtherScheme})
		}
		all = append(all, e)
	}
	return all, nil
}
