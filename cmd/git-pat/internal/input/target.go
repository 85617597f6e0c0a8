// Package input reads what people give to the commands: targets, dates, names and
// tokens. Nothing is looked up, except which forge the other tokens of a host are of.
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

// A SecretError says that a person gave a token where none belongs. Other programs and
// the history of the shell show it.
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
