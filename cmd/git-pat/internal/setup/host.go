package setup

import (
	"fmt"
	"slices"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/credential/forge"
)

// A HostError says that a text names more than a host, or none.
type HostError struct {
	Text  string
	Host  string // the host that is probably meant, if there is one
	Owner bool   // the text looks like an owner or a repository
}

func (e *HostError) Error() string {
	return fmt.Sprintf("%s is not a host name", credential.Quote(e.Text))
}

// ParseHosts reads names of hosts as people type them, each once. "https://" before
// a name and "/" after it are allowed. The error is a *HostError or a
// *credential.HostError.
func ParseHosts(texts []string) ([]string, error) {
	var hosts []string
	for _, text := range texts {
		host, err := parseHost(text)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(hosts, host) {
			hosts = append(hosts, host)
		}
	}
	return hosts, nil
}

func parseHost(text string) (string, error) {
	if remote, err := credential.ParseRemote(text); err == nil && (remote.Protocol != "https" || remote.Path != "") {
		return "", &HostError{Text: text, Host: mainHost(remote.Host)}
	}
	name, isURL := strings.CutPrefix(text, "https://")
	first, _, hasPath := strings.Cut(strings.TrimSuffix(name, "/"), "/")
	host, err := credential.ParseHost(first)
	switch {
	case err != nil:
		return "", err
	case !isURL && !strings.ContainsAny(first, ".:") && host != "localhost":
		return "", &HostError{Text: text, Owner: true}
	case hasPath || mainHost(host) != host:
		return "", &HostError{Text: text, Host: mainHost(host)}
	}
	return host, nil
}

// WithAzure returns hosts in the order in which setup names them. dev.azure.com and
// the older hosts of Azure DevOps are one for setup: if one of them is in hosts,
// dev.azure.com and those in older are too.
func WithAzure(hosts []string, older ...string) []string {
	var all []string
	add := func(host string) {
		if !slices.Contains(all, host) {
			all = append(all, host)
		}
	}
	for _, host := range hosts {
		if forge.Of(host) == forge.Azure {
			add(forge.AzureHost)
		}
		add(host)
		if forge.Of(host) == forge.Azure {
			for _, other := range older {
				add(other)
			}
		}
	}
	return all
}

// mainHost returns github.com for names of it that no repository is at.
func mainHost(host string) string {
	switch host {
	case "www." + credential.GitHubHost, "api." + credential.GitHubHost, "ssh." + credential.GitHubHost:
		return credential.GitHubHost
	}
	return host
}
