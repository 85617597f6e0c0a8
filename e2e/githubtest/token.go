package githubtest

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"slices"
	"strings"
	"time"
)

// The kinds of tokens. The last two are older and newer forms that some kinds
// exist in; what such a token may do is the kind's matter, not the form's. A
// refresh token lets in nowhere: it can only be handed in to be revoked.
const (
	FineGrained     = "fine-grained"     // github_pat_…
	Classic         = "classic"          // ghp_…
	OAuth           = "oauth"            // gho_…
	AppUser         = "app-user"         // ghu_…
	AppInstallation = "app-installation" // ghs_… and 36 characters
	AppRefresh      = "app-refresh"      // ghr_…

	ClassicHex               = "classic-hex"                // 40 hexadecimal digits, from before April 2021
	AppInstallationStateless = "app-installation-stateless" // ghs_… with a JWT inside, since 2026
)

// A Token says what a secret stands for. Names of users, owners and
// repositories compare without regard to case.
type Token struct {
	// ID names the token in the log. Empty: AddToken makes one of the
	// kind and a number, as in "classic-1".
	ID string

	Host  string // empty: github.com; the host's gist server knows it too
	Kind  string
	Login string // the user; for an installation, the app's name as in "acme-ci[bot]"

	// Owner is the resource owner of a fine-grained token or the account
	// an app is installed in. Empty: public repositories only.
	Owner string

	// Repositories are the selected ones of Owner, without its name. Nil:
	// all of them. Empty but not nil: none.
	Repositories []string

	// Pending is a fine-grained token that waits for the approval of its
	// Owner. Until [Server.Approve] it reads what is public and nothing
	// else, in the words that a repository not selected is refused in.
	Pending bool

	// Owners are those whose repositories the user reaches; the user's own
	// are always among them. Nil: everyone's. For classic and OAuth tokens
	// this is their reach; for a fine-grained one it only decides in what
	// words a repository that is not selected is refused.
	Owners []string

	// Write lets it push to the repositories it reaches.
	Write bool

	// Scopes are those of a classic or OAuth token: "repo", "public_repo"
	// and "gist" matter. Nil: all, which the REST API shows as "repo". Other
	// kinds have none and use only "gist", for the permission of that name.
	Scopes []string

	// SSO are the organisations that the token is authorised for by single
	// sign-on. Fine-grained tokens are wherever they reach.
	SSO []string

	// Created matters to a [Policy] that limits lifetimes. Zero: when it
	// was added.
	Created time.Time

	// Expires zero is never. For a fine-grained token the REST API shows it
	// in the time zone that it has here.
	Expires time.Time
}

type token struct {
	Token
	revoked bool
}

// AddToken makes a secret that stands for t, and returns it. A token whose time
// has passed may be added too.
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
	t.Host = canonicalHost(t.Host)
	t.Repositories = slices.Clone(t.Repositories)
	t.Owners = slices.Clone(t.Owners)
	t.Scopes = slices.Clone(t.Scopes)
	t.SSO = slices.Clone(t.SSO)
	if t.Created.IsZero() {
		t.Created = time.Now()
	}

	s.mu.Lock()
	defer s.mu.Unlock()
	if f, ok := s.hosts[t.Host].(*forge); !ok || f.logins != nil || f.gists() {
		return "", fmt.Errorf("githubtest: token: %q does not issue tokens", t.Host)
	}
	if t.Pending && t.Kind != FineGrained {
		return "", fmt.Errorf("githubtest: token: one of the kind %q waits for no approval", t.Kind)
	}
	if strings.ContainsAny(t.ID, " \n,") {
		return "", fmt.Errorf("githubtest: token: ID %q does not fit in a log", t.ID)
	}
	if t.ID == "" {
		t.ID = fmt.Sprintf("%s-%d", t.Kind, len(s.tokens)+1)
	}
	for _, other := range s.tokens {
		if other.ID == t.ID {
			return "", fmt.Errorf("githubtest: token: two of the ID %q", t.ID)
		}
	}
	s.tokens[secret] = &token{Token: t}
	return secret, nil
}

// errNoToken does not quote the secret, which may be one that the test mistook.
var errNoToken = errors.New("githubtest: no token of that secret")

// Revoke makes a token invalid for good. The log goes on naming it.
func (s *Server) Revoke(secret string) error {
	return s.changeToken(secret, func(t *token) { t.revoked = true })
}

// SetExpiry changes when a token ends; the zero time means never.
func (s *Server) SetExpiry(secret string, expires time.Time) error {
	return s.changeToken(secret, func(t *token) { t.Expires = expires })
}

// Approve ends the waiting of a token that was added as pending.
func (s *Server) Approve(secret string) error {
	return s.changeToken(secret, func(t *token) { t.Pending = false })
}

// Authorize lets a token in to an organisation that demands a single sign-on.
func (s *Server) Authorize(secret, organization string) error {
	return s.changeToken(secret, func(t *token) { t.SSO = append(t.SSO, organization) })
}

// Revoked reports whether a token was revoked, by [Server.Revoke] or by a
// request.
func (s *Server) Revoked(secret string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.tokens[secret]
	return t != nil && t.revoked
}

