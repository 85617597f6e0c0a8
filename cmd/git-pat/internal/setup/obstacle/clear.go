package obstacle

import (
	"context"
	"slices"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/setup"
)

// A Clearing clears obstacles away.
type Clearing struct {
	Setup *setup.Reader

	// All is true to clear away AlsoAsked too, which does no harm to our tokens.
	All bool

	// Agree asks whether some commands may be run. Its error ends the clearing.
	Agree func(o Obstacle, commands [][]string) error

	// Show is told of each command before Git runs it.
	Show func(args []string) error
}

// A Left is an obstacle that stays, with the commands that would clear it away.
type Left struct {
	Obstacle
	Commands [][]string
}

// A BlockedError says that Git uses no token because of an obstacle, and that no
// command clears it away.
type BlockedError struct{ Obstacle Obstacle }

func (e *BlockedError) Error() string {
	return "a setting keeps Git from using the tokens for " + e.Obstacle.Host
}

// Clear clears away what keeps Git from using tokens for some hosts, and then makes
// sure that Git asks for them. It returns what else there is, one for each setting,
// and reports whether anything was changed. The error may be a *BlockedError or a
// *NotAskedError.
func (c Clearing) Clear(ctx context.Context, want setup.Want) (left []Left, changed bool, err error) {
	var tried [][]string
	for again := true; again; {
		config, err := c.Setup.Config.Own(ctx)
		if err != nil {
			return nil, changed, err
		}
		again, left = false, nil
		for _, o := range find(want, config) {
			commands := o.commands(ctx, c.Setup)
			if containsAll(tried, commands) {
				commands = o.remove(c.Setup)
			}
			known := len(commands) > 0 && !containsAll(tried, commands)
			switch {
			case o.Prevents() && !known:
				return nil, changed, &BlockedError{o}
			case !known, !o.Prevents() && (!c.All || o.Problem != AlsoAsked):
				if !slices.ContainsFunc(left, func(other Left) bool { return other.Setting == o.Setting }) {
					left = append(left, Left{Obstacle: o})
				}
				continue
			}
			if err := c.Agree(o, commands); err != nil {
				return nil, changed, err
			}
			tried = append(tried, commands...)
			if err := c.Setup.Run(ctx, commands, c.Show); err != nil {
				return nil, changed, err
			}
			again, changed = true, true
			break
		}
	}
	for _, host := range want.Hosts {
		if err := Check(ctx, host); err != nil {
			return nil, changed, err
		}
	}
	for i, o := range left {
		left[i].Commands = o.commands(ctx, c.Setup)
	}
	return left, changed, nil
}

func containsAll(all, some [][]string) bool {
	return !slices.ContainsFunc(some, func(args []string) bool {
		return !slices.ContainsFunc(all, func(other []string) bool { return slices.Equal(args, other) })
	})
}
