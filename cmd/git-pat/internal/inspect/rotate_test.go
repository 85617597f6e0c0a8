package inspect

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/refusal"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/credential/forge"
	"github.com/git-credential-pat/git-credential-pat/e2e/githubtest"
)

// The new token works and the old one is dead.
func TestRotate(t *testing.T) {
	const host = "gitlab.rotate"
	server.AddForge(host, githubtest.GitLab, "")
	now := time.Now()
	today := now.UTC().Truncate(24 * time.Hour)
	for _, test := range []struct {
		name    string
		expires time.Time // of the old one
		until   time.Time
		want    time.Time
	}{
		{"as long as before", today.AddDate(0, 0, 90), time.Time{}, today.AddDate(0, 0, 90)},
		{"until a day", today.AddDate(0, 0, 90), today.AddDate(0, 0, 30), today.AddDate(0, 0, 30)},
		{"until a time of a day", today.AddDate(0, 0, 90), today.AddDate(0, 0, 30).Add(23 * time.Hour), today.AddDate(0, 0, 30)},
		{"until today", today.AddDate(0, 0, 90), now, today.AddDate(0, 0, 1)},
		{"without an end, as GitLab chooses", time.Time{}, time.Time{}, today.AddDate(0, 0, 7)},
	} {
		t.Run(test.name, func(t *testing.T) {
			secret := token(t, githubtest.Token{Host: host, Kind: githubtest.GitLab, Expires: test.expires, Scopes: []string{"self_rotate"}})
			r := credential.Record{Target: credential.Target{Host: host}, Kind: forge.GitLabToken}
			got, err := client(t).Rotate(t.Context(), r, secret, test.until, now)
			if err != nil || got.Secret.Reveal() != server.Successor(secret.Reveal()) || !got.Expires.Equal(test.want) {
				t.Fatalf("got %+v, %v, want %v", got, err, test.want)
			}
			if old := client(t).Inspect(t.Context(), r, secret, now); old.Result != ResultRefused {
				t.Errorf("the old one: %s", shown(old))
			}
			if fresh := client(t).Inspect(t.Context(), r, got.Secret, now); fresh.Result != ResultGood || !fresh.Expires.Equal(test.want) {
				t.Errorf("the new one: %s", shown(fresh))
			}
		})
	}
}

