package tokens

import (
	"errors"
	"fmt"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/credential"
)

// A TargetError says why a text is not a target.
type TargetError struct{ err error }

func (e *TargetError) Error() string { return e.err.Error() }

// maxTarget is longer than what any server has for a repository.
const maxTarget = 2000 // bytes

// ParseTargets reads one target, or several repositories of one owner. The error is
// a *TargetError.
func ParseTargets(texts []string) (credential.Target, error) {
	var all credential.Target
	for i, text := range texts {
		target, err := credential.ParseTarget(text)
		switch {
		case len(text) > maxTarget:
			return all, &TargetError{fmt.Errorf("%s is too long for a target", credential.Quote(text))}
		case err != nil:
			return all, &TargetError{err}
		case strings.HasSuffix(credential.WithoutPort(target.Host), "."):
			return all, &TargetError{fmt.Errorf("the host %s ends with a dot, and no token answers for it", credential.Quote(target.Host))}
		case i > 0 && (target.Host != all.Host || target.Owner() == "" || !strings.EqualFold(target.Owner(), all.Owner())):
			return all, &TargetError{errors.New("several targets must be repositories of one owner")}
		}
		all.Host = target.Host
		all.Paths = append(all.Paths, target.Paths...)
	}
	return all, nil
}
