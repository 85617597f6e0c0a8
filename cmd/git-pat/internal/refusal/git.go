package refusal

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/github"
	"github.com/git-credential-pat/git-credential-pat/credential"
)

// What Git prints about a request, in the messages of git-remote-https.
var (
	urlInGit      = regexp.MustCompile(`https://[!#-&(-~]+`) // no quotes, no control bytes
	statusInGit   = regexp.MustCompile(`returned error: (\d{3})`)
	notFoundInGit = regexp.MustCompile(`repository '[^']*' not found`)
)

// ReadGit finds the repository and the status of HTTP in what Git printed. The status
// is 0 if Git printed none.
func ReadGit(text string) (About, int) {
	var a About
	status := 0
	var own strings.Builder // without what the server said, which names pages
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "remote:") {
			own.WriteString(line)
		}
	}
	for _, found := range urlInGit.FindAllString(own.String(), -1) {
		remote, err := credential.ParseRemote(strings.TrimRight(found, ".,:;/"))
		if err != nil {
			continue
		}
		repository, err := credential.Request{Host: remote.Host, Path: remote.Path}.Repository()
		if err != nil || strings.Count(repository, "/") != 1 || strings.HasPrefix(repository, "orgs/") || strings.HasPrefix(repository, "settings/") {
			continue
		}
		a.Host, a.Repository = remote.Host, repository
		break
	}
	if a.Host == "" {
		a.Host = credential.GitHubHost
	}
	if m := statusInGit.FindStringSubmatch(text); m != nil {
		status, _ = strconv.Atoi(m[1])
	} else if notFoundInGit.MatchString(text) {
		status = http.StatusNotFound
	}
	a.SSO = SSOPage(a.Host, text)
	return a, status
}

// SSOPage finds in a text the page of the host where a person authorizes a token, or
// nothing. Pages of other hosts do not count.
func SSOPage(host, text string) string {
	for _, found := range urlInGit.FindAllString(text, -1) {
		if strings.HasPrefix(found, github.Page(host, "/orgs/")) && strings.Contains(found, "/sso?") {
			return strings.TrimRight(found, ".")
		}
	}
	return ""
}