// Each failure says whether the old token is dead.
func TestRotateFails(t *testing.T) {
	const path = "/api/v4/personal_access_tokens/self/rotate"
	now := time.Now()
	for i, test := range []struct {
		name   string
		scopes []string
		until  time.Time
		fault  func(host string)
		want   string
		alive  bool
	}{
		{name: "without the scope", scopes: []string{"read_repository"}, alive: true,
			want: "the token has neither the scope api nor the scope self_rotate, so it may not rotate itself"},
		{name: "fine-grained, and not allowed", scopes: []string{"granular"}, alive: true,
			want: "the token has neither the scope api nor the scope self_rotate, so it may not rotate itself"},
		{name: "forbidden, but with the scope", fault: func(host string) { server.Fail(host, path, 403, "", 1) }, alive: true, want: `the server answered 403: "Forbidden"`},
		{name: "longer than allowed", until: now.AddDate(3, 0, 0), alive: true, want: `the server answered 400: "400 Bad request - Expiration date is not allowed"`},
		{name: "busy", fault: func(host string) { server.Fail(host, path, 429, "", 1) }, alive: true, want: `the server answered 429: "Too Many Requests"`},
		{name: "elsewhere", fault: func(host string) { server.Redirect(host, path, "thief.rotate", 1) }, alive: true, want: "the server answered 307"},
		{name: "broken before it", fault: func(host string) { server.Fail(host, path, 500, "", 1) }, alive: true,
			want: `the token was not rotated: the server answered 500: "Internal Server Error"`},
		{name: "broken after it", fault: func(host string) { server.FailAfter(host, path, 500, 1) },
			want: `the token was rotated, but the new one was lost on the way: the server answered 500: "Internal Server Error"`},
		{name: "cut off after it", fault: func(host string) { server.FailAfter(host, path, 0, 1) },
			want: "the token was rotated, but the new one was lost on the way: the server cannot be reached: "},
		{name: "half of an answer", fault: func(host string) { server.Break(host, path, 1) },
			want: "the token was rotated, but the new one was lost on the way: the server cannot be reached: "},
		{name: "another page", fault: func(host string) { server.Garbage(host, path, 1) }, alive: true,
			want: `the token was not rotated: the server answered 200: "an invalid reply"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			host := fmt.Sprintf("gitlab%d.fails", i)
			server.AddForge(host, githubtest.GitLab, "")
			if test.scopes == nil {
				test.scopes = []string{"api"}
			}
			secret := token(t, githubtest.Token{Host: host, Kind: githubtest.GitLab, Scopes: test.scopes})
			r := credential.Record{Target: credential.Target{Host: host}, Kind: forge.GitLabToken}
			if test.fault != nil {
				test.fault(host)
			}
			before := len(server.Requests())
			got, err := client(t).Rotate(t.Context(), r, secret, test.until, now)
			posted := slices.ContainsFunc(asks(host, before), func(asked string) bool { return strings.HasPrefix(asked, "POST ") })
			if posted == (test.name == "without the scope") {
				t.Errorf("GitLab was asked to rotate it: %v", posted)
			}
			if err == nil || !strings.HasPrefix(err.Error(), test.want) || !got.Expires.IsZero() {
				t.Errorf("got %v\nwant %s", err, test.want)
			}
			hides(t, err, secret)
			if alive := !server.Revoked(secret.Reveal()); alive != test.alive {
				t.Errorf("the old token is alive: %v", alive)
			}
			var uncertain *UncertainError
			if errors.As(err, &uncertain) != strings.Contains(test.want, "rotated") || uncertain != nil && (uncertain.Old == Yes) != test.alive && uncertain.Old != NotKnown {
				t.Errorf("got %#v", uncertain)
			}
			if seen := server.SecretsSeenBy("thief.rotate"); len(seen) > 0 {
				t.Errorf("got %v", seen)
			}
		})
	}
}

// A dead token is never sent to be rotated: GitLab would revoke the token that took
// its place.
func TestRotateDead(t *testing.T) {
	const host = "gitlab.dead"
	server.AddForge(host, githubtest.GitLab, "")
	secret := token(t, githubtest.Token{Host: host, Kind: githubtest.GitLab, Scopes: []string{"api"}})
	r := credential.Record{Target: credential.Target{Host: host}, Kind: forge.GitLabToken}
	got, err := client(t).Rotate(t.Context(), r, secret, time.Time{}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	_, err = client(t).Rotate(t.Context(), r, secret, time.Time{}, time.Now())
	if e := refused(t, err); e.Status != http.StatusUnauthorized {
		t.Errorf("got %v", err)
	}
	if server.Revoked(got.Secret.Reveal()) {
		t.Error("the new token is dead too")
	}
}

// Answers with no token in them, and one that is no token.
func TestRotateAnswers(t *testing.T) {
	for _, answer := range []string{`{"id":8}`, `{"id":8,"token":""}`, `{"id":8,"token":"a\nb"}`, `{"id":8,"token":"a b"}`, `{"id":8,"token":{}}`, `[]`, ``} {
		c, host := custom(t, func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost {
				io.WriteString(w, answer)
				return
			}
			io.WriteString(w, `{"id":7,"scopes":["api"]}`)
		})
		r := credential.Record{Target: credential.Target{Host: host}, Kind: forge.GitLabToken}
		_, err := c.Rotate(t.Context(), r, minted(t), time.Time{}, time.Now())
		var uncertain *UncertainError
		if !errors.As(err, &uncertain) || uncertain.Old != Yes {
			t.Errorf("%s: got %v", answer, err)
		}
	}
}

// Where nothing works any more, nothing is known.
func TestRotateUncertain(t *testing.T) {
	var asked []string
	c, host := custom(t, func(w http.ResponseWriter, r *http.Request) {
		if asked = append(asked, r.Method); len(asked) > 1 {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		io.WriteString(w, `{"id":7,"scopes":["api"]}`)
	})
	r := credential.Record{Target: credential.Target{Host: host}, Kind: forge.GitLabToken}
	_, err := c.Rotate(t.Context(), r, minted(t), time.Time{}, time.Now())
	var uncertain *UncertainError
	if !errors.As(err, &uncertain) || uncertain.Old != NotKnown || strings.Join(asked, " ") != "GET POST GET" {
		t.Errorf("got %v after %v", err, asked)
	}
}

// A server that was not asked has changed nothing, and one that was asked is waited
// for, whoever calls.
func TestRotateEnds(t *testing.T) {
	closed := httptest.NewTLSServer(nil)
	closed.Close()
	r := credential.Record{Target: credential.Target{Host: strings.TrimPrefix(closed.URL, "https://")}, Kind: forge.GitLabToken}
	_, err := client(t).Rotate(t.Context(), r, minted(t), time.Time{}, time.Now())
	if uncertain := new(UncertainError); !errors.Is(err, refusal.ErrUnreachable) || errors.As(err, &uncertain) {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	c, host := custom(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			cancel()
			io.WriteString(w, `{"id":8,"token":"fresh","expires_at":"2031-01-02"}`)
			return
		}
		io.WriteString(w, `{"id":7,"scopes":["api"]}`)
	})
	r.Host = host
	got, err := c.Rotate(ctx, r, minted(t), time.Time{}, time.Now())
	if err != nil || got.Secret.Reveal() != "fresh" || got.Expires.Format(time.DateOnly) != "2031-01-02" {
		t.Errorf("got %+v, %v", got, err)
	}
	if _, err := c.Rotate(t.Context(), credential.Record{Target: r.Target, Kind: forge.GiteaToken}, minted(t), time.Time{}, time.Now()); err == nil {
		t.Error("a token of Gitea is rotated")
	}
}
