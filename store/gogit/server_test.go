package gogit_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/config"
	"github.com/go-git/go-git/v5/plumbing/transport"
	"github.com/go-git/go-git/v5/storage/memory"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store/gogit"
)

// The replies of a server for a repository, gitprotocol-http(5).
const (
	noBranch  = "001e# service=git-upload-pack\n0000" + "0000"
	oneBranch = "001e# service=git-upload-pack\n0000" + "003e0123456789abcdef0123456789abcdef01234567 refs/heads/main\x00\n0000"
)

// newServer starts a server whose repositories have one branch. serve returns true
// if it answered a request itself. seen has the logins.
func newServer(t *testing.T, serve func(w http.ResponseWriter, r *http.Request) bool) (server *httptest.Server, seen *[]string) {
	seen = new([]string)
	server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		*seen = append(*seen, r.Header.Get("Authorization"))
		if !serve(w, r) {
			fmt.Fprint(w, oneBranch)
		}
	}))
	t.Cleanup(server.Close)
	return server, seen
}

// list asks a server for its branches, the first request of every operation.
func list(t *testing.T, login transport.AuthMethod, url string) error {
	remote := git.NewRemote(memory.NewStorage(), &config.RemoteConfig{Name: "origin", URLs: []string{url}})
	_, err := remote.ListContext(t.Context(), &git.ListOptions{Auth: login, InsecureSkipTLS: true})
	return err
}

// A token is not sent to another host after a redirect. The hosts in this test
// differ only in their ports.
func TestRedirect(t *testing.T) {
	other, seenByOther := newServer(t, func(w http.ResponseWriter, r *http.Request) bool {
		if strings.HasPrefix(r.URL.Path, "/private") {
			http.Error(w, "No.", http.StatusUnauthorized)
			return true
		}
		return false
	})
	server, seen := newServer(t, func(w http.ResponseWriter, r *http.Request) bool {
		to, away := strings.CutPrefix(r.URL.RequestURI(), "/away")
		switch {
		case away:
			to = other.URL + to
		case strings.HasPrefix(to, "/old"):
			to = "/new" + strings.TrimPrefix(to, "/old")
		default:
			return false
		}
		http.Redirect(w, r, to, http.StatusMovedPermanently)
		return true
	})
	host := target(strings.TrimPrefix(server.URL, "https://"))
	yes := basic("bob", secret)
	for _, test := range []struct {
		name       string
		url        string
		status     string
		seen       []string
		seenByThem []string
		want       string // what was noted
	}{
		{"not at all", server.URL + "/new", "<nil>", []string{yes}, nil, "used"},
		{"on the host", server.URL + "/old", "<nil>", []string{yes, yes}, nil, "used"},
		{"to another", server.URL + "/away/public", "<nil>", []string{yes}, []string{""}, "used"},
		// The other host asks for a login and does not get the token either.
		{"by the caller", other.URL + "/public", "<nil>", nil, []string{""}, ""},
		{"by the caller, where it would be wanted", other.URL + "/private", "authentication required: No.\n", nil, []string{""}, ""},
		// Go-git does not say which host rejected the login.
		{"to another that wants a login", server.URL + "/away/private",
			"HOST rejected the token \"laptop\" for HOST; it is set aside: authentication required: No.\n", []string{yes}, []string{""}, "rejected by HOST"},
	} {
		t.Run(test.name, func(t *testing.T) {
			*seen, *seenByOther = nil, nil
			k, _ := newKeeper(t)
			add(t, k, credential.Record{Target: host, Kind: credential.Other, Username: "bob"}, secret)
			login, err := gogit.LoginFrom(t.Context(), k, server.URL+"/new")
			if err != nil {
				t.Fatal(err)
			}
			err = login.Report(t.Context(), list(t, login, test.url))
			if got, want := fmt.Sprint(err), strings.ReplaceAll(test.status, "HOST", host.Host); got != want {
				t.Errorf("got the error %q, want %q", got, want)
			}
			if !slices.Equal(*seen, test.seen) || !slices.Equal(*seenByOther, test.seenByThem) {
				t.Errorf("the host saw %q and the other one %q, want %q and %q", *seen, *seenByOther, test.seen, test.seenByThem)
			}
			if got, want := noted(t, k, host), strings.ReplaceAll(test.want, "HOST", host.Host); got != want {
				t.Errorf("noted %q, want %q", got, want)
			}
		})
	}
}

// Report recognizes the errors of go-git.
func TestStatus(t *testing.T) {
	for _, test := range []struct {
		status int
		body   string
		says   string // HOST stands for the host of the server
		want   string // what was noted
	}{
		{200, oneBranch, "<nil>", "used"},
		{200, noBranch, "remote repository is empty", "used"},
		{200, "<html>", "invalid pkt-len found", ""},
		{401, "No.", `HOST rejected the token "laptop" for HOST; it is set aside: authentication required: No.`, "rejected by HOST"},
		{403, "No.", "authorization failed: No.", ""},
		{404, "No.", "repository not found: No.", ""},
		{407, "No.", `unexpected client error: unexpected requesting "https://HOST/widgets/info/refs?service=git-upload-pack" status code: 407`, ""},
		{429, "No.", `unexpected client error: unexpected requesting "https://HOST/widgets/info/refs?service=git-upload-pack" status code: 429`, ""},
		{500, "No.", `unexpected client error: unexpected requesting "https://HOST/widgets/info/refs?service=git-upload-pack" status code: 500`, ""},
	} {
		t.Run(fmt.Sprint(test.status, " ", test.says), func(t *testing.T) {
			server, seen := newServer(t, func(w http.ResponseWriter, _ *http.Request) bool {
				w.WriteHeader(test.status)
				fmt.Fprint(w, test.body)
				return true
			})
			host := strings.TrimPrefix(server.URL, "https://")
			k, _ := newKeeper(t)
			add(t, k, credential.Record{Target: target(host), Kind: credential.Other}, secret)
			login, err := gogit.LoginFrom(t.Context(), k, server.URL+"/widgets")
			if err != nil {
				t.Fatal(err)
			}
			err = login.Report(t.Context(), list(t, login, server.URL+"/widgets"))
			if got, want := fmt.Sprint(err), strings.ReplaceAll(test.says, "HOST", host); got != want {
				t.Errorf("got the error %q, want %q", got, want)
			}
			if want := basic("x-access-token", secret); !slices.Equal(*seen, []string{want}) {
				t.Errorf("the server saw %q", *seen)
			}
			if got, want := noted(t, k, target(host)), strings.ReplaceAll(test.want, "HOST", host); got != want {
				t.Errorf("noted %q, want %q", got, want)
			}
		})
	}
}
