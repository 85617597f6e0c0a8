package githubtest

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"errors"
	"fmt"
	"hash/crc32"
	"slices"
	"strings"
	"time"
)

// Kinds of tokens. The last two are other formats of Classic and
// AppInstallation; such a token has the access of its kind. A refresh token
// gives no access; it can only be revoked.
const (
	FineGrained     = "fine-grained"     // github_pat_…
	Classic         = "classic"          // ghp_…
	OAuth           = "oauth"            // gho_…
	AppUser         = "app-user"         // ghu_…
	AppInstallation = "app-installation" // ghs_… with 36 characters
	AppRefresh      = "app-refresh"      // ghr_…

	ClassicHex               = "classic-hex"                // 40 hexadecimal digits, before April 2021
	AppInstallationStateless = "app-installation-stateless" // ghs_… with a JWT, since 2026

	GitLab = "gitlab" // glpat-…, for a host of AddForge
	Gitea  = "gitea"  // 40 hexadecimal digits, likewise

	login = "login" // a user and a password of another forge
)

// A Token describes a token. The case of users, owners and repositories does
// not matter.
type Token struct {
	// ID is the name of the token in the log. If it is empty, AddToken sets it
	// to the kind and a number, such as "classic-1".
	ID string

	Host  string // github.com if empty; the host's gist server accepts the token too
	Kind  string
	Login string // the user, or for an installation the name of the app, such as "acme-ci[bot]"

	// Owner is the resource owner of a fine-grained token, or the account in
	// which an app is installed, or a group of GitLab, with the groups in it. If it is empty, the token can access only
	// public repositories.
	Owner string

	// Repositories lists the selected repositories of Owner, without the
	// owner's name. nil means all repositories. Empty but not nil means none.
	Repositories []string

	// Pending means that a fine-grained token waits for the approval of its
	// Owner. It can read only public repositories. Other access is rejected
	// with the same text as for a repository that is not selected.
	Pending bool

	// Owners lists the owners whose repositories the user can access, in
	// addition to the user's own. nil means all owners. Classic and OAuth
	// tokens have the same access. For a fine-grained token it only decides
	// with which text the server rejects a repository that is not selected.
	Owners []string

	// Write allows pushing to the repositories that the token can access.
	Write bool

	// Scopes lists the scopes of a classic or OAuth token. Only "repo" and
	// "gist" make a difference. nil means all scopes, which the REST API shows
	// as "repo". For a token of GitLab or Gitea, nil means those for reading and,
	// with Write, for writing repositories. Pushing needs both the scope and Write.
	Scopes []string

	// SSO lists the organizations for which the token is authorized by single
	// sign-on. A fine-grained token needs no authorization.
	SSO []string

	// Expires is when the token expires; zero means never. For a fine-grained
	// token, the REST API shows it in the time zone of this value.
	Expires time.Time
}

type token struct {
	Token
	revoked bool
	created time.Time
	next    *token // that this one was rotated into
}

