// Package obstacle finds what keeps Git from asking git-credential-pat although git
// pat setup wrote its settings, and clears it away.
//
// It changes nothing before a person has agreed, and no setting that holds a secret.
package obstacle

import (
	"context"
	"slices"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/setup"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
	"github.com/git-credential-pat/git-credential-pat/credential"
)

// An Obstacle is a setting that keeps Git from using git-credential-pat as a person
// wants it.
type Obstacle struct {
	Host    string
	Problem Problem
	Setting git.Setting // the setting in the way; without a key if there is none
}

// A Problem says what is wrong.
type Problem int

const (
	NotAsked  Problem = iota // Git does not ask git-credential-pat
	NotFirst                 // Git asks another helper first
	NoPath                   // Git does not name the repository
	AlsoAsked                // Git asks another helper too, and tells it of each token that works
	NoPush                   // Git does not say which requests are pushes
	NamesUser                // Git sends a user name, by which a fetch is not known to be one
)

// Prevents reports whether no token can be used because of the obstacle.
func (o Obstacle) Prevents() bool { return o.Problem <= NoPath }

// find returns the obstacles for some hosts.
func find(want setup.Want, c git.Config) []Obstacle {
	var found []Obstacle
	for _, host := range want.Hosts {
		url := "https://" + host + "/" + git.CheckPath
		add := func(problem Problem, s git.Setting) { found = append(found, Obstacle{host, problem, s}) }
		helpers := c.Helpers(url)
		isOurs := func(s git.Setting) bool { return git.RunsPat(s.Value) }
		switch ours := slices.IndexFunc(helpers, isOurs); {
		case ours < 0:
			var last git.Setting // the empty value that counts
			if all := c.ForCredential(url, "helper"); slices.ContainsFunc(all, isOurs) {
				for _, s := range all {
					if s.Value == "" {
						last = s
					}
				}
			}
			add(NotAsked, last)
			continue
		case ours > 0:
			add(NotFirst, helpers[0])
		default:
			if i := slices.IndexFunc(helpers, func(s git.Setting) bool { return !isOurs(s) }); i > 0 {
				add(AlsoAsked, helpers[i])
			}
		}
		if r, err := c.Asks(url); err == nil && r.Path == "" {
			var last git.Setting
			if all := c.ForCredential(url, "usehttppath"); len(all) > 0 {
				last = all[len(all)-1]
			}
			add(NoPath, last)
		}
		if !want.LeastPrivilege {
			continue
		}
		if _, rule := c.Rewrite("https://"+host+"/", true); !c.HasPushBase(host) {
			var s git.Setting
			if rule != nil {
				s = *rule
			}
			add(NoPush, s)
		}
		general := c.ForCredential(url, "username")
		for _, s := range c {
			if strings.HasPrefix(s.Key, "credential.") && strings.HasSuffix(s.Key, ".username") && s.Value != "" && (slices.Contains(general, s) || strings.HasPrefix(s.Section(), "https://"+host+"/")) {
				add(NamesUser, s)
			}
		}
	}
	return found
}

// commands returns the commands that clear an obstacle away.
func (o Obstacle) commands(ctx context.Context, r *setup.Reader) [][]string {
	if o.Problem != NoPush && o.Problem != NamesUser {
		if commands := r.MoveAfter(ctx, o.Setting); len(commands) > 0 {
			return commands
		}
	}
	return o.remove(r)
}

// remove returns the command that removes the setting in the way. There is none for
// a helper with a value, for a rule, for what is in no file, and for a secret.
func (o Obstacle) remove(r *setup.Reader) [][]string {
	path, inFile := o.Setting.File()
	removable := o.Problem == NotAsked || o.Problem == NoPath || o.Problem == NamesUser
	name := credential.Request{Host: o.Host, Username: o.Setting.Value}
	if !inFile || !removable || name.TokenForName() || git.HoldsSecret(o.Setting.Key) {
		return nil
	}
	file := setup.File{Path: path}
	if i := slices.IndexFunc(r.Files, func(f setup.File) bool { return f.Path == path }); i >= 0 {
		file = r.Files[i]
	}
	return [][]string{file.Config("--unset-all", o.Setting.Key, git.Exactly(o.Setting.Value))}
}
