package main

import (
	"bytes"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/credential/forge"
	"github.com/git-credential-pat/git-credential-pat/store"
	"github.com/git-credential-pat/git-credential-pat/store/record"
)

// FuzzHelper runs the whole helper with a few random tokens and up to three random
// requests in a row. It checks two rules: a password is only sent to exactly the
// host of its record, and never for a path outside the target. This file has its
// own implementation of the rules.
func FuzzHelper(f *testing.F) {
	dir := f.TempDir()
	if memory, err := os.MkdirTemp("/dev/shm", "git-pat-fuzz-"); err == nil {
		dir = memory // faster than a disk
		f.Cleanup(func() { os.RemoveAll(memory) })
	}
	variable := kept{secret: fuzzSecret(credential.Classic, 99)}
	f.Setenv("GIT_PAT_DIR", filepath.Join(dir, "tree"))
	f.Setenv("XDG_RUNTIME_DIR", filepath.Join(dir, "run"))
	f.Setenv("GIT_TERMINAL_PROMPT", "0")
	f.Setenv("PATH", "") // no Git is started to read its configuration
	f.Setenv("FUZZ_TOKEN", variable.secret)

	raws := []string{
		"", "evil.example", "acme/widgets\npassword=x", "\r\n", "\nhost=evil.example\n",
		"protocol=https\nhost=github.com\npath=acme/widgets.git\n", "protocol=https\r\nhost=gist.github.com\r\npath=1.git\r\n\r\nhost=x\r\n",
	}
	random := rand.New(rand.NewPCG(0, 0))
	for i := range 500 { // the same in each run
		bytes := make([]byte, 120)
		for j := range bytes {
			bytes[j] = byte(random.Uint32())
		}
		f.Add(bytes[:random.IntN(40)], bytes[40:], raws[i%len(raws)])
	}
	f.Fuzz(func(t *testing.T, tokens, script []byte, raw string) {
		if err := os.RemoveAll(filepath.Join(dir, "tree")); err != nil {
			t.Fatal(err)
		}
		known := plant(t, tokens, variable)
		p := picks(script)
		for range 1 + p.of(3) {
			operation := p.one("get", "get", "store", "erase")
			save := p.one("tokens", "any", "never")
			request := p.request(known, raw)
			known = turn(t, dir, operation, save, request, known)
		}
	})
}

// picks are the choices of the fuzzer. After the last one, each is 0.
type picks []byte

func (p *picks) of(n int) int {
	if len(*p) == 0 {
		return 0
	}
	pick := int((*p)[0]) % n
	*p = (*p)[1:]
	return pick
}

func (p *picks) one(list ...string) string { return list[p.of(len(list))] }

// fuzzMark is part of every secret.
const fuzzMark = "xyz"

// fuzzSecret returns a different secret for each kind and number.
func fuzzSecret(kind credential.Kind, number int) string {
	prefix := map[credential.Kind]string{
		credential.FineGrained: "github_pat_", credential.Classic: "ghp_", credential.OAuth: "gho_",
		credential.AppUser: "ghu_", credential.AppInstallation: "ghs_", forge.GitLabToken: "glpat-",
	}[kind]
	return prefix + strings.Repeat(string(rune('A'+number%26)), 12) + fuzzMark + string(rune('a'+number/26))
}

