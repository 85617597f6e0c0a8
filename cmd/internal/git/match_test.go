package git

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git/gittest"
	"github.com/git-credential-pat/git-credential-pat/credential"
)

func TestRewrite(t *testing.T) {
	rules := Config{
		{Key: "url.git@github.com:.insteadof", Value: "gh:"},
		{Key: "url.https://github.com/.insteadof", Value: "git@github.com:"},
		{Key: "url.https://ghes.example/acme/.insteadof", Value: "git@github.com:acme/"},
		{Key: "url.ssh://git@github.com/.pushinsteadof", Value: "https://github.com/"},
	}
	for _, test := range []struct {
		url  string
		push bool
		want string
		rule int // -1 for none
	}{
		{"https://github.com/acme/widgets", false, "https://github.com/acme/widgets", -1},
		{"https://github.com/acme/widgets", true, "ssh://git@github.com/acme/widgets", 3},
		{"gh:acme/widgets", false, "git@github.com:acme/widgets", 0}, // only one rule applies
		{"gh:acme/widgets", true, "git@github.com:acme/widgets", 0},
		{"git@github.com:acme/widgets", false, "https://ghes.example/acme/widgets", 2},
		{"git@github.com:acme", false, "https://github.com/acme", 1},
		{"xgh:acme", false, "xgh:acme", -1},
	} {
		got, rule := rules.Rewrite(test.url, test.push)
		if got != test.want || (rule == nil) != (test.rule < 0) || rule != nil && *rule != rules[test.rule] {
			t.Errorf("%s, push %v: got %q by %v, want %q by rule %d", test.url, test.push, got, rule, test.want, test.rule)
		}
	}
}

// pieces has parts of subsections and URLs, with small differences.
var pieces = struct{ schemes, users, hosts, ports, paths []string }{
	schemes: []string{"https://", "https://", "https://", "https://", "https://", "http://", "ssh://", "HTTPS://", "cert://", "file://", "h ttps://", "://", ""},
	users:   []string{"", "", "", "", "", "alice@", "alice@", "Alice@", "bob@", "al%69ce@", "alice:x@", "al%3aice@", "al:ice@", "@", "a@b@", "al%zzce@"},
	hosts: []string{"github.com", "github.com", "github.com", "github.com", "GitHub.com", "gist.github.com", "*.github.com", "*.com", "*", "*.*",
		"git*.com", "git-hub.com", "evil.example", "github.com.", "github.com..", "*.com.", "git%68ub.com", "[::1]", "", "exa mple.com"},
	ports: []string{"", "", "", "", "", "", "", ":443", ":0443", ":8443", ":80", ":22", ":", ":0", ":99999", ":x"},
	paths: []string{"", "", "", "/", "/acme", "/acme", "/acme", "/acme/widgets.git", "/acme/", "/acme/widgets.git", "/acm", "/Acme", "/acme/widgets.git/info/lfs",
		"/acme/../globex", "/globex/../acme", "/acme/./widgets.git", "/acme/.", "/..", "/ac%6de", "/ac%6De/", "/ac%zze", "//acme", "/acme//widgets.git",
		"/acme?x", "?x", "/acme#x", "/a:b", "/a%3ab", "/a%3Ab", "/a%20b", "/a b", "/a%2fb", "/a+b", "/a~b", "/a%7eb", "/a*b", "/ä", "/%c3%a4"},
}

func pick(r *rand.Rand, from []string) string { return from[r.IntN(len(from))] }

// section returns a usual subsection or, less often, an unusual one.
func section(r *rand.Rand) string {
	if r.IntN(3) > 0 {
		return "https://" + pick(r, pieces.users[:7]) + pick(r, pieces.hosts[:8]) + pick(r, pieces.ports[:9]) + pick(r, pieces.paths[:10])
	}
	return pick(r, pieces.schemes) + pick(r, pieces.users) + pick(r, pieces.hosts) + pick(r, pieces.ports) + pick(r, pieces.paths)
}

// askedURL returns a URL for which Git may ask a helper.
func askedURL(r *rand.Rand) string {
	u := section(r)
	for !strings.Contains(u, "://") || strings.Contains(u, "*") {
		u = section(r)
	}
	return u
}

// quoted returns a subsection as it is written in a file.
func quoted(section string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(section) + `"`
}

