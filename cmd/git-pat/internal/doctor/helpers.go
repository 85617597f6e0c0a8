package doctor

import (
	"slices"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
	"github.com/git-credential-pat/git-credential-pat/credential"
)

// A hostCheck checks what Git does to log in to a host.
type hostCheck struct {
	*report
	host   string
	config git.Config
	tokens []credential.Candidate

	isIncomplete func() bool                  // setup would change the person's own configuration
	canMoveAfter func(other git.Setting) bool // setup can put its settings after another one
	canRun       func(path string) bool
}

// A site is a host, or a path there for which Git has settings.
type site struct {
	name string // HOST or HOST/OWNER
	url  string // that Git is asked about
}

func (c hostCheck) check(netrc, credentials []homeFile) {
	sites := c.sites()
	for _, s := range sites {
		c.checkHelpers(s)
		c.checkRequest(s)
	}
	c.checkRefusals()
	c.checkNetrc(netrc)
	c.checkHTTP(sites[0])
	c.checkRewritten(sites[0])
	c.checkPlainText(credentials)
}

// sites returns the host, and the paths there for which Git has settings.
func (c hostCheck) sites() []site {
	sites := []site{{c.host, "https://" + c.host + "/owner/repository"}}
	for _, s := range slices.Concat(c.config.Under("credential", "helper"), c.config.Under("credential", "usehttppath")) {
		path, ok := strings.CutPrefix(s.Section(), "https://"+c.host+"/")
		if path = strings.Trim(path, "/"); !ok || path == "" {
			continue
		}
		if at := (site{c.host + "/" + path, "https://" + c.host + "/" + path}); !slices.Contains(sites, at) {
			sites = append(sites, at)
		}
	}
	return sites
}

func isOurs(s git.Setting) bool { return git.RunsPat(s.Value) }

// checkHelpers checks which helpers Git asks, and in which order.
func (c hostCheck) checkHelpers(s site) {
	helpers := c.config.Helpers(s.url)
	i := slices.IndexFunc(helpers, isOurs)
	if i < 0 {
		fact, fix := c.notAsked(s.url)
		for _, h := range helpers {
			helper, _ := helperOf(h)
			fact.Instead = append(fact.Instead, helper)
		}
		c.add(Error, "helper-asked", s.name, fact).Fix = fix
		return
	}
	ours := helpers[i]
	if path, _, _ := git.HelperWord(ours.Value); git.IsAbs(path) && !c.canRun(path) {
		c.add(Error, "helper-asked", s.name, HelperBroken{path, fileOf(ours)}).Fix = setUp(c.host)
		return
	}
	c.add(OK, "helper-asked", s.name, Asked{fileOf(ours)})
	alone := true
	for at, h := range helpers {
		if isOurs(h) {
			continue
		}
		alone = false
		helper, pattern := helperOf(h)
		fact, state := OtherHelper{Helper: helper, Before: at < i}, Error
		if !fact.Before {
			fact.Keeps, state = keeps(helper.Program), Warning
		}
		fix := c.against(h, pattern)
		if !fact.Before && c.canMoveAfter(h) {
			fix = &Fix{Kind: SetUpAfter, Hosts: []string{c.host}}
		}
		c.add(state, "other-helper", s.name, fact).Fix = fix
	}
	if alone {
		c.add(OK, "other-helper", s.name, NoOtherHelper{})
	}
}

// notAsked says why Git does not ask us for a URL, and what helps.
func (c hostCheck) notAsked(url string) (NotAsked, *Fix) {
	values := c.config.ForCredential(url, "helper")
	ours := slices.IndexFunc(values, isOurs)
	for i := len(values) - 1; i > ours && ours >= 0; i-- {
		if values[i].Value == "" {
			return NotAsked{Key: values[i].ShownKey(), File: fileOf(values[i])}, c.against(values[i], git.Exactly(""))
		}
	}
	return NotAsked{}, setUp(c.host)
}

// against is the Fix for a setting that is in the way: setup, if that writes its
// settings after it; otherwise the values that match a pattern are removed.
func (c hostCheck) against(s git.Setting, pattern string) *Fix {
	if _, inFile := s.File(); inFile && !ofRepository(s) && c.isIncomplete() {
		return setUp(c.host)
	}
	return remove(s, pattern)
}

// checkRequest checks that Git names the repository, and does not ask for a particular
// user.
func (c hostCheck) checkRequest(s site) {
	request, err := c.config.Asks(s.url)
	if err != nil {
		c.failed("use-http-path", s.name, err, Failed{err})
		return
	}
	c.checkUsername(s, request.Username)
	if request.Path != "" {
		c.add(OK, "use-http-path", s.name, PathSent{})
		return
	}
	values := c.config.ForCredential(s.url, "usehttppath")
	if len(values) == 0 {
		c.add(Error, "use-http-path", s.name, PathNotSent{}).Fix = setUp(c.host)
		return
	}
	last := values[len(values)-1]
	fix := c.against(last, git.Exactly(last.Value))
	c.add(Error, "use-http-path", s.name, PathNotSent{last.ShownKey(), last.Value, fileOf(last)}).Fix = fix
}

// checkUsername looks for a user name in Git's configuration. The tokens of other
// users do not answer then.
func (c hostCheck) checkUsername(s site, username string) {
	isOther := func(t credential.Candidate) bool {
		return t.Host == c.host && t.Username != "" && !credential.EqualFold(t.Username, username)
	}
	values := c.config.ForCredential(s.url, "username")
	request := credential.Request{Host: c.host, Username: username}
	if request.Login() == "" || !slices.ContainsFunc(c.tokens, isOther) || len(values) == 0 {
		return
	}
	if request.TokenForName() {
		username = "***"
	}
	last := values[len(values)-1]
	c.add(Warning, "username", s.name, UsernameSet{username, last.ShownKey(), fileOf(last)}).Fix = remove(last, git.Exactly(last.Value))
}

// checkRefusals checks that Git asks us about SSH and http. Otherwise we cannot say
// that tokens work over https only.
func (c hostCheck) checkRefusals() {
	for _, base := range []string{"ssh://git@" + credential.WithoutPort(c.host), "http://" + c.host} {
		url := base + "/owner/repository"
		if !slices.ContainsFunc(c.config.Helpers(url), isOurs) {
			protocol, _, _ := strings.Cut(url, ":")
			why, fix := c.notAsked(url)
			c.add(Warning, "ssh-refused", c.host, NoRefusal{protocol, why}).Fix = fix
			return
		}
	}
}

func helperOf(s git.Setting) (h Helper, pattern string) {
	h = Helper{Program: git.HelperProgram(s.Value), File: fileOf(s)}
	h.Shown, pattern = git.HideArguments(s.Value)
	return h, pattern
}

// keeps reports whether a helper stores accepted passwords, for the whole host.
func keeps(program string) bool {
	switch strings.TrimPrefix(program, "git-credential-") {
	case "store", "cache", "osxkeychain", "manager", "manager-core", "wincred", "libsecret", "gnome-keyring":
		return true
	}
	return false
}