func (s *Server) changeToken(secret string, change func(*token)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, ok := s.tokens[secret]
	if !ok {
		return errNoToken
	}
	change(t)
	return nil
}

// rights says what the token may do with a repository.
func (t *token) rights(to target) (read, write bool) {
	if to.gist {
		// Secret gists are for everyone who knows their name.
		return true, strings.EqualFold(t.Login, to.Owner) && t.scope("gist")
	}
	switch t.Kind {
	case Classic, OAuth:
		reached := t.reaches(to.Owner)
		all := reached && t.scope("repo")
		public := reached && !to.Private && t.scope("public_repo")
		return !to.Private || all, t.Write && (all || public)
	default:
		selected := t.selected(to.Repository)
		return !to.Private || selected, t.Write && selected
	}
}

// selected reports whether a token that has one owner is for a repository.
func (t *token) selected(r Repository) bool {
	return !t.Pending && t.Owner != "" && strings.EqualFold(t.Owner, r.Owner) &&
		(t.Repositories == nil || containsFold(t.Repositories, r.Name))
}

// live reports whether a host lets the token in at all.
func (t *token) live(host string) bool {
	return t.Host == host && t.Kind != AppRefresh && !t.revoked &&
		(t.Expires.IsZero() || time.Now().Before(t.Expires))
}

// reaches reports whether the user behind the token may see what owner has.
func (t *token) reaches(owner string) bool {
	return t.Owners == nil || containsFold(t.Owners, owner) || strings.EqualFold(t.Login, owner)
}

func (t *token) scope(name string) bool {
	if t.Scopes == nil {
		return t.Kind == Classic || t.Kind == OAuth
	}
	return slices.Contains(t.Scopes, name)
}

func containsFold(list []string, s string) bool {
	return slices.ContainsFunc(list, func(e string) bool { return strings.EqualFold(e, s) })
}

// MintSecret makes a secret of the kind's format that nobody has: random, with
// the checksum GitHub would give it. No server knows it.
func MintSecret(kind string) (string, error) {
	switch kind {
	case FineGrained:
		return fineGrainedSecret("11"+randomString(base62, 20), randomString(base62, 43), randomString(base62, 8)), nil
	case Classic:
		return checkedSecret("ghp_", randomString(base62, 30)), nil
	case OAuth:
		return checkedSecret("gho_", randomString(base62, 30)), nil
	case AppUser:
		return checkedSecret("ghu_", randomString(base62, 30)), nil
	case AppInstallation:
		return "ghs_" + randomString(base62, 36), nil // has no checksum
	case AppInstallationStateless:
		return statelessSecret(), nil
	case AppRefresh:
		return checkedSecret("ghr_", randomString(base62, 70)), nil
	case ClassicHex:
		return randomString("0123456789abcdef", 40), nil
	}
	return "", fmt.Errorf("githubtest: no kind of token is called %q", kind)
}

// base62 is in the order of GitHub's checksum, which is not that of math/big.
const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

func randomString(alphabet string, n int) string {
	out := make([]byte, 0, n)
	// Bytes beyond the last whole multiple would favour the first letters.
	limit := 256 - 256%len(alphabet)
	var random [64]byte
	for len(out) < n {
		rand.Read(random[:])
		for _, b := range random {
			if int(b) < limit && len(out) < n {
				out = append(out, alphabet[int(b)%len(alphabet)])
			}
		}
	}
	return string(out)
}

// checkedSecret appends the checksum of the kinds of 40 characters, and of
// refresh tokens: CRC-32 of the body alone, as six digits.
func checkedSecret(prefix, body string) string {
	var digits [6]byte
	sum := crc32.ChecksumIEEE([]byte(body))
	for i := len(digits) - 1; i >= 0; i-- {
		digits[i] = base62[sum%62]
		sum /= 62
	}
	return prefix + body + string(digits[:])
}

// fineGrainedSecret puts the checksum in that the middle of a fine-grained
// token is said to be. What its last eight characters are is not known.
func fineGrainedSecret(first, second, last string) string {
	head := "github_pat_" + first + "_" + second
	sum := sha256.Sum256([]byte(head))
	return head + base32.StdEncoding.EncodeToString(sum[:])[:8] + last
}

// statelessSecret has the shape and about the length of the real ones; nobody
// signed it, and nobody but GitHub is to read it.
func statelessSecret() string {
	var unique [16]byte
	rand.Read(unique[:])
	signature := make([]byte, 256) // RS256 with a key of 2048 bits
	rand.Read(signature)
	encode := base64.RawURLEncoding.EncodeToString
	now := time.Now().Unix()
	claims := fmt.Sprintf(`{"iss":"github.com","iat":%d,"exp":%d,"jti":"%s"}`,
		now, now+3600, hex.EncodeToString(unique[:]))
	return "ghs_" + randomString("123456789", 7) + "_" +
		encode([]byte(`{"alg":"RS256","typ":"JWT"}`)) + "." + encode([]byte(claims)) + "." + encode(signature)
}