// lines returns the request as helpers receive it.
func (r Request) lines() string {
	var b strings.Builder
	for _, line := range [][2]string{{"protocol", r.Protocol}, {"host", r.Host}, {"path", r.Path}, {"username", r.Username}} {
		if line[1] != "" || line[0] == "host" {
			b.WriteString(line[0] + "=" + line[1] + "\n")
		}
	}
	return b.String()
}

// Helpers and Asks select the same settings as Git.
func TestForCredentialAsGit(t *testing.T) {
	gittest.Home(t, "")
	r := rand.New(rand.NewPCG(1, 2))
	compared, fitting := 0, 0
	rounds := 30
	if runtime.GOOS == "windows" {
		rounds = 3 // each starts hundreds of programs, which takes long there
	}
	for range rounds {
		// One run of Git tests all sections: it runs the helpers of those that fit.
		var text strings.Builder
		for i := range 20 {
			fmt.Fprintf(&text, "[credential %s]\n\thelper = \"!echo n%d >&2; :\"\n", quoted(section(r)), i)
			switch r.IntN(12) {
			case 0:
				text.WriteString("\thelper =\n")
			case 1:
				text.WriteString("\tusername = alice\n")
			case 2, 3, 4:
				text.WriteString("\tuseHttpPath = true\n")
			case 5:
				text.WriteString("\tuseHttpPath = " + pick(r, []string{"no", "0", "2", "0x1", "1k", "yes", "False", ""}) + "\n")
			}
		}
		text.WriteString("[credential]\n\thelper = \"!echo asked >&2; cat >&2; :\"\n")
		gittest.Write(t, ".git/config", "[core]\n\trepositoryformatversion = 0\n"+text.String())
		c, err := ReadConfig(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}
		for range 10 {
			u := askedURL(r)
			_, said, _ := Call{In: "url=" + u + "\n\n", Args: []string{"credential", "fill"}}.RunBoth(t.Context())
			if !strings.Contains(said, "terminal prompts disabled") {
				continue // Git asks no helper for this URL
			}
			compared++
			var got, want []string
			helpers := c.Helpers(u)
			for _, s := range helpers[:len(helpers)-1] {
				got = append(got, strings.Fields(s.Value)[1])
			}
			for line := range strings.Lines(said) {
				if line = strings.TrimSuffix(line, "\n"); strings.HasPrefix(line, "n") && len(line) < 4 {
					want = append(want, line)
				}
			}
			fitting += len(want)
			_, said, _ = strings.Cut(said, "asked\n")
			said, _, _ = strings.Cut(said, "fatal: ")
			said = strings.Replace(said, "username=\n", "", 1) // an empty user name means no user name
			request, err := c.Asks(u)
			if sent := request.lines(); sent != said || err != nil {
				t.Errorf("%s: got %q, %v, want %q, of\n%s", u, sent, err, said, text.String())
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s: got %q, want %q, of\n%s", u, got, want, text.String())
			}
		}
	}
	t.Logf("%d URLs, %d sections for them", compared, fitting)
	if compared < 200*rounds/30 || fitting < 500*rounds/30 {
		t.Errorf("only %d URLs were asked about, and %d sections were for them", compared, fitting)
	}
}

// ForHTTP selects the same setting as Git.
func TestForHTTPAsGit(t *testing.T) {
	gittest.Home(t, "")
	r := rand.New(rand.NewPCG(3, 4))
	fitting := 0
	rounds := 40
	if runtime.GOOS == "windows" {
		rounds = 4
	}
	for range rounds {
		var text strings.Builder
		for i := range 12 {
			fmt.Fprintf(&text, "[http %s]\n\tcookieFile = n%d\n", quoted(section(r)), i)
		}
		gittest.Write(t, ".git/config", "[core]\n\trepositoryformatversion = 0\n"+text.String())
		c, err := ReadConfig(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}
		for range 8 {
			u := askedURL(r)
			got := ""
			for _, s := range c.ForHTTP(u, "cookiefile") {
				got = s.Value
			}
			out, err := exec.Command("git", "config", "--get-urlmatch", "http.cookieFile", u).Output()
			if status, ok := Status(err); ok && status == 128 {
				continue // Git rejects the URL
			} else if err != nil && !(ok && status == 1) {
				t.Fatal(err)
			}
			want := strings.TrimSpace(string(out))
			if want != "" {
				fitting++
			}
			if got != want {
				t.Errorf("%s: got %q, want %q, of\n%s", u, got, want, text.String())
			}
		}
	}
	t.Logf("%d URLs have a section", fitting)
	if fitting < 100*rounds/40 {
		t.Errorf("only %d URLs had a section", fitting)
	}
}

