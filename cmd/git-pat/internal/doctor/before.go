package doctor

import (
	"errors"
	"regexp"
	"slices"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/homefile"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/importer"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/resolve"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
	"github.com/git-credential-pat/git-credential-pat/credential"
)

// A homeFile is a file in which other programs keep log-ins.
type homeFile struct {
	path, text string
	err        error
}

func readFiles(paths []string) (files []homeFile) {
	for _, path := range paths {
		text, _, err := homefile.Read(path)
		files = append(files, homeFile{path, text, err})
	}
	return files
}

// checkNetrc looks for the host in the files that curl reads. Git uses them before
// it asks a helper.
func (c hostCheck) checkNetrc(files []homeFile) {
	for _, file := range files {
		var odd *homefile.Error
		if errors.As(file.err, &odd) {
			c.add(Warning, "netrc", c.host, NetrcUnreadable{file.err})
		}
		for _, entry := range importer.ParseNetrc(file.text) {
			all := entry.Reason.Why == importer.ForAnyHost
			if all || credential.EqualFold(entry.Host, credential.WithoutPort(c.host)) {
				c.add(Error, "netrc", c.host, NetrcEntry{file.path, all})
				return
			}
		}
	}
}

// checkHTTP looks for settings with which Git logs in without asking a helper, or
// before it asks one.
func (c hostCheck) checkHTTP(s site) {
	if header, ok := c.config.AuthorizationHeader(s.url); ok {
		fact := HeaderSent{header.ShownKey(), fileOf(header)}
		name, _, _ := strings.Cut(header.Value, ":")
		header.Value = name + ":" // the rest is secret
		c.add(Error, "extra-header", s.name, fact).Fix = remove(header, "^"+regexp.QuoteMeta(header.Value))
	}
	for _, setting := range [][2]string{{"proactive-auth", "http.proactiveAuth"}, {"cookie-file", "http.cookieFile"}} {
		check, key := setting[0], setting[1]
		values := c.config.ForHTTP(s.url, strings.ToLower(strings.TrimPrefix(key, "http.")))
		if len(values) == 0 {
			continue
		}
		if value := values[len(values)-1].Value; value != "" && value != "none" {
			c.add(Warning, check, s.name, HTTPSetting{key, value})
		}
	}
}

// checkRewritten checks that url.BASE.insteadOf leaves https URLs of the host as
// they are.
func (c hostCheck) checkRewritten(host site) {
	sites := []site{host}
	for _, rule := range slices.Concat(c.config.Under("url", "insteadof"), c.config.Under("url", "pushinsteadof")) {
		path, ok := strings.CutPrefix(rule.Value, "https://"+c.host+"/")
		s := site{c.host + "/" + strings.TrimSuffix(path, "/"), rule.Value}
		if ok && path != "" && !slices.Contains(sites, s) {
			sites = append(sites, s)
		}
	}
	for _, s := range sites {
		if !c.addRewritten(s, false) {
			c.addRewritten(s, true)
		}
	}
}

// addRewritten reports whether Git uses another URL that is not https or has a
// secret.
func (c hostCheck) addRewritten(s site, push bool) bool {
	url, rule := c.config.Rewrite(s.url, push)
	remote, err := credential.ParseRemote(url)
	fact := Rewritten{Push: push, Secret: err == nil && remote.Protocol == "https", Rule: "insteadOf"}
	if rule == nil || fact.Secret && !resolve.HoldsCredential(remote) {
		return false
	}
	if strings.HasSuffix(rule.Key, ".pushinsteadof") {
		fact.Rule = "pushInsteadOf"
	}
	fact.Value, fact.File = git.HideUser(rule.Value), fileOf(*rule)
	c.add(Error, "url-rewritten", s.name, fact).Fix = edit(*rule) // its key may have a token
	return true
}

// checkPlainText looks for the host in the files of git credential-store.
func (c hostCheck) checkPlainText(files []homeFile) {
	for _, file := range files {
		for line := range strings.Lines(file.text) {
			remote, err := credential.ParseRemote(strings.TrimSpace(line))
			if err == nil && remote.Protocol == "https" && remote.Host == c.host {
				c.add(Warning, "plain-credentials", c.host, PlainText{file.path})
				break
			}
		}
	}
}