// AddToken creates a secret for t and returns it. The token may already have
// expired.
func (s *Server) AddToken(t Token) (secret string, err error) {
	secret, err = MintSecret(t.Kind)
	if err != nil {
		return "", err
	}
	switch t.Kind {
	case ClassicHex:
		t.Kind = Classic
	case AppInstallationStateless:
		t.Kind = AppInstallation
	}
	if t.Host == "" {
		t.Host = "github.com"
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.hosts[t.Host] {
		return "", fmt.Errorf("githubtest: token: no host %q", t.Host)
	}
	if t.ID == "" {
		t.ID = fmt.Sprintf("%s-%d", t.Kind, len(s.tokens)+1)
	}
	if t.Kind == GitLab {
		t.Expires = midnight(t.Expires)
	}
	s.tokens[secret] = &token{Token: t, created: time.Now()}
	return secret, nil
}

// Revoke makes a token invalid forever. The log still shows its ID.
func (s *Server) Revoke(secret string) error {
	return s.changeToken(secret, func(t *token) { t.revoked = true })
}

// SetExpiry changes when a token expires; zero means never.
func (s *Server) SetExpiry(secret string, expires time.Time) error {
	return s.changeToken(secret, func(t *token) { t.Expires = expires })
}

// changeToken returns an error without the secret, because a test may pass a
// real one by mistake.
func (s *Server) changeToken(secret string, change func(*token)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, ok := s.tokens[secret]
	if !ok {
		return errors.New("githubtest: no token of that secret")
	}
	change(t)
	return nil
}

// Revoked reports whether a token was revoked by [Server.Revoke] or by a
// request.
func (s *Server) Revoked(secret string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.tokens[secret]
	return t != nil && t.revoked
}

// rights returns what the token may do with a repository.
func (t *token) rights(r Repository) (read, write bool) {
	if t.Kind == GitLab || t.Kind == Gitea {
		return t.otherRights(r)
	}
	wide := t.Kind == Classic || t.Kind == OAuth || t.Kind == login
	if r.gist() {
		return true, wide && strings.EqualFold(t.Login, r.Owner) && t.scope("gist")
	}
	may := t.selected(r)
	if wide {
		may = t.reaches(r.Owner) && t.scope("repo")
	}
	return !r.Private || may, t.Write && may
}

// selected reports whether a token with an Owner is for a repository.
func (t *token) selected(r Repository) bool {
	return !t.Pending && t.Owner != "" && strings.EqualFold(t.Owner, r.Owner) &&
		(t.Repositories == nil || containsFold(t.Repositories, strings.TrimSuffix(r.Name, ".wiki")))
}

// live reports whether the token is valid on a host.
func (t *token) live(host string) bool {
	return t.Host == host && t.Kind != AppRefresh && !t.revoked &&
		(t.Expires.IsZero() || time.Now().Before(t.Expires))
}

// reaches reports whether the user of the token can access the repositories of
// owner.
func (t *token) reaches(owner string) bool {
	return t.Owners == nil || containsFold(t.Owners, owner) || strings.EqualFold(t.Login, owner)
}

func (t *token) scope(name string) bool {
	return t.Scopes == nil || slices.Contains(t.Scopes, name)
}

func containsFold(list []string, s string) bool {
	return slices.ContainsFunc(list, func(e string) bool { return strings.EqualFold(e, s) })
}

// MintSecret returns a random secret in the format of a kind, with a valid
// checksum. No server accepts it.
func MintSecret(kind string) (string, error) {
	switch kind {
	case FineGrained:
		// The meaning of the last eight characters is unknown.
		return fineGrainedSecret("11"+randomString(base62, 20), randomString(base62, 43), randomString(base62, 8)), nil
	case Classic:
		return checkedSecret("ghp_", randomString(base62, 30)), nil
	case OAuth:
		return checkedSecret("gho_", randomString(base62, 30)), nil
	case AppUser:
		return checkedSecret("ghu_", randomString(base62, 30)), nil
	case AppInstallation:
		return "ghs_" + randomString(base62, 36), nil // this kind has no checksum
	case AppInstallationStateless:
		encode := base64.RawURLEncoding.EncodeToString
		// Only GitHub would check the signature, RS256 with a 2048-bit key.
		return "ghs_" + randomString("123456789", 7) + "_" + encode([]byte(`{"alg":"RS256","typ":"JWT"}`)) + "." +
			encode([]byte(`{"iss":"github.com","jti":"`+randomString(base62, 70)+`"}`)) + "." + randomString(base62, 342), nil
	case AppRefresh:
		return checkedSecret("ghr_", randomString(base62, 70)), nil
	case ClassicHex, Gitea:
		return randomString("0123456789abcdef", 40), nil
	case GitLab:
		return "glpat-" + randomString(base62, 20), nil
	}
	return "", fmt.Errorf("githubtest: no kind of token is called %q", kind)
}

// base62 has the order of GitHub's checksum, which differs from math/big.
const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

func randomString(alphabet string, n int) string {
	out := make([]byte, n)
	rand.Read(out)
	for i, b := range out {
		out[i] = alphabet[int(b)%len(alphabet)]
	}
	return string(out)
}

// checkedSecret appends the checksum of tokens of 40 characters and of refresh
// tokens: the CRC-32 of the body, as six digits.
func checkedSecret(prefix, body string) string {
	var digits [6]byte
	sum := crc32.ChecksumIEEE([]byte(body))
	for i := len(digits) - 1; i >= 0; i-- {
		digits[i] = base62[sum%62]
		sum /= 62
	}
	return prefix + body + string(digits[:])
}

// fineGrainedSecret adds the checksum to the middle of a fine-grained token.
func fineGrainedSecret(first, second, last string) string {
	head := "github_pat_" + first + "_" + second
	sum := sha256.Sum256([]byte(head))
	return head + base32.StdEncoding.EncodeToString(sum[:])[:8] + last
}