func TestAuthorizationHeader(t *testing.T) {
	t.Parallel()
	const url = "https://github.com/acme/widgets"
	for _, test := range []struct {
		name   string
		config Config
		want   string
	}{
		{"none", nil, ""},
		{"for all", Config{{Key: "http.extraheader", Value: "AUTHORIZATION: basic x"}}, "http.extraheader"},
		{"another header", Config{{Key: "http.extraheader", Value: "X-A: authorization"}}, ""},
		{"for the host", Config{{Key: "http.https://github.com/.extraheader", Value: "authorization : x"}}, "http.https://github.com/.extraheader"},
		{"for another host", Config{{Key: "http.https://gitlab.com/.extraheader", Value: "authorization: x"}}, ""},
		{"emptied", Config{{Key: "http.extraheader", Value: "authorization: x"}, {Key: "http.https://github.com/.extraheader", Value: ""}}, ""},
		{"emptied for another host", Config{{Key: "http.extraheader", Value: "authorization: x"}, {Key: "http.https://gitlab.com/.extraheader", Value: ""}}, "http.extraheader"},
		{"emptied less closely", Config{{Key: "http.https://github.com/.extraheader", Value: "authorization: x"}, {Key: "http.extraheader", Value: ""}}, "http.https://github.com/.extraheader"},
	} {
		got, ok := test.config.AuthorizationHeader(url)
		if ok != (test.want != "") || ok && got.Key != test.want {
			t.Errorf("%s: got %q, %v, want %q", test.name, got.Key, ok, test.want)
		}
	}
	key := Setting{Key: "http.https://x:" + "secret@github.com/a.extraheader"}
	if got, want := key.ShownKey(), "http.https://***@github.com/a.extraheader"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Git sends a header exactly if AuthorizationHeader returns one.
func TestAuthorizationHeaderAsGit(t *testing.T) {
	var mutex sync.Mutex
	var sent []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mutex.Lock()
		defer mutex.Unlock()
		sent = append(sent, r.Header.Values("Authorization")...)
		http.NotFound(w, r)
	}))
	defer server.Close()
	host := strings.TrimPrefix(server.URL, "http://")
	const header = "\textraHeader = Authorization: token x\n"
	for _, test := range []struct{ name, user, config string }{
		{"none", "", "[http]\n\textraHeader = X-Authorization: x\n"},
		{"for all", "", "[http]\n" + header},
		{"for the host", "", "[http \"http://HOST/\"]\n" + header},
		{"for another port", "", "[http \"http://127.0.0.1:1/\"]\n" + header},
		{"for https", "", "[http \"https://HOST/\"]\n" + header},
		{"for the path", "", "[http \"http://HOST/acme/widgets\"]\n" + header},
		{"for another path", "", "[http \"http://HOST/acme/wid\"]\n" + header},
		{"for any", "", "[http \"http://*.0.0.*:PORT\"]\n" + header},
		{"for a user", "alice@", "[http \"http://alice@HOST/\"]\n" + header},
		{"for a user, without one", "", "[http \"http://alice@HOST/\"]\n" + header},
		{"for no user, with one", "alice@", "[http \"http://HOST/\"]\n" + header},
		{"several", "", "[http]\n" + header + "\textraHeader = X-A: b\n[http \"http://HOST\"]\n\textraHeader = X-B: c\n"},
		{"emptied", "", "[http]\n" + header + "\textraHeader =\n"},
		{"emptied and set", "", "[http]\n" + header + "\textraHeader =\n" + header},
		{"emptied for the host", "", "[http]\n" + header + "[http \"http://HOST\"]\n\textraHeader =\n"},
		{"emptied for another", "", "[http]\n" + header + "[http \"http://other\"]\n\textraHeader =\n"},
		{"emptied less closely", "", "[http \"http://HOST\"]\n" + header + "[http]\n\textraHeader =\n"},
		{"set less closely", "", "[http \"http://HOST\"]\n\textraHeader = X-A: b\n[http]\n" + header},
	} {
		gittest.Home(t, strings.NewReplacer("HOST", host, "PORT", host[strings.LastIndexByte(host, ':')+1:]).Replace(test.config))
		url := "http://" + test.user + host + "/acme/widgets"
		c, err := ReadConfig(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}
		mutex.Lock()
		sent = nil
		mutex.Unlock()
		ask := exec.Command("git", "ls-remote", url)
		ask.Env = append(os.Environ(), "GIT_TERMINAL_PROMPT=0", "GIT_ASKPASS=", "http_proxy=")
		out, err := ask.CombinedOutput()
		if strings.Contains(string(out), "'remote-http' is not a git command") {
			t.Skip("this Git was built without curl")
		}
		if err == nil || !strings.Contains(string(out), "not found") {
			t.Fatalf("%s: %v\n%s", test.name, err, out)
		}
		mutex.Lock()
		if _, got := c.AuthorizationHeader(url); got != (len(sent) > 0) {
			t.Errorf("%s: got %v, and Git sent %q", test.name, got, sent)
		}
		mutex.Unlock()
	}
}

