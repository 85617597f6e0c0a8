package importer

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/protocol"
	"github.com/git-credential-pat/git-credential-pat/store"
)

// A Helper is another credential helper. A helper cannot list what it has; it
// can only be asked about one URL.
type Helper struct {
	Name    string // git:NAME, as of a store
	URLs    []credential.Remote
	Options store.Options
}

var _ Source = (*Helper)(nil)

func (h *Helper) request(r credential.Remote, path string) protocol.Message {
	var request protocol.Message
	request.Add("protocol", "https")
	request.Add("host", r.Host)
	if path != "" {
		request.Add("path", path)
	}
	if r.User != "" {
		request.Add("username", r.User)
	}
	return request
}

// Items asks for each URL with its path and, if there is no answer, again
// without the path: Git asks so unless credential.useHttpPath is set.
func (h *Helper) Items(ctx context.Context) ([]*Item, error) {
	var all []*Item
	for _, r := range h.URLs {
		e := &Item{Place: r.HTTPS(), Host: r.Host, Path: r.Path, Login: r.User}
		all = append(all, e)
		paths := []string{r.Path}
		if r.Path != "" {
			paths = append(paths, "")
		}
		e.leave(Reason{Why: NoAnswer, Name: h.Name})
		for _, path := range paths {
			request := h.request(r, path)
			answer, err := h.run(ctx, "get", request)
			if err != nil {
				return nil, err
			}
			password, ok := answer.Lookup("password")
			if !ok {
				continue
			}
			*e = Item{Place: e.Place, Host: r.Host, Path: r.Path, Login: r.User, Secret: credential.NewSecret(password), request: request}
			if username := answer.Get("username"); username != "" {
				e.Login = username
			}
			if seconds, err := strconv.ParseInt(answer.Get("password_expiry_utc"), 10, 64); err == nil {
				e.Expires = time.Unix(seconds, 0).UTC()
			}
			break
		}
	}
	return all, nil
}

func (h *Helper) run(ctx context.Context, operation string, request protocol.Message) (protocol.Message, error) {
	return store.RunHelper(ctx, h.Name, h.Options, operation, request)
}

// Remove has the helper erase, by user name and password, so that it erases
// nothing else, and checks that it did. If it did not, the error is a
// *NotErasedError; if it may erase too much, an *OldGitError.
func (h *Helper) Remove(ctx context.Context, items []*Item) ([]Removal, error) {
	if err := h.erasesOne(ctx); err != nil {
		return nil, err
	}
	var done []Removal
	var remain []string
	for _, e := range items {
		if !e.Kept() {
			continue
		}
		answer, err := h.run(ctx, "get", e.request)
		if err != nil {
			return done, err
		}
		switch password, ok := answer.Lookup("password"); {
		case !ok:
			continue // gone with another entry
		case !credential.NewSecret(password).Equal(e.Secret):
			done = append(done, Removal{Changed: true, Item: e})
			continue
		}
		var erase protocol.Message
		for _, key := range []string{"protocol", "host", "path"} {
			if value, ok := e.request.Lookup(key); ok {
				erase.Add(key, value)
			}
		}
		erase.Add("username", answer.Get("username"))
		erase.Add("password", answer.Get("password"))
		if _, err := h.run(ctx, "erase", erase); err != nil {
			return done, err
		}
		if answer, err = h.run(ctx, "get", e.request); err != nil {
			return done, err
		}
		if credential.NewSecret(answer.Get("password")).Equal(e.Secret) {
			remain = append(remain, e.Place)
			continue
		}
		done = append(done, Removal{Item: e})
	}
	if len(remain) > 0 {
		return done, &NotErasedError{h.Name, remain}
	}
	return done, nil
}

// A NotErasedError says that a helper still has what it was to erase.
type NotErasedError struct {
	Helper string
	Places []string
}

func (e *NotErasedError) Error() string {
	return fmt.Sprintf("%s did not erase %s", credential.Quote(e.Helper), strings.Join(e.Places, ", "))
}

// An OldGitError says that a helper of this version of Git may erase more than
// it is told to.
type OldGitError struct {
	Helper  string // without git: and arguments
	Version string
}

func (e *OldGitError) Error() string {
	return fmt.Sprintf("git-credential-%s of Git %s erases too much", e.Helper, e.Version)
}

// erasesOne makes sure that the helper compares the password when it erases.
// Git's own helpers did not at first: store and cache do since 2.42, libsecret
// and wincred since 2.43, osxkeychain since 2.45. Older ones erase all that the
// user name has, even a token that was not imported.
func (h *Helper) erasesOne(ctx context.Context) error {
	name, _, _ := strings.Cut(strings.TrimPrefix(h.Name, "git:"), " ")
	if !slices.Contains([]string{"store", "cache", "libsecret", "wincred", "osxkeychain"}, name) {
		return nil
	}
	version, err := git.Run(ctx, "version")
	if err != nil {
		return err
	}
	version = strings.TrimPrefix(strings.TrimSpace(version), "git version ")
	var major, minor int
	if _, err := fmt.Sscanf(version, "%d.%d", &major, &minor); err == nil && (major > 2 || major == 2 && minor >= 45) {
		return nil
	}
	return &OldGitError{name, version}
}
