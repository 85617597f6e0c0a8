package main

// Which token answers where a remote leads, as Git would ask for it.

import (
	"errors"
	"slices"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store"
)

// An inspection finds out which tokens answer at places.
type inspection struct {
	*app
	vault   *store.Vault
	answers map[string]answer // by URL
	stays   []string          // of which it is said that they are not changed
}

// An answer says which token answers for a URL, or why none does, and what to
// do about that.
type answer struct {
	token, verdict string // for the table
	words          string // the token, for a sentence
	hint, command  string
	trouble        error // with the store
}

// Verdicts that have a meaning for others than people.
const (
	verdictOK    = "ok"
	verdictNone  = "no token"
	verdictLocal = "local"
	verdictOther = "not for tokens"
)

// answer is that for a place: for one that is refused, with the token that
// would answer if it were not.
func (i *inspection) answer(p *place) (answer, error) {
	switch {
	case p.remote.Host == "" && (p.protocol == "local" || p.protocol == "file"):
		return answer{verdict: verdictLocal}, nil
	case p.remote.Host == "":
		return answer{verdict: verdictOther}, nil
	}
	found, ok := i.answers[p.https]
	if !ok {
		var err error
		if found, err = i.ask(p); err != nil {
			return answer{}, err
		}
		i.answers[p.https] = found
	}
	switch {
	case p.follows != "":
		found.verdict = "as its remote, " + plain(p.follows)
	case p.overOther():
		found.verdict = "refused: over " + p.protocol
	case p.secret != nil:
		found.verdict = "refused: a " + p.secret.what() + " in the URL"
	}
	return found, nil
}

// ask finds out which token answers for the https URL of a place.
func (i *inspection) ask(p *place) (answer, error) {
	request, asked, err := i.request(p.https)
	if err != nil {
		return answer{}, err
	}
	d, login, err := i.vault.Fill(i.ctx, request)
	var a answer
	name := func(look credential.Look) {
		a.token = plain(look.Name) + " for " + short(look.Scope)
		a.words = quote(look.Name) + " for " + look.Scope.String()
	}
	if d.Winner >= 0 {
		name(d.Looked[d.Winner])
	}
	var trouble *store.Trouble
	switch {
	case errors.As(err, &trouble):
		a.verdict, a.trouble = "its store cannot be read", trouble
		return a, nil
	case err != nil:
		return a, err
	case login != nil && !asked:
		a.verdict = "Git does not ask for it"
		a.hint, a.command = "to have Git ask for tokens of "+request.Host+":", setUp(request.Host)
		return a, nil
	case login != nil:
		a.verdict = verdictOK
		return a, nil
	}
	switch d.Outcome {
	case credential.Ambiguous:
		a.verdict, a.hint, a.command = "several tokens fit", "to see which:", "git pat explain "+shellWord(p.https)
		return a, nil
	case credential.Unspecified:
		a.verdict = "several tokens fit"
		a.hint, a.command = "to have Git say which repository it asks for:", setUp(request.Host)
		return a, nil
	case credential.Unusable:
		look := d.With(credential.Unreadable, credential.SetAside, credential.Expired, credential.Missing)[0]
		why := map[credential.Verdict]string{
			credential.Unreadable: "its record cannot be read",
			credential.SetAside:   "the token is set aside",
			credential.Expired:    "the token is expired",
			credential.Missing:    "its secret is missing",
		}
		name(look)
		a.verdict = why[look.Verdict]
		a.hint, a.command = "to put a new one in the place of "+quote(look.Name)+":", onToken("git pat rotate", look.Record)
		return a, nil
	}
	a.verdict = verdictNone
	if i.isOurs(request.Host) {
		scope := credential.Scope{Host: request.Host}
		if first := owner(credential.Request{Path: p.remote.Path}); first != "" {
			scope.Paths = []string{first}
		}
		a.hint, a.command = "to add a token for "+scope.String()+":", "git pat add "+shellWord(short(scope))
	}
	return a, nil
}

// request returns what Git asks its helpers for a URL, and whether it asks
// ours.
func (a *app) request(url string) (request credential.Request, asked bool, err error) {
	m, err := a.asGitSends(url)
	if err != nil {
		return request, false, err
	}
	request = credential.Request{Path: m.Get("path"), Username: m.Get("username")}
	if request.Host, err = credential.ParseHost(m.Get("host")); err != nil {
		return request, false, err
	}
	helpers, err := a.helpers(url)
	asked = slices.ContainsFunc(helpers, func(h helperSetting) bool { return namesHelper(h.Value) })
	return request, asked, err
}

// advise says, once for all that need the same, what helps where a remote is
// not refused and no token answers.
func (i *inspection) advise(places []*place) error {
	said := map[string]bool{}
	for _, p := range places {
		if p.refused() {
			continue
		}
		a, err := i.answer(p)
		if err != nil {
			return err
		}
		key := a.hint + a.command
		if a.trouble != nil {
			key = a.trouble.Error()
		}
		if key == "" || said[key] {
			continue
		}
		said[key] = true
		if a.trouble != nil {
			i.ui.exit(a.trouble)
		} else {
			i.ui.hint(a.hint, a.command)
		}
	}
	return nil
}

// isOurs reports whether a host is GitHub's, or one that there is a token for.
func (i *inspection) isOurs(host string) bool {
	if credential.IsGitHubHost(host) {
		return true
	}
	for range i.vault.Tree.Host(host) {
		return true
	}
	return false
}
