package inspect

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/refusal"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/credential/forge"
)

// gitea is the API of Gitea and Forgejo.
func gitea() api {
	return api{path: "/api/v1/", about: "user", header: "Authorization", before: "token "}
}

// lacksScope is part of the text of the 403 for a valid token without the scope for a
// call, since Gitea 1.22 and Forgejo 7. A 403 with another text may be about the
// account.
const lacksScope = "token does not have at least one of required scope(s)"

// inspectGitea completes a report with what Gitea says: the login. A token without
// the scope read:user is valid, but its login stays unknown. Gitea does not say when
// a token expires.
func (c *Client) inspectGitea(ctx context.Context, report *Report, r credential.Record, secret credential.Secret) {
	base, err := c.base(ctx, r, gitea())
	var user struct{ Login string }
	if err == nil {
		err = c.call(ctx, http.MethodGet, base+gitea().about, gitea(), secret, &user)
	}
	var refused *refusal.Error
	switch {
	case err == nil && user.Login != "":
		report.Result, report.Login = ResultGood, user.Login
	case errors.As(err, &refused) && refused.Status == http.StatusForbidden && strings.Contains(refused.Text, lacksScope):
		report.Result = ResultGood
	case isFinal(err):
		report.refuse(err, r)
		return
	case err != nil && !isMissing(err):
		report.refuse(err, r)
	}
	c.inspectGit(ctx, report, r, secret)
}

// errProposals is the error for a push that Gitea begins, though perhaps only to
// receive a proposed change.
var errProposals = errors.New("the server lets everybody who may fetch begin a push, to propose a change")

// pushes is whether a token may push to a repository, after Gitea let it begin a push.
// Everybody who may fetch may begin one, and then push to refs/for ("AGit" in Gitea's
// documentation). So the API is asked what the user may do. The token is
// known to have the scope.
func (c *Client) pushes(ctx context.Context, r credential.Record, repository string, secret credential.Secret) (Answer, *refusal.Cause) {
	about := aboutRecord(r)
	about.Repository = repository
	unsure := &refusal.Cause{About: about, Err: errProposals}
	if r.Kind != forge.GiteaToken {
		return NotKnown, unsure
	}
	base, err := c.base(ctx, r, gitea())
	if err != nil {
		unsure.Err = err
		return NotKnown, unsure
	}
	_, root, _ := strings.Cut(strings.TrimSuffix(base, gitea().path), r.Host)
	name := strings.TrimPrefix("/"+repository, root+"/")
	var found struct{ Permissions *struct{ Push bool } }
	err = c.call(ctx, http.MethodGet, base+"repos/"+name, gitea(), secret, &found)
	switch {
	case err != nil:
		cause := refusal.Of(err, about, forge.Gitea)
		return NotKnown, &cause
	case found.Permissions == nil:
		return NotKnown, unsure
	case !found.Permissions.Push:
		unsure.Reason = refusal.NoPush
		return No, unsure
	}
	return Yes, nil
}
