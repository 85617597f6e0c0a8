package resolve

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/input"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
	"github.com/git-credential-pat/git-credential-pat/credential"
)

// Errors for a URL that nobody named.
var (
	ErrNoRemote       = errors.New("this is not a repository with a remote")
	ErrSeveralRemotes = errors.New("this repository has several remotes, and none is called origin")
)

// Here returns the URL that the repository in the current folder is fetched from,
// or pushed to: that of the remote that the current branch follows, else of origin,
// else of the only remote. The error is ErrNoRemote or ErrSeveralRemotes, or one
// that git.Bare knows.
func (r *Resolver) Here(ctx context.Context, push bool) (string, error) {
	all, settings, err := r.Remotes(ctx)
	if _, bare := git.Bare(err); bare {
		return "", err
	}
	if err != nil {
		return "", ErrNoRemote
	}
	follows := git.Followed(ctx, "", settings)
	if _, notURL := credential.ParseRemote(follows); notURL == nil {
		url, _ := settings.Rewrite(follows, push)
		return url, nil
	}
	if u, ok := git.MainRemote(all, follows, push); ok {
		return u.URL, nil
	}
	if len(all) > 0 {
		return "", ErrSeveralRemotes
	}
	return "", ErrNoRemote
}

// Remotes returns the remotes of the repository in the current folder, and its
// settings.
func (r *Resolver) Remotes(ctx context.Context) ([]git.RemoteURL, git.Config, error) {
	settings, err := r.Git.Folder(ctx, "")
	if err != nil {
		return nil, nil, err
	}
	all, err := git.Remotes(ctx, "", settings)
	return all, settings, err
}

// A Named is what a person means by a URL, a target, the name of a remote, or
// nothing.
type Named struct {
	URL string

	// A name may be both a target and a remote. Then the target counts, and Remote
	// is the URL of the remote.
	Target credential.Target
	Remote string
}

// Named returns what a person means by a name. A URL or target means exactly that:
// no setting of Git turns it into another. A remote's name counts only if it cannot
// be a target. No name means the repository in the current folder; see Here for the
// errors. Otherwise the error is a *input.TargetError.
func (r *Resolver) Named(ctx context.Context, name string, push bool) (Named, error) {
	if name == "" {
		url, err := r.Here(ctx, push)
		return Named{URL: url}, err
	}
	found := Named{URL: name}
	if _, err := credential.ParseRemote(name); err != nil && !strings.Contains(name, "://") {
		target, err := input.ParseTargets([]string{name})
		remote, isRemote := r.remoteNamed(ctx, name, push)
		switch {
		case err != nil && isRemote:
			return Named{URL: remote}, nil
		case err != nil:
			return found, err
		case isRemote:
			found.Target, found.Remote = target, remote
		}
		path := ""
		if len(target.Paths) > 0 {
			path = target.Paths[0] // any of several repositories will do
		}
		found.URL = credential.Remote{Host: target.Host, Path: path}.HTTPS()
	}
	if push {
		found.URL = r.AsPush(ctx, found.URL)
	}
	return found, nil
}

// remoteNamed returns the URL of the remote with a name, if there is one here.
func (r *Resolver) remoteNamed(ctx context.Context, name string, push bool) (string, bool) {
	all, _, err := r.Remotes(ctx)
	i := slices.IndexFunc(all, func(u git.RemoteURL) bool { return u.Remote == name && u.Push == push })
	if err != nil || i < 0 {
		return "", false
	}
	return all[i].URL, true
}

// AsPush returns a URL as Git pushes to it, if Git says of it which requests are
// pushes.
func (r *Resolver) AsPush(ctx context.Context, url string) string {
	settings, err := r.Git.Folder(ctx, "")
	if err != nil {
		return url
	}
	return settings.AsPush(url)
}

// Rewritten returns the URL that Git uses here instead of another one, and the rule
// that says so; nil if there is none.
func (r *Resolver) Rewritten(ctx context.Context, url string, push bool) (string, *git.Setting) {
	settings, err := r.Git.Folder(ctx, "")
	if err != nil {
		return url, nil
	}
	used, rule := settings.Rewrite(url, push)
	if rule == nil || git.WithoutUser(used) == git.WithoutUser(url) {
		return url, nil
	}
	return used, rule
}
