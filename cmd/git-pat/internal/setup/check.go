package setup

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
	"github.com/git-credential-pat/git-credential-pat/credential"
)

// An Obstacle is a setting that keeps Git from using git-credential-pat as setup
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

// obstacles returns what is in the way for some hosts.
func (w Want) obstacles(c git.Config) []Obstacle {
	var found []Obstacle
	for _, host := range w.Hosts {
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
		if !w.LeastPrivilege {
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

// Obstacles returns what is in the way of what a person wants.
func (r *Reader) Obstacles(ctx context.Context, want Want) ([]Obstacle, error) {
	c, err := r.Config.Own(ctx)
	return want.obstacles(c), err
}

// Move returns the commands that move the line that includes our file to the end of
// its file, so that it comes after the setting in the way. There are none if Git
// reads that setting later all the same.
func (r *Reader) Move(ctx context.Context, o Obstacle) [][]string {
	from, err := r.sources(ctx, true)
	path, inFile := o.Setting.File()
	if o.Problem == NoPush || o.Problem == NamesUser {
		return nil
	}
	ofRepository := o.Setting.Scope == "local" || o.Setting.Scope == "worktree" || o.Setting.Scope == "" && !filepath.IsAbs(path)
	if err != nil || !inFile || ofRepository {
		return nil
	}
	for i, file := range r.Files {
		has, err := from.read(file)
		switch {
		case err != nil || !slices.Contains(values(has, includePath), r.Own):
		case i > 0 && path == r.Files[0].Path:
			return nil // which Git reads after the other one
		default:
			return append([][]string{file.Config("--unset-all", includePath, git.Exactly(r.Own))}, atEnd(file, r.Own)...)
		}
	}
	return nil
}

// OldRules returns the commands that remove lines of insteadOf as older versions of
// git pat remote wrote them. A person may have written them as well.
func (r *Reader) OldRules(ctx context.Context) [][]string {
	var commands [][]string
	for _, file := range r.Files {
		has, err := r.Config.File(ctx, "", file.options()...)
		if err != nil {
			continue
		}
		for _, s := range has.Under("url", "insteadof") {
			remote, err := credential.ParseRemote(s.Value + "owner/repository")
			if err == nil && remote.Protocol == "ssh" && s.Section() == "https://"+remote.Host+"/" {
				commands = append(commands, file.Config("--unset", "url."+s.Section()+".insteadOf", git.Exactly(s.Value)))
			}
		}
	}
	return commands
}

// Remove returns the command that removes the setting in the way. There is none for
// a helper with a value, for a rule, for what is in no file, and for a secret.
func (r *Reader) Remove(o Obstacle) [][]string {
	path, inFile := o.Setting.File()
	removable := o.Problem == NotAsked || o.Problem == NoPath || o.Problem == NamesUser
	name := credential.Request{Host: o.Host, Username: o.Setting.Value}
	if !inFile || !removable || name.TokenForName() || git.HoldsSecret(o.Setting.Key) {
		return nil
	}
	file := File{Path: path}
	if i := slices.IndexFunc(r.Files, func(f File) bool { return f.Path == path }); i >= 0 {
		file = r.Files[i]
	}
	return [][]string{file.Config("--unset-all", o.Setting.Key, git.Exactly(o.Setting.Value))}
}

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
