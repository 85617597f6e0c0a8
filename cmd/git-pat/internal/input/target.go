// Package input reads what people give to the commands: targets, dates, names and
// tokens. It looks up only one thing: the forge of the other tokens of a host.
package input

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/credential"
)

// A TargetError says why a text is not a target.
type TargetError struct{ err error }

func (e *TargetError) Error() string { return e.err.Error() }

// A SecretError says that a person gave a token as an argument. Other programs and the
// history of the shell show arguments.
type SecretError struct{ Kind credential.Kind }

func (e *SecretError) Error() string { return "a token was given as an argument" }

// maxSegment is longer than the names that forges allow.
const maxSegment = 255 // bytes

// ParseTargets reads one target, or several repositories of one owner. The error is
// a *TargetError or a *SecretError.
func ParseTargets(texts []string) (credential.Target, error) {
	var all credential.Target
	for _, text := range texts {
		// No owner's name begins like a token.
		if kind := credential.KindOf(credential.NewSecret(strings.TrimSpace(text)), ""); kind.IsToken() {
			return all, &SecretError{kind}
		}
	}
	for i, text := range texts {
		target, err := credential.ParseTarget(text)
		switch {
		case err != nil:
			return all, &TargetError{err}
		case strings.HasSuffix(credential.WithoutPort(target.Host), "."):
			return all, &TargetError{fmt.Errorf("the host %s ends with a dot, and no token answers for it", credential.Quote(target.Host))}
		case slices.ContainsFunc(strings.Split(strings.Join(target.Paths, "/"), "/"), func(s string) bool { return len(s) > maxSegment }):
			return all, &TargetError{fmt.Errorf("%s is too long for a target", credential.Quote(text))}
		case i > 0 && (target.Host != all.Host || target.Owner() == "" || !strings.EqualFold(target.Owner(), all.Owner())):
			return all, &TargetError{errors.New("several targets must be repositories of one owner")}
		}
		all.Host = target.Host
		all.Paths = append(all.Paths, target.Paths...)
	}
	return all, nil
}

// A URLError says why Git cannot log in to a URL with a token.
type URLError struct {
	text     string
	Password bool   // it has a password, which other users can see
	HTTPS    string // the same URL over https, if that helps
}

func (e *URLError) Error() string { return e.text }

// ParseURLs reads https URLs and targets. The error is a *URLError, or one of
// ParseTargets.
func ParseURLs(texts []string) ([]credential.Remote, error) {
	var urls []credential.Remote
	for _, text := range texts {
		if !strings.Contains(text, "://") {
			target, err := ParseTargets([]string{text})
			if err != nil {
				return nil, err
			}
			urls = append(urls, credential.Remote{Host: target.Host, Path: strings.Join(target.Paths, "/")})
			continue
		}
		remote, err := credential.ParseRemote(text)
		switch {
		case err != nil:
			return nil, &URLError{text: err.Error()}
		case remote.Password:
			return nil, &URLError{text: "the URL has a password, which other users can see", Password: true}
		case remote.Protocol != "https":
			return nil, &URLError{text: "tokens work over https only, not over " + remote.Protocol, HTTPS: remote.HTTPS()}
		}
		urls = append(urls, remote)
	}
	return urls, nil
}
