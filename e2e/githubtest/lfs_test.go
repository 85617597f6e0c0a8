package githubtest

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func needLFS(t *testing.T) {
	t.Helper()
	if err := exec.Command("git", "lfs", "version").Run(); err != nil {
		t.Skip("git-lfs is not installed")
	}
}

// track configures a clone to store *.bin in Git LFS.
func (c *client) track(dir string) {
	c.t.Helper()
	c.must("", "", dir, "lfs", "install", "--local")
	c.must("", "", dir, "lfs", "track", "*.bin")
	c.must("", "", dir, "add", ".gitattributes")
}

func TestLFS(t *testing.T) {
	t.Parallel()
	needLFS(t)
	s := newServer(t)
	addRepository(t, s, Repository{Owner: "acme", Name: "widgets", Private: true})
	writer := addToken(t, s, Token{ID: "writer", Kind: FineGrained, Login: "alice", Owner: "acme", Write: true})
	reader := addToken(t, s, Token{ID: "reader", Kind: FineGrained, Login: "bob", Owner: "acme"})
	other := addToken(t, s, Token{ID: "other", Kind: FineGrained, Login: "alice", Owner: "globex"})
	c := newClient(t, s)
	content := []byte(randomString(base62, 100_000))

	const url = "https://github.com/acme/widgets.git"
	c.must("alice", writer, "", "clone", "--quiet", url, "push")
	c.track("push")
	c.commit("push", "large.bin", content)
	c.must("alice", writer, "push", "push", "--quiet", "origin", "main")

	// LFS requests for a renamed repository are redirected too.
	if err := s.Rename("github.com", "acme/widgets", "acme/gadgets"); err != nil {
		t.Fatal(err)
	}
	for i, from := range []string{url, "https://github.com/acme/gadgets"} {
		dir := fmt.Sprint("pull", i)
		c.must("bob", reader, "", "clone", "--quiet", from, dir)
		c.must("", "", dir, "lfs", "install", "--local")
		c.must("bob", reader, dir, "lfs", "pull")
		got, err := os.ReadFile(filepath.Join(c.dir, dir, "large.bin"))
		if err != nil || string(got) != string(content) {
			t.Errorf("%s: %d bytes (%v), want the %d pushed", from, len(got), err, len(content))
		}
	}

	// The store receives only tickets.
	stored := 0
	for _, r := range s.Requests() {
		if strings.Contains(r.Path, "/storage/") {
			stored++
			if r.Token != "" || r.Status != 200 {
				t.Errorf("the store saw %+v, want no token and 200", r)
			}
		}
	}
	if stored != 3 {
		t.Errorf("%d requests for the store, want one upload and two downloads", stored)
	}

	// A user who may only read gets a message.
	c.track("pull1")
	c.commit("pull1", "another.bin", content[1:])
	for _, test := range []struct{ locksVerify, want string }{
		{"true", "You must have push access to verify locks"},
		{"false", "Permission to acme/gadgets.git denied to bob."},
	} {
		_, stderr, err := c.git("bob", reader, "pull1", "-c", "lfs.locksverify="+test.locksVerify, "lfs", "push", "origin", "main")
		if err == nil || !strings.Contains(stderr, test.want) {
			t.Errorf("push by a reader: %v, %q, want %q", err, stderr, test.want)
		}
	}
	c.must("", "", "pull1", "lfs", "uninstall", "--local")
	os.RemoveAll(filepath.Join(c.dir, "pull1", ".git", "lfs"))
	_, stderr, err := c.git("alice", other, "pull1", "lfs", "fetch", "--all")
	if err == nil || !strings.Contains(stderr, "Write access to repository not granted.") {
		t.Errorf("fetch with another owner's token: %v, %q", err, stderr)
	}
}

// TestLFSCalls checks requests that git-lfs does not send and answers that it
// does not show.
func TestLFSCalls(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	addRepository(t, s, Repository{Owner: "acme", Name: "widgets", Private: true})
	addRepository(t, s, Repository{Owner: "acme", Name: "site"})
	writer := addToken(t, s, Token{Kind: FineGrained, Login: "alice", Owner: "acme", Write: true})
	reader := addToken(t, s, Token{Kind: FineGrained, Login: "bob", Owner: "acme"})
	web := webClient(t, s)
	batch := func(operation string) string {
		return `{"operation":"` + operation + `","objects":[{"oid":"` + strings.Repeat("ab", 32) + `","size":5}]}`
	}
	for _, test := range []struct {
		name, method, path, secret, body string
		status                           int
		want                             string // part of the answer
	}{
		{"anonymous, private", "POST", "widgets.git/info/lfs/objects/batch", "", batch("download"), 401, "Repository not found."},
		{"anonymous, public", "POST", "site.git/info/lfs/objects/batch", "", batch("download"), 200, "does not exist"},
		{"anonymous upload", "POST", "site.git/info/lfs/objects/batch", "", batch("upload"), 401, "No anonymous write access."},
		{"upload", "POST", "site.git/info/lfs/objects/batch", writer, batch("upload"), 200, "RemoteAuth"},
		{"bad token", "POST", "site.git/info/lfs/objects/batch", "bad", batch("download"), 401, "Invalid username or token."},
		{"reader uploads", "POST", "widgets/info/lfs/objects/batch", reader, batch("upload"), 403, "denied to bob"},
		{"no batch", "POST", "widgets.git/info/lfs/objects/batch", writer, "{}", 422, "Not a batch."},
		{"bad ID", "POST", "widgets.git/info/lfs/objects/batch", writer, `{"operation":"upload","objects":[{"oid":"../x"}]}`, 200, "Not an object ID."},
		{"locks, anonymous", "POST", "widgets.git/info/lfs/locks/verify", "", "{}", 401, "Repository not found."},
		{"locks, reader", "POST", "widgets.git/info/lfs/locks/verify", reader, "{}", 403, "push access"},
		{"locks, writer", "POST", "widgets.git/info/lfs/locks/verify", writer, "{}", 200, `"ours":[]`},
		{"no ticket", "GET", "widgets.git/info/lfs/storage/" + strings.Repeat("ab", 32), writer, "", 403, "No ticket."},
		{"other calls", "GET", "widgets.git/info/lfs/locks", writer, "", 404, "Not Found"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r, _ := http.NewRequest(test.method, "https://github.com/acme/"+test.path, strings.NewReader(test.body))
			if test.secret != "" {
				r.SetBasicAuth("any", test.secret)
			}
			answer, body := do(t, web, r)
			if answer.StatusCode != test.status || !strings.Contains(body, test.want) {
				t.Errorf("%d %s, want %d with %q", answer.StatusCode, body, test.status, test.want)
			}
			want := ""
			if test.status == 401 {
				want = `Basic realm="GitHub"`
			}
			if got := answer.Header.Get("LFS-Authenticate"); got != want {
				t.Errorf("LFS-Authenticate %q, want %q", got, want)
			}
		})
	}
}
