package obstacle

import (
	"context"
	"strings"
	"time"

	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
)

// checkLimit is how long Git may take to ask its helpers.
const checkLimit = 10 * time.Second

// Check asks Git for a credential of a host as Git asks for one, and returns an
// error unless git-credential-pat says that it was asked.
func Check(ctx context.Context, host string) error {
	ctx, cancel := context.WithTimeout(ctx, checkLimit)
	defer cancel()
	call := git.Call{In: "protocol=https\nhost=" + host + "\npath=" + git.CheckPath + "\n\n", Args: []string{"credential", "fill"}, Outside: true}
	_, said, err := call.RunBoth(ctx)
	if strings.Contains(said, git.CheckAnswer) {
		return nil
	}
	if err == nil || ctx.Err() != nil {
		err = ctx.Err()
	}
	return &NotAskedError{host, err}
}

// A NotAskedError says that Git got no answer from git-credential-pat, although its
// configuration names it.
type NotAskedError struct {
	Host string
	Err  error // what Git said; nil if another helper answered
}

func (e *NotAskedError) Error() string { return "Git does not reach git-credential-pat for " + e.Host }

func (e *NotAskedError) Unwrap() error { return e.Err }