// plant adds the tokens that the fuzzer chose.
func plant(t *testing.T, tokens []byte, variable kept) (known []kept) {
	tree := record.NewTree(os.Getenv("GIT_PAT_DIR"))
	file, err := store.Open("file", tree.Dir(), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	p := picks(tokens)
	for number := 0; number < 5 && len(p) > 0; number++ {
		r := credential.Record{
			Name: string(rune('a' + number)),
			Kind: credential.Kind(p.one("fine-grained", "classic", "other", "app-installation", "oauth", "app-user", "gitlab")),
		}
		r.Host = p.one("github.com", "github.com", "github.com", "github.com", "gist.github.com", "github.com.evil.example", "github.com:8443", "xgithub.com", "github.com.",
			"octo.ghe.com", "ghes.example", "[::1]:8443", "localhost", "gitlab.com")
		if paths := p.one("", "", "acme", "acme", "acme", "acme/widgets", "acme/widgets acme/gadgets", "acme/gadgets acme/w", "globex", "acme-corp", "acme/widget", "a/b/c/d", "acme/sub"); paths != "" {
			r.Paths = strings.Fields(paths)
		}
		if r.Target, err = r.Target.For(r.Kind); err != nil {
			t.Fatal(err)
		}
		r.Username = p.one("", "", "alice", "Bob")
		r.Access = credential.Access(p.one("", "read", "write"))
		r.Store = p.one("file", "file", "file", "env:FUZZ_TOKEN")
		k := kept{r.Host, r.Paths, r.Kind == credential.Other, fuzzSecret(r.Kind, number)}
		secret := k.secret
		state := p.one("", "", "", "", "", "", "expired", "ends soon", "set aside", "lost", "damaged", "broken secret", "attributes")
		switch state {
		case "expired":
			r.Expires = time.Now().Add(-time.Hour).Truncate(time.Second)
		case "ends soon":
			r.Expires = time.Now().Add(time.Hour).Truncate(time.Second)
		case "broken secret":
			secret += "\nhost=evil.example"
		case "attributes":
			r.Form = state
			secret = "authtype=Bearer&credential=" + secret + "&oauth_refresh_token=" + secret + "&password=" + secret
		}
		if err := tree.Put(r); err != nil {
			t.Fatal(err)
		}
		key := record.Key(r)
		switch {
		case r.Store != "file":
			k.secret = variable.secret
		case state != "lost":
			if err := file.Set(t.Context(), key, credential.NewSecret(secret)); err != nil {
				t.Fatal(err)
			}
		}
		switch state {
		case "set aside":
			err = tree.SetAside(key, credential.Refused(r.Host, time.Now()))
		case "damaged":
			err = os.WriteFile(filepath.Join(tree.Dir(), "tokens", filepath.FromSlash(key)+".record"), []byte("{"), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		known = append(known, k)
	}
	return known
}

// request returns the input of the helper: the raw text, attributes that the
// fuzzer chose, or both.
func (p *picks) request(known []kept, raw string) string {
	how := p.of(12)
	if how == 1 {
		return raw
	}
	// Most requests are for a known token or something similar.
	secrets := []string{"", "typed", fuzzSecret(credential.FineGrained, 50), fuzzSecret(credential.Classic, 51)}
	var theirs, near []string
	for _, k := range known {
		secrets = append(secrets, k.secret)
		theirs = append(theirs, k.host, k.host, k.host, k.host+":443", "gist."+k.host)
		for _, path := range k.paths {
			near = append(near, path, path+"/widgets.git", path+"/widgets.git", path+"/../x", path+"x/widgets")
		}
	}
	var text strings.Builder
	add := func(key, value string) { text.WriteString(key + "=" + value + "\n") }
	add("protocol", p.one("https", "https", "https", "https", "http", "ssh", "HTTPS", ""))
	hosts := append(theirs, "github.com", "GitHub.COM", "gist.github.com", "github.com:443", "github.com.evil.example", "github.com:8443", "xgithub.com",
		"github.com.", "octo.ghe.com", "ghes.example", "[::1]:8443", "localhost", "evil.example", "www.github.com", "github.com:0443", "github.com:80",
		"g\u0131thub.com", "ssh.github.com", "GIST.github.com:443", "api.github.com", "github.com/", "a@github.com", "")
	if how == 2 {
		hosts = []string{raw}
	}
	add("host", p.one(hosts...))
	paths := append(near, "", "acme/widgets.git", "ACME/Widgets", "acme/widgets.wiki.git", "acme/widgets.git/info/lfs", "acme", "/acme/", "globex/reactor",
		"acme/gadgets.git", "acme/../globex/reactor", "acme//widgets", "acme%2fwidgets", "acme/widgets/../../globex/x", "acmex/widgets", "acme/widgetsx",
		"acme-corp/x", "acme/.git", "a/b/c/d", "a/b/c", "a/b/c/d/e", "./acme/widgets", "acme/widgets.git.wiki", "acme/sub/app.git", "acme/sub/app/-/tree")
	if how == 3 {
		paths = []string{raw}
	}
	if path := p.one(paths...); path != "" {
		add("path", path)
	}
	switch name := p.one("", "", "", "", "x-access-token", "git-push", "alice", "ALICE", "bob", "kim", "token"); name {
	case "":
	case "token":
		add("username", fuzzSecret(credential.Classic, 52)) // as some URLs have it
	default:
		add("username", name)
	}
	if how == 5 {
		add("username", raw)
	}
	switch p.of(3) {
	case 1:
		add("capability[]", "authtype")
		add("capability[]", "state")
	case 2:
		add("capability[]", "state")
	}
	switch p.of(4) {
	case 1, 2:
		add("password", p.one(secrets...))
	case 3:
		add("authtype", "Bearer")
		add("credential", p.one(secrets...))
	}
	switch p.of(4) {
	case 1:
		add("state[]", "pat:"+p.one("github.com/@/a", "github.com/acme/@/a", "github.com/../x/@/a", "github.com/acme/@/b"))
	case 2:
		add("password_expiry_utc", p.one("1", "4102444800", "99999999999999999", "x"))
	case 3:
		add("oauth_refresh_token", "again")
	}
	if how == 4 {
		text.WriteString(raw)
	}
	return text.String()
}

// turn runs the helper once. It returns the tokens that it may have afterwards.
func turn(t *testing.T, dir, operation, save, text string, known []kept) []kept {
	before := files(t)
	in, err := os.Create(filepath.Join(dir, "request"))
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if _, err := in.WriteString(text); err != nil {
		t.Fatal(err)
	}
	if _, err := in.Seek(0, 0); err != nil {
		t.Fatal(err)
	}
	var out, errOut bytes.Buffer
	status := run([]string{"--store", "file", "--save", save, operation}, in, &out, &errOut, time.NewTimer(time.Hour))

	request := attributesOf(text)
	fail := func(format string, args ...any) {
		t.Helper()
		t.Logf("%s --save %s %q: exit %d, %q, %q", operation, save, text, status, out.String(), errOut.String())
		t.Fatalf(format, args...)
	}
	if status != 0 && (status != 1 || out.Len() > 0) || operation != "get" && out.Len() > 0 {
		fail("an invalid status or output")
	}
	answer := map[string][]string{}
	for line := range strings.Lines(out.String()) {
		key, value, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
		if !ok || !strings.HasSuffix(line, "\n") || strings.ContainsFunc(key+value, func(r rune) bool { return r < ' ' || r == 0x7f }) {
			fail("%q is no line of an answer", line)
		}
		switch key {
		case "password", "credential", "oauth_refresh_token":
			if !slices.ContainsFunc(known, func(k kept) bool { return k.secret == value && k.mayAnswer(request) }) {
				fail("LEAK: %s is for something else", key)
			}
		case "capability[]", "username", "password_expiry_utc", "authtype", "state[]", "quit":
		default:
			fail("an answer holds %s", key)
		}
		if answer[key] = append(answer[key], value); len(answer[key]) > 1 && key != "capability[]" && !slices.Equal(answer["state[]"], []string{stateAsked, stateAskedByName}) {
			fail("two of %s", key)
		}
	}
	for line := range strings.Lines(errOut.String()) {
		if !strings.HasPrefix(line, "git pat: ") && !strings.HasPrefix(line, "hint: ") || strings.Contains(line, "internal error in git-credential-pat") ||
			strings.ContainsFunc(strings.TrimSuffix(line, "\n"), func(r rune) bool { return r < ' ' || r > '~' }) {
			fail("%q is not a message", line)
		}
	}
	for _, k := range append(known, kept{secret: fuzzSecret(credential.FineGrained, 50)}, kept{secret: fuzzSecret(credential.Classic, 52)}) {
		// The fuzzer may use the same text as a password and as a host name.
		if strings.Contains(k.secret, fuzzMark) && strings.Contains(errOut.String(), k.secret[max(0, len(k.secret)-8):]) {
			fail("LEAK: a secret on standard error")
		}
	}

	after := files(t)
	for name := range before {
		if _, ok := after[name]; !ok {
			fail("%s is gone", name)
		}
	}
	host := foldedHost(strings.Join(request["host"], ""))
	for name, content := range after {
		if old, ok := before[name]; ok && old == content {
			continue
		}
		if operation != "store" {
			fail("%s is another", name)
		}
		key, isSecret := strings.CutPrefix(name, "secrets/")
		if isSecret {
			name = "tokens/" + key + ".record"
		}
		record := attributesOf(after[name])
		if target := strings.Join(record["target"], ""); target != host && !strings.HasPrefix(target, host+"/") {
			fail("%s was kept, which is for %q", name, target)
		}
		if isSecret && len(record["form"]) == 0 && !slices.Equal(request["password"], []string{content}) {
			fail("%s is not what was sent", name)
		}
	}
	if operation != "store" || maps.Equal(before, after) {
		return known
	}
	for _, key := range []string{"password", "credential", "oauth_refresh_token"} {
		for _, secret := range request[key] {
			known = append(known, keptFrom(request, secret))
		}
	}
	return known
}

// attributesOf parses a request up to its empty line.
func attributesOf(text string) map[string][]string {
	attributes := map[string][]string{}
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r")
		if line == "" {
			break
		}
		key, value, _ := strings.Cut(line, "=")
		attributes[key] = append(attributes[key], value)
	}
	return attributes
}

// files returns the content of all records and secrets by name.
func files(t *testing.T) map[string]string {
	t.Helper()
	root := os.Getenv("GIT_PAT_DIR")
	found := map[string]string{}
	for _, top := range []string{"tokens", "secrets"} {
		err := filepath.WalkDir(filepath.Join(root, top), func(path string, entry fs.DirEntry, err error) error {
			if os.IsNotExist(err) {
				return nil
			}
			switch filepath.Ext(path) {
			case ".aside", ".used", ".warned":
				return nil // the operations may change these
			}
			if err != nil || entry.IsDir() {
				return err
			}
			name, err := filepath.Rel(root, path)
			if err != nil {
				return err
			}
			data, err := os.ReadFile(path)
			found[filepath.ToSlash(name)] = string(data)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return found
}
