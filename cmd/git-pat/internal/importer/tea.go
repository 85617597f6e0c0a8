package importer

import (
	"go.yaml.in/yaml/v3"

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
func parseTea(data string) ([]*Item, error) {
	var config struct {
		Logins []teaLogin `yaml:"logins"`
	}
	if err := yaml.Unmarshal([]byte(data), &config); err != nil {
		return nil, err
	}
	var all []*Item
	for _, l := range config.Logins {
		e := &Item{
			Place: atHost(l.User, l.Name), Login: l.User, Secret: credential.NewSecret(l.Token), Forge: forge.Gitea,
			account: account{logOut: []string{"logins", "delete", l.Name}},
		}
		remote, err := credential.ParseRemote(l.URL)
		if err == nil {
			e.Host, e.Path, e.Place = remote.Host, remote.Path, atHost(l.User, remote.Host)
		}
		switch {
		case err != nil:
			e.skip(Reason{Why: BadHost})
		case l.AuthMethod == "oauth" || l.Refresh != "":
			e.skip(Reason{Why: Renewed})
		case remote.Protocol != "https":
			e.skip(Reason{Why: OtherScheme})
		}
		all = append(all, e)
	}
	return all, nil
}