func TestSaysPush(t *testing.T) {
	const push = credential.PushLogin + "@"
	for _, test := range []struct {
		name, config string
		says, base   bool
	}{
		{"nothing", "", false, false},
		{"with the port", "[url \"https://" + push + "github.com:443/\"]\n\tpushInsteadOf = https://github.com/\n", true, true},
		{"without it", "[url \"https://" + push + "github.com/\"]\n\tpushInsteadOf = https://github.com/\n", true, false},
		{"of another host", "[url \"https://" + push + "gist.github.com:443/\"]\n\tpushInsteadOf = https://gist.github.com/\n", false, false},
		{"of an owner", "[url \"https://" + push + "github.com:443/acme/\"]\n\tpushInsteadOf = https://github.com/acme/\n", false, false},
		{"after SSH", "[url \"git@github.com:\"]\n\tpushInsteadOf = https://github.com/\n[url \"https://" + push + "github.com:443/\"]\n\tpushInsteadOf = https://github.com/\n", true, false},
	} {
		gittest.Home(t, test.config)
		c, err := ReadConfig(t.Context(), "")
		if err != nil || c.SaysPush("github.com") != test.says || c.HasPushBase("github.com") != test.base {
			t.Errorf("%s: got %v and %v, %v", test.name, c.SaysPush("github.com"), c.HasPushBase("github.com"), err)
		}
	}
	if got := PushBase("h.example:8443"); got != "https://git-push@h.example:8443/" {
		t.Errorf("a port: got %q", got)
	}
}

// A push is known by the URL that Git makes, in which curl may lose the user name.
func TestIsPush(t *testing.T) {
	gittest.Home(t, "[url \"https://git-push@github.com:443/\"]\npushInsteadOf = https://github.com/\n"+
		"[url \"https://elsewhere.example/\"]\npushInsteadOf = https://ghes.example/\n")
	c, err := ReadConfig(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		host, username string
		push           bool
	}{
		{"github.com:443", "", true},
		{"GitHub.com:443", "", true},
		{"github.com:443", "alice", false},
		{"github.com", "", false},
		{"github.com:8443", "", false},
		{"ghes.example:443", "", false},
	} {
		if got := IsPush(test.host, test.username, func() Config { return c }); got != test.push {
			t.Errorf("%s, %q: got %v", test.host, test.username, got)
		}
	}
	for url, want := range map[string]string{
		"https://github.com/acme/widgets":       "https://git-push@github.com:443/acme/widgets",
		"https://GitHub.com/acme/widgets":       "https://GitHub.com/acme/widgets",
		"https://alice@github.com/acme/widgets": "https://alice@github.com/acme/widgets",
		"https://ghes.example/acme/widgets":     "https://ghes.example/acme/widgets",
		"git@github.com:acme/widgets":           "git@github.com:acme/widgets",
	} {
		if got := c.AsPush(url); got != want {
			t.Errorf("%s: got %s, want %s", url, got, want)
		}
	}
}
