package main

// What Git asks its helpers, and which ones. Git alone knows: its rules for
// sections of the configuration differ between versions and are not those of
// git config --get-urlmatch. So it is told to ask a helper that only says what
// it was asked.

import (
	"fmt"
	"slices"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/protocol"
)

// asked begins what the helper says on standard error.
const asked = "git-pat-was-asked"

// listener is a helper, as in credential.helper, that prints its request and
// has Git ask nobody else.
const listener = "!echo " + asked + " >&2; cat >&2; echo >&2; echo quit=1; :"

// listen has Git ask for a URL's credential with the listener alone, under the
// key of a helper setting, and returns what it was asked, if it was.
func (a *app) listen(key, url string) (request protocol.Message, ok bool, err error) {
	if strings.ContainsAny(url, "\r\n\x00") {
		return request, false, &fault{text: quote(url) + " is no URL", status: exitUsage}
	}
	// No helper of the person's runs, and nothing is asked at the terminal.
	env := []string{"GIT_TERMINAL_PROMPT=0", "GIT_ASKPASS=", "LC_ALL=C"}
	_, errOut, err := runGit(a.ctx, "url="+url+"\n\n", env, "-c", "credential.helper=", "-c", key+"="+listener, "credential", "fill")
	_, said, ok := strings.Cut(errOut, asked+"\n")
	if ok {
		request, err = protocol.Read(strings.NewReader(said))
		return request, true, err
	}
	if _, ran := exitStatus(err); ran && strings.Contains(errOut, "could not read") {
		return request, false, nil // nobody was asked, and so Git wanted to ask a person
	}
	first, _, _ := strings.Cut(strings.TrimSpace(errOut), "\n")
	return request, false, fmt.Errorf("git credential: %s", quote(first))
}

// asGitSends returns the request with which Git asks its helpers for the
// credential for a URL: with the path if useHttpPath is set, and with the user
// name that is configured if the URL has none.
func (a *app) asGitSends(url string) (protocol.Message, error) {
	request, ok, err := a.listen("credential.helper", withoutPassword(url))
	if err == nil && !ok {
		err = fmt.Errorf("no helper is asked by Git for %s", quote(withoutPassword(url)))
	}
	return request, err
}

// withoutPassword returns a URL without the password in it, for which Git
// would ask nobody.
func withoutPassword(url string) string {
	before, info, after, ok := cutUserinfo(url)
	if !ok {
		return url
	}
	user, _, _ := strings.Cut(info, ":")
	return before + user + "@" + after
}

// A helperSetting is a helper that Git asks.
type helperSetting struct {
	Value   string // as in credential.helper
	Section string // the URL of its section, or nothing for all
	Origin  string // where it is set, as in configEntry
}

// helpers returns the helpers that Git asks for a URL, in order. An empty
// setting takes away those before it.
func (a *app) helpers(url string) ([]helperSetting, error) {
	entries, err := a.settingsFor(url, "helper")
	if err != nil {
		return nil, err
	}
	var found []helperSetting
	for _, entry := range entries {
		if entry.Value == "" {
			found = nil
			continue
		}
		found = append(found, helperSetting{entry.Value, credentialSection(entry.Key), entry.Origin})
	}
	return found, nil
}

// settingsFor returns the values of a setting under credential that are for a
// URL, in the order in which Git applies them. The name is in small letters.
func (a *app) settingsFor(url, name string) ([]configEntry, error) {
	entries, err := config(a.ctx, `^credential\.(.*\.)?`+name+`$`)
	if err != nil {
		return nil, err
	}
	matches := map[string]bool{"": true}
	var found []configEntry
	for _, entry := range entries {
		section := credentialSection(entry.Key)
		if _, known := matches[section]; !known {
			if matches[section], err = a.matches(section, url); err != nil {
				return nil, err
			}
		}
		if matches[section] {
			found = append(found, entry)
		}
	}
	return found, nil
}

// asksUs reports whether git-credential-pat is among the helpers that Git asks
// for a URL.
func (a *app) asksUs(url string) (bool, error) {
	helpers, err := a.helpers(url)
	return slices.ContainsFunc(helpers, func(h helperSetting) bool { return runsUs(h.Value) }), err
}

// credentialSection returns the URL in a key such as
// credential.https://github.com.helper, or nothing.
func credentialSection(key string) string {
	section := strings.TrimPrefix(key, "credential")
	return strings.TrimPrefix(section[:strings.LastIndexByte(section, '.')], ".")
}

// matches reports whether what stands under credential.SECTION is for a URL.
func (a *app) matches(section, url string) (bool, error) {
	if strings.ContainsAny(section, "=\n") {
		return false, nil // such a one cannot be given to Git as an argument, and matches no URL of ours
	}
	_, ok, err := a.listen("credential."+section+".helper", withoutPassword(url))
	return ok, err
}
