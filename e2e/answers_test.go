package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/git-credential-pat/git-credential-pat/e2e/githubtest"
)

// All commands that say which token answers for a URL say what Git gets for it:
// explain, token, exec, remote, doctor and completion are compared with git
// credential fill.
func TestAnswers(t *testing.T) {
	for _, setup := range []string{"setup", "setup --least-privilege"} {
		t.Run(setup, func(t *testing.T) {
			t.Parallel()
			a := newAnswers(t, strings.Fields(setup))
			a.checkTable(t)
			a.checkEach(t)
		})
	}
}

// answers is a home with tokens, and a repository with a remote for each URL.
type answers struct {
	env    []string
	work   string
	tokens map[string]string // the name by the secret
	urls   []string
	remote []remoteURLs // of each URL

	mu     sync.Mutex
	filled map[string]string // by the URL
}

type remoteURLs struct{ fetch, push string } // as Git uses them

// answersTokens are the arguments of git pat add for the tokens.
var answersTokens = []string{
	"acme --username alice --access read",
	"acme --username alice --access write",
	"globex --username bob",
	"globex --username carol",
	"initech --username alice",
	"initech/tps --username alice",
	"umbrella --expires 90d", // and it expired meanwhile
	"hooli",
	"hooli", // a rival without a login
	"gist.github.com --username alice",
	"ghes.example:8443 --username dave",
	"ghes.example:8443/acme",
	"https://server/acme", // without setup
}

// answersURLs returns more than two hundred URLs.
func answersURLs() []string {
	var urls []string
	add := func(repositories []string, forms ...string) {
		for _, form := range forms {
			for _, repository := range repositories {
				urls = append(urls, strings.ReplaceAll(form, "R", repository))
			}
		}
	}
	add([]string{"acme/widgets", "globex/reactor", "initech/tps", "initech/other", "umbrella/corp", "hooli/nucleus", "nobody/thing"},
		"https://github.com/R", "https://github.com/R.git", "https://github.com/R/", "https://github.com:443/R", "https://GitHub.com/R",
		"https://bob@github.com/R.git", "https://alice@github.com/R", "https://x-access-token@github.com/R", "https://git@github.com/R",
		"https://git-push@github.com/R", "https://github.com/R?tab=readme", "https://github.com/R.wiki.git", "https://github.com/R/info/lfs",
		"http://github.com/R", "git://github.com/R.git", "ssh://git@github.com/R.git", "ssh://git@github.com:22/R", "ssh://git@ssh.github.com:443/R.git",
		"git@github.com:R.git", "git@GitHub.com:R", "github.com:R.git", "gh:R", "https://www.github.com/R", "https://github.com./R", "https://unknown.example/R")
	add([]string{"acme/widgets", "other/thing"},
		"https://ghes.example:8443/R.git", "https://ghes.example:8443/R", "https://GHES.example:8443/R", "https://dave@ghes.example:8443/R", "https://erin@ghes.example:8443/R", "https://ghes.example/R",
		"git@ghes.example:R.git", "ssh://git@ghes.example/R", "ssh://git@ghes.example:2222/R", "git://ghes.example/R", "https://server/R", "git@server:R")
	return append(urls, "https://github.com/acme", "https://github.com/", "https://github.com/ACME/Widgets.git", "https://github.com/Acme/widgets/",
		"work:widgets.git", "https://gist.github.com/0123abcd.git", "https://gist.github.com/0123abcd", "git@gist.github.com:0123abcd.git", "https://github.com/acme//widgets",
		"https://github.com/acme/../globex/reactor", "https://github.com/acme%2fwidgets", "https://github.com/acme/wid%67ets", "https://github.com/acme/widgets/tree/main/src",
		"https://github.com:8443/acme/widgets", "https://github.com.evil.example/acme/widgets", "../elsewhere", "file:///tmp/elsewhere")
}

// run runs a program in the repository.
func (a *answers) run(t *testing.T, in, program string, args ...string) (out, errOut string, status int) {
	t.Helper()
	var stdout, stderr strings.Builder
	if strings.HasPrefix(program, "git-") {
		program = filepath.Join(programs, program)
	}
	cmd := exec.CommandContext(t.Context(), program, args...)
	cmd.Env, cmd.Dir, cmd.Stdin = a.env, a.work, strings.NewReader(in)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Error(err)
		return "", "", -1
	}
	return stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()
}

func (a *answers) mustRun(t *testing.T, in, program string, args ...string) (out, errOut string) {
	t.Helper()
	out, errOut, status := a.run(t, in, program, args...)
	if status != 0 {
		t.Fatalf("%s %q: status %d\n%s", program, args, status, errOut)
	}
	return out, errOut
}

