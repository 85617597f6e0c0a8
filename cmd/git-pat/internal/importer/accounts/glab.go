package accounts

import (
	"errors"
	"maps"
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/importer"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/credential/forge"
)

// A glabHost is what glab's config.yml says of a host.
type glabHost struct {
	User      string    `yaml:"user"`
	Token     yaml.Node `yaml:"token"`
	Keyring   string    `yaml:"use_keyring"`
	OAuth     string    `yaml:"is_oauth2"`
	Protocol  string    `yaml:"api_protocol"`
	Subfolder string    `yaml:"subfolder"` // where the instance is on its host
}

// parseGLab reads config.yml. In the keyring a token is the password of the service
// glab:HOST:token, and of glab:HOST in older versions, with an empty login.
//
// glab lists gitlab.com from the start. A host without anything that a login
// writes is not an account.
func parseGLab(data string) ([]*importer.Item, error) {
	var config struct {
		Hosts map[string]glabHost `yaml:"hosts"`
	}
	if err := yaml.Unmarshal([]byte(data), &config); err != nil {
		return nil, err
	}
	var all []*importer.Item
	for _, name := range slices.Sorted(maps.Keys(config.Hosts)) {
		h := config.Hosts[name]
		token, err := glabText(h.Token)
		if err != nil {
			return nil, err
		}
		if token == "" && h.User == "" && h.Keyring != "true" {
			continue
		}
		e := &importer.Item{
			Place: atHost(h.User, name), Host: name, Path: h.Subfolder, Login: h.User, Secret: credential.NewSecret(token), Forge: forge.GitLab,
			Account: importer.Account{
				Keyring: []importer.KeyringItem{{Service: "glab:" + name + ":token"}, {Service: "glab:" + name}},
				LogOut:  []string{"auth", "logout", "--hostname", name},
			},
		}
		switch {
		case h.OAuth == "true": // expires after two hours
			e.Skip(importer.Reason{Why: importer.Renewed})
		case h.Protocol == "http":
			e.Skip(importer.Reason{Why: importer.OtherScheme})
		}
		all = append(all, e)
	}
	return all, nil
}

// glabText returns the text of a value. glab has written "!!null TEXT", which
// package yaml reads as nothing.
func glabText(n yaml.Node) (string, error) {
	switch {
	case n.IsZero() || slices.Contains([]string{"", "~", "null"}, n.Value) && n.Kind == yaml.ScalarNode:
		return "", nil
	case n.Kind != yaml.ScalarNode:
		return "", errors.New("a token is not a text")
	}
	return n.Value, nil
}
