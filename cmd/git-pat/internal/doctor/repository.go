package doctor

import (
	"context"
	"errors"
	"slices"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/remotes"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/resolve"
	"github.com/git-credential-pat/git-credential-pat/credential"
)

// checkRepository checks the remotes and submodules of the repository in the current
// folder, if there is one.
func (d *Doctor) checkRepository(ctx context.Context, r *report, hosts []string, withTokens bool) {
	all, err := d.Remotes.List(ctx, "")
	var none *remotes.NoRepositoryError
	switch {
	case errors.As(err, &none):
		return
	case err != nil:
		r.failed("remote", "", err, Failed{err})
		return
	}
	r.checkRemotes(all, hosts)
	if withTokens {
		decide := func(url string) (resolve.Result, error) { return d.Resolver.Resolve(ctx, url) }
		r.checkTokensOf(all, hosts, decide)
		files, err := d.Remotes.LFS(ctx, all)
		if err != nil {
			r.failed("lfs", "", err, Failed{err})
		}
		r.checkLFS(files, hosts, decide)
	}
}

// checkLFS looks for remotes whose large files need another token than the one for
// which Git LFS asks.
func (r *report) checkLFS(files []remotes.LFS, hosts []string, decide func(url string) (resolve.Result, error)) {
	for _, l := range files {
		if !l.AsksForRemote() || !slices.Contains(hosts, l.Entry.Remote.Host) {
			continue
		}
		asked, err := decide(l.Asks)
		if err == nil {
			var needed resolve.Result
			if needed, err = decide(l.Files); err == nil && !asked.SameWinner(needed) {
				r.add(Warning, "lfs", remotes.ShownName(l.Entry.Name), LFSToken{l, needed.Decision})
				return // the next one most likely has the same setting
			}
		}
		if err != nil {
			r.failed("lfs", remotes.ShownName(l.Entry.Name), err, Failed{err})
		}
	}
}

// checkRemotes checks that the URLs on some hosts use https and hold no secret.
func (r *report) checkRemotes(all []*remotes.Entry, hosts []string) {
	good, bad := 0, 0
	for _, e := range all {
		switch {
		case !slices.Contains(hosts, e.Remote.Host) || e.Follows != "":
		case e.Refused():
			bad++
			r.add(Error, "remote", remotes.ShownName(e.Name), Refused{e})
		default:
			good++
		}
	}
	if good > 0 && bad == 0 {
		r.add(OK, "remote", "", RemotesOK{})
	}
}

// checkTokensOf looks for remotes on some hosts for which there are tokens, but none
// that can be used. Each reason is reported once. A remote without any token may be
// public.
func (r *report) checkTokensOf(all []*remotes.Entry, hosts []string, decide func(url string) (resolve.Result, error)) {
	known := map[string]bool{} // URLs and reasons
	for _, e := range all {
		if e.Submodule != "" || e.Refused() || !slices.Contains(hosts, e.Remote.Host) || known[e.HTTPS] {
			continue
		}
		known[e.HTTPS] = true
		result, err := decide(e.HTTPS)
		if err != nil {
			r.failed("remote", remotes.ShownName(e.Name), err, Failed{err})
			continue
		}
		outcome, reason := result.Decision.Outcome, result.Decision.Reason()
		if (outcome == credential.Unusable || outcome == credential.Ambiguous) && !known[reason] {
			r.add(Error, "remote", remotes.ShownName(e.Name), TokenNeeded{e, result.Decision})
			known[reason] = true
		}
	}
}