func newAnswers(t *testing.T, setup []string) *answers {
	home := t.TempDir()
	a := &answers{work: filepath.Join(home, "work"), env: environment(home), tokens: map[string]string{}, urls: answersURLs(), filled: map[string]string{}}
	if err := os.Mkdir(a.work, 0o700); err != nil {
		t.Fatal(err)
	}
	a.mustRun(t, "", "git", "config", "--global", "url.https://github.com/.insteadOf", "gh:")
	a.mustRun(t, "", "git", "config", "--global", "url.https://github.com/acme/.insteadOf", "work:")
	a.mustRun(t, "", "git", "init", "-q")
	config := ""
	for i, url := range a.urls {
		config += fmt.Sprintf("[remote \"r%03d\"]\n\turl = \"%s\"\n", i, url)
	}
	f, err := os.OpenFile(filepath.Join(a.work, ".git", "config"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(config); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{"github.com", "gist.github.com", "ghes.example:8443"} {
		a.mustRun(t, "", "git-pat", append(setup, "--yes", host)...)
	}
	leastPrivilege := len(setup) > 1
	for i, args := range answersTokens {
		kind := "fine-grained"
		if strings.HasPrefix(args, "gist") || strings.HasPrefix(args, "ghes.example:8443 ") {
			kind = "classic"
		}
		secret, err := githubtest.MintSecret(kind)
		if err != nil {
			t.Fatal(err)
		}
		name := fmt.Sprintf("n%d", i)
		a.tokens[secret] = name
		_, said := a.mustRun(t, secret+"\n", "git-pat", append(strings.Fields("add --offline --with-token --store file --name "+name), strings.Fields(args)...)...)
		if strings.HasPrefix(args, "umbrella") {
			if err := expire(filepath.Join(home, ".local", "share", "git-pat"), "github.com/umbrella/@/"+name); err != nil {
				t.Fatal(err)
			}
		}
		rival := i > 0 && (answersTokens[i-1] == args || strings.HasPrefix(args, "globex") && strings.HasPrefix(answersTokens[i-1], "globex"))
		if got := strings.Contains(said, "equally well, so neither answers"); got != rival {
			t.Errorf("add %s: a rival is named: %v, want %v", args, got, rival)
		}
		unknown := i == 1 && !leastPrivilege
		if got := strings.Contains(said, "does not say which requests are pushes"); got != unknown {
			t.Errorf("add %s: pushes are unknown: %v, want %v", args, got, unknown)
		}
	}
	out, _ := a.mustRun(t, "", "git", "remote", "--verbose")
	a.remote = make([]remoteURLs, len(a.urls))
	for line := range strings.Lines(out) {
		name, url, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		i, err := strconv.Atoi(strings.TrimPrefix(name, "r"))
		if err != nil {
			t.Fatal(err)
		}
		if url, ok := strings.CutSuffix(url, " (fetch)"); ok {
			a.remote[i].fetch = url
		} else {
			a.remote[i].push = strings.TrimSuffix(url, " (push)")
		}
	}
	return a
}

// fill returns the name of the token that Git gets for a URL, or nothing.
func (a *answers) fill(t *testing.T, url string) string {
	t.Helper()
	a.mu.Lock()
	name, known := a.filled[url]
	a.mu.Unlock()
	if known {
		return name
	}
	out, _, _ := a.run(t, "url="+url+"\n\n", "git", "credential", "fill")
	_, secret, _ := strings.Cut("\n"+out, "\npassword=")
	secret, _, _ = strings.Cut(secret, "\n")
	name = a.tokens[secret]
	a.mu.Lock()
	a.filled[url] = name
	a.mu.Unlock()
	return name
}

var (
	nameInTable = regexp.MustCompile(`  (n\d+) for `)
	urlInHint   = regexp.MustCompile(`(?m)^hint:   (https://\S+)$`)
)

// checkTable compares what git pat remote, git pat doctor and completion say about
// all remotes.
func (a *answers) checkTable(t *testing.T) {
	table, _, _ := a.run(t, "", "git-pat", "remote")
	rows := map[string]string{}
	for line := range strings.Lines(table) {
		name, rest, _ := strings.Cut(line, " ")
		uses := strings.Fields(rest)
		if name == "REMOTE" {
			continue
		}
		if uses[0] != "push" {
			rows[name] = line
		}
		if uses[0] == "push" || strings.HasPrefix(uses[0], "fetch,") {
			rows[name+" push"] = line
		}
	}
	doctor, _, _ := a.run(t, "", "git-pat", "doctor", "--json")
	var findings []struct{ Check, Subject, What string }
	if err := json.Unmarshal([]byte(doctor), &findings); err != nil {
		t.Fatal(err)
	}
	for _, owner := range []string{"acme", "globex", "initech", "hooli"} {
		rivals := false
		for _, f := range findings {
			if (f.Check == "token-rival" || f.Check == "least-privilege") && f.Subject == "github.com/"+owner {
				rivals = true
			}
		}
		if name := a.fill(t, "https://github.com/"+owner+"/any"); rivals != (name == "") {
			t.Errorf("%s: Git gets %q, and git pat doctor says that several tokens fit: %v", owner, name, rivals)
		}
	}
	words, _ := a.mustRun(t, "", "git-pat", "__complete", "explain", "https://")
	for i, url := range a.urls {
		name := fmt.Sprintf("r%03d", i)
		for _, use := range []struct{ row, url string }{{name, a.remote[i].fetch}, {name + " push", a.remote[i].push}} {
			row, ok := rows[use.row]
			if !ok {
				t.Errorf("%s: git pat remote has no row %q", url, use.row)
				continue
			}
			want := ""
			if !strings.Contains(row, "refused:") {
				want = a.fill(t, use.url)
			}
			got := ""
			if m := nameInTable.FindStringSubmatch(row); m != nil {
				got = m[1]
			}
			if isOK := strings.HasSuffix(row, " ok\n") || strings.HasSuffix(row, " only for reading\n"); isOK != (want != "") || isOK && got != want {
				t.Errorf("%s: Git gets %q; git pat remote says: %s", use.url, want, row)
			}
			for _, f := range findings {
				if want != "" && f.Subject == name && strings.Contains(f.What, "no token answers") {
					t.Errorf("%s: Git gets %q, and git pat doctor says: %s", use.url, want, f.What)
				}
			}
		}
		if !strings.Contains(rows[name], "refused: over ") {
			continue
		}
		_, said, _ := a.run(t, "", "git-pat", "explain", "--", a.remote[i].fetch)
		if m := urlInHint.FindStringSubmatch(said); m != nil && strings.Contains(said, "use the https URL") && !strings.Contains("\n"+words, "\n"+m[1]+"\t") {
			t.Errorf("%s: completion does not offer %s", url, m[1])
		}
	}
}

// checkEach compares what git pat explain, token and exec say about each URL.
func (a *answers) checkEach(t *testing.T) {
	next := make(chan int)
	var wait sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wait.Go(func() {
			for i := range next {
				a.checkURL(t, i, false)
				if a.remote[i].push != a.remote[i].fetch {
					a.checkURL(t, i, true)
				}
			}
		})
	}
	answered := 0
	for i := range a.urls {
		next <- i
	}
	close(next)
	wait.Wait()
	for _, name := range a.filled {
		if name != "" {
			answered++
		}
	}
	if len(a.urls) < 200 || answered < 30 {
		t.Errorf("%d URLs, %d of them with a token", len(a.urls), answered)
	}
}

func (a *answers) checkURL(t *testing.T, i int, push bool) {
	url, args := a.urls[i], []string{}
	want := a.fill(t, url)
	if push {
		args = []string{"--push"}
		if url == a.remote[i].fetch { // insteadOf does not count for what is typed
			want = a.fill(t, a.remote[i].push)
		}
	}
	out, errOut, status := a.run(t, "", "git-pat", slices.Concat([]string{"explain", "--json"}, args, []string{"--", url})...)
	var e struct {
		Asked   bool
		Answers *int
		Tokens  []struct{ Name string }
	}
	if out != "" {
		if err := json.Unmarshal([]byte(out), &e); err != nil {
			t.Errorf("%s: %v", url, err)
			return
		}
	}
	explained := ""
	if e.Answers != nil {
		explained = e.Tokens[*e.Answers].Name
	}
	if e.Asked && explained != want || !e.Asked && want != "" || (status == 0) != (explained != "") {
		t.Errorf("%s %v: Git gets %q; git pat explain says %q, status %d\n%s", url, args, want, explained, status, errOut)
	}
	// For an SSH URL token and exec give the token for the https URL.
	want = explained
	said := ""
	if want == "" {
		_, said, _ = a.run(t, "", "git-pat", slices.Concat([]string{"explain"}, args, []string{"--", url})...)
	}
	if m := urlInHint.FindStringSubmatch(said); m != nil && strings.Contains(said, "not over ssh") {
		if want = a.fill(t, m[1]); push {
			want = a.fill(t, a.asPush(m[1]))
		}
		if strings.HasPrefix(m[1], "https://server/") { // without setup
			return
		}
	}
	for _, command := range [][]string{{"token"}, {"exec", "--env", "FOUND"}} {
		if command[0] == "exec" {
			command = slices.Concat(command, args, []string{"--for=" + url, "--", "printenv", "FOUND"})
		} else {
			command = slices.Concat(command, args, []string{"--", url})
		}
		out, errOut, status := a.run(t, "", "git-pat", command...)
		if got := a.tokens[strings.TrimSpace(out)]; got != want || (status == 0) != (got != "") {
			t.Errorf("%s %v: want %q; git pat %s has %q, status %d\n%s", url, args, want, command[0], got, status, errOut)
		}
	}
}

// asPush returns the URL to which Git pushes for another one.
func (a *answers) asPush(url string) string {
	if i := slices.Index(a.urls, url); i >= 0 {
		return a.remote[i].push
	}
	return url // on a host without a rule for pushes
}
