package importer

import (
	"cmp"
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
// can only be asked for one URL.
type Helper struct {
	Name    string // git:NAME, as of a store
	URLs    []credential.Remote
	Options store.Options
}

var _ Source = (*Helper)(nil)

// Items asks for each URL with its path and, if there is no answer, again
// without the path: Git asks so unless credential.useHttpPath is set.
func (h *Helper) Items(ctx context.Context) ([]*Item, error) {
	var all []*Item
	for _, r := range h.URLs {
		e := &Item{Place: r.HTTPS(), Host: r.Host, Path: r.Path, Login: r.User}
		all = append(all, e)
		for _, path := range slices.Compact([]string{r.Path, ""}) {
			e.request = request(r.Host, path, r.User)
			answer, err := store.RunHelper(ctx, h.Name, h.Options, "get", e.request)
			if err != nil {
				return nil, err
			}
			if e.Secret = credential.NewSecret(answer.Get("password")); e.Secret.Empty() {
				continue
			}
			e.Login = cmp.Or(answer.Get("username"), r.User)
			if seconds, err := strconv.ParseInt(answer.Get("password_expiry_utc"), 10, 64); err == nil {
				e.Expires = time.Unix(seconds, 0).UTC()
			}
			break
		}
		if e.Secret.Empty() {
			e.Skip(Reason{Why: NoAnswer})
		}
	}
	return all, nil
}

func request(host, path, username string) protocol.Message {
	var m protocol.Message
	m.Add("protocol", "https")
	m.Add("host", host)
	if path != "" {
		m.Add("path", path)
	}
	if username != "" {
		m.Add("username", username)
	}
	return m
}

// Remove has the helper erase by user name and password, which erases nothing
// else, and checks that it did. If it may erase too much, the error is an
// *OldGitError.
func (h *Helper) Remove(ctx context.Context, items []*Item) ([]Removal, error) {
	if err := h.erasesOne(ctx); err != nil {
		return nil, err
	}
	var done []Removal
	for _, e := range items {
		if !e.Kept() {
			continue
		}
		answer, err := store.RunHelper(ctx, h.Name, h.Options, "get", e.request)
		if err != nil {
			return done, err
		}
		secret := credential.NewSecret(answer.Get("password"))
		if secret.Empty() {
			continue // erased with another entry
		}
		if !secret.Equal(e.Secret) {
			done = append(done, Removal{Place: e.Place, Err: ErrChanged})
			continue
		}
		erase := request(e.request.Get("host"), e.request.Get("path"), answer.Get("username"))
		erase.Add("password", answer.Get("password"))
		if _, err := store.RunHelper(ctx, h.Name, h.Options, "erase", erase); err != nil {
			return done, err
		}
		if answer, err = store.RunHelper(ctx, h.Name, h.Options, "get", e.request); err != nil {
			return done, err
		}
		removal := Removal{Place: e.Place}
		if credential.NewSecret(answer.Get("password")).Equal(e.Secret) {
			removal.Err = ErrNotErased
		}
		done = append(done, removal)
	}
	return done, nil
}

// An OldGitError says that a helper of this version of Git may erase more than
// it is told to.
type OldGitError struct{ Helper, Version string }

func (e *OldGitError) Error() string {
	return fmt.Sprintf("%s of Git %s erases too much", credential.Quote(e.Helper), e.Version)
}

// erasesOne checks that the helper compares the password when it erases. Of
// Git's own helpers, store and cache do since 2.42, libsecret and wincred since
// 2.43, osxkeychain since 2.45. Older ones erase all entries of the user name,
// even a token that was not imported.
func (h *Helper) erasesOne(ctx context.Context) error {
	name, _, _ := strings.Cut(strings.TrimPrefix(h.Name, "git:"), " ")
	if !slices.Contains([]string{"store", "cache", "libsecret", "wincred", "osxkeychain"}, name) {
		return nil
	}
	version, err := git.Line(ctx, "version")
	if err != nil {
		return err
	}
	version = strings.TrimPrefix(version, "git version ")
	var major, minor int
	if _, err := fmt.Sscanf(version, "%d.%d", &major, &minor); err == nil && (major > 2 || major == 2 && minor >= 45) {
		return nil
	}
	return &OldGitError{Helper: h.Name, Version: version}
}
