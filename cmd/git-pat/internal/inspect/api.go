package inspect

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/refusal"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/credential/forge"
)

// An api is the REST API of GitLab or Gitea.
type api struct {
	path   string // below the address of the server
	about  string // the call about the token itself, below path
	header string // has the token
	before string // before the token in the header
}

// errNoAPI is the error for a server whose API was not found.
var errNoAPI = errors.New("the API of the server was not found")

// maxRoots is how many segments of a path are tried as the path of a server.
const maxRoots = 2

// base returns the address of the API for a record, with a slash at its end.
//
// A server may be below a path of its host. Then every target of its tokens begins
// with this path, but a target does not tell where the path ends. So the host itself
// is asked, and then the first segment and the first two segments of the target. They
// are asked without the token, which gets a 401 in JSON from the API of a forge. The
// token is sent only where that was the answer.
func (c *Client) base(ctx context.Context, r credential.Record, a api) (string, error) {
	root := "https://" + r.Host
	if len(r.Paths) == 0 || forge.Of(r.Host) != forge.Other {
		return root + a.path, nil
	}
	segments := strings.Split(r.Paths[0], "/")
	for n := range min(len(segments), maxRoots) + 1 {
		if n > 0 {
			root += "/" + segments[n-1]
		}
		var nothing json.RawMessage
		err := c.call(ctx, http.MethodGet, root+a.path+a.about, a, credential.Secret{}, &nothing)
		var refused *refusal.Error
		switch {
		case errors.Is(err, refusal.ErrUnreachable):
			return "", err
		case errors.As(err, &refused) && refused.Status == http.StatusUnauthorized && refused.Text != "":
			return root + a.path, nil
		}
	}
	return "", errNoAPI
}

// call sends a request to an API and reads its answer into a value. The error is a
// *refusal.Error if the server rejected the request, or its answer is not JSON. The
// text of the error is empty if a rejection was not in JSON.
func (c *Client) call(ctx context.Context, method, address string, a api, secret credential.Secret, into any) error {
	request, err := http.NewRequestWithContext(ctx, method, address, nil)
	if err != nil {
		return err
	}
	request.Header.Set("User-Agent", c.userAgent)
	request.Header.Set("Accept", "application/json")
	if !secret.Empty() {
		request.Header.Set(a.header, a.before+secret.Reveal())
	}
	response, err := c.http.Do(request)
	if err != nil {
		return refusal.Unreachable(err, callLimit)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxText))
	if err != nil {
		return refusal.Unreachable(err, callLimit)
	}
	if response.StatusCode/100 == 2 {
		if json.Unmarshal(body, into) != nil {
			return &refusal.Error{Status: response.StatusCode, Text: "an invalid reply"}
		}
		return nil
	}
	var answer struct {
		Message     any    // GitLab sends an object for wrong parameters
		Description string `json:"error_description"`
		Error       string
	}
	e := &refusal.Error{Status: response.StatusCode, RetryAfter: retryAfter(response)}
	if json.Unmarshal(body, &answer) == nil {
		message, _ := answer.Message.(string)
		e.Text = withoutSecret(cmp.Or(message, answer.Description, answer.Error), secret)
	}
	return e
}

// isFinal reports whether an error of an API is all that can be learned about a
// token. Otherwise its repositories are tried.
func isFinal(err error) bool {
	var refused *refusal.Error
	return IsRejected(err) || errors.Is(err, refusal.ErrUnreachable) || errors.As(err, &refused) && !refused.RetryAfter.IsZero()
}

// isMissing reports whether an error says that there is no API, or no such call.
func isMissing(err error) bool {
	var refused *refusal.Error
	return err == errNoAPI || errors.As(err, &refused) && refused.Status == http.StatusNotFound
}
