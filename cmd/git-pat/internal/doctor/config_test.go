package doctor

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/homefile"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
	"github.com/git-credential-pat/git-credential-pat/credential"
)

// lines are findings, one a line: check, state, subject if it is not the host, the
// fact, and the fix or mending.
func lines(findings []Finding) string {
	var all []string
	for _, f := range findings {
		words := []string{f.Check, string(f.State)}
		if f.Subject != f.Host {
			words = append(words, f.Subject)
		}
		words = append(words, strings.TrimPrefix(fmt.Sprintf("%T%+v", f.Fact, f.Fact), "doctor."))
		if f.Fix != nil {
			words = append(words, "->", []string{"", "set up", "set up after", "unset", "edit", "outside"}[f.Fix.Kind])
			words = append(append(words, f.Fix.Hosts...), f.Fix.File, f.Fix.Key, f.Fix.Pattern)
		}
		if f.Mending != nil {
			words = append(words, "=>", []string{"", "close", "remove file", "remove secret", "remove record"}[f.Mending.Kind])
		}
		all = append(all, tidy(strings.Join(words, " ")))
	}
	return strings.Join(all, "\n")
}

// tidy returns lines without empty ones and without needless spaces.
func tidy(text string) string {
	var all []string
	for line := range strings.Lines(text) {
		if words := strings.Fields(line); len(words) > 0 {
			all = append(all, strings.Join(words, " "))
		}
	}
	return strings.Join(all, "\n")
}

// expect compares findings with lines.
func expect(t *testing.T, name string, findings []Finding, want string) {
	t.Helper()
	if got, want := lines(findings), tidy(want); got != want {
		t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
	}
}

// settings reads "KEY=VALUE" lines as one file, then another after "FILE:".
func settings(text string) git.Config {
	var c git.Config
	origin := "file:/home/.gitconfig"
	for line := range strings.Lines(strings.TrimSpace(text)) {
		line = strings.TrimSpace(line)
		if name, ok := strings.CutSuffix(line, ":"); ok {
			origin = name
			if name != "command line" {
				origin = "file:" + name
			}
			continue
		}
		key, value, _ := strings.Cut(line, "=")
		c = append(c, git.Setting{Key: key, Value: value, Origin: origin})
	}
	return c
}

const ourSettings = `
	credential.https://github.com.helper=
	credential.https://github.com.helper=pat
	credential.https://github.com.usehttppath=true
	credential.ssh://github.com.helper=pat
	credential.http://github.com.helper=pat
`

// checkConfig checks settings for github.com.
func checkConfig(text string, isIncomplete bool, tokens ...credential.Candidate) hostCheck {
	return hostCheck{
		report: &report{group: Host, host: "github.com"},
		host:   "github.com", config: settings(text), tokens: tokens,
		isIncomplete: func() bool { return isIncomplete },
		canMoveAfter: func(other git.Setting) bool { return other.Origin == "file:/home/.gitconfig" },
		canRun:       func(path string) bool { return path == "/usr/bin/git-credential-pat" },
	}
}

func TestConfig(t *testing.T) {
	token := "ghp" + "_" + strings.Repeat("x", 36)
	alice := credential.Candidate{Record: credential.Record{Target: credential.Target{Host: "github.com"}, Username: "alice"}}
	const asked = "helper-asked ok Asked{File:/home/.gitconfig}\n"
	const alone = "other-helper ok NoOtherHelper{}\n"
	const path = "use-http-path ok PathSent{}\n"
	const good = asked + alone + path
	for _, test := range []struct {
		name, config string
		incomplete   bool
		want         string
	}{
		{"all is right", ourSettings, false, good},
		{"nothing is set up", "", true, `
			helper-asked error NotAsked{Key: File: Instead:[]} -> set up github.com gist.github.com
			use-http-path error PathNotSent{Key: Value: File:} -> set up github.com gist.github.com
			ssh-refused warning NoRefusal{Protocol:ssh NotAsked:{Key: File: Instead:[]}} -> set up github.com gist.github.com`},
		{"gh is set up after us", ourSettings + `
			credential.https://github.com.helper=
			credential.https://github.com.helper=!/usr/bin/gh auth git-credential`, false, `
			helper-asked error NotAsked{Key:credential.https://github.com.helper File:/home/.gitconfig Instead:[{Shown:!/usr/bin/gh ... Program:gh File:/home/.gitconfig}]} -> unset /home/.gitconfig credential.https://github.com.helper ^$
			` + path},
		{"only gh is set up", `
			credential.https://github.com.helper=
			credential.https://github.com.helper=!/usr/bin/gh auth git-credential
			credential.https://github.com.usehttppath=true
			credential.ssh://github.com.helper=pat
			credential.http://github.com.helper=pat`, true, `
			helper-asked error NotAsked{Key: File: Instead:[{Shown:!/usr/bin/gh ... Program:gh File:/home/.gitconfig}]} -> set up github.com gist.github.com
			` + path},
		{"an empty helper in the repository", ourSettings + ".git/config:\ncredential.helper=", false, `
			helper-asked error NotAsked{Key:credential.helper File:.git/config Instead:[]} -> unset credential.helper ^$
			` + path + `ssh-refused warning NoRefusal{Protocol:ssh NotAsked:{Key:credential.helper File:.git/config Instead:[]}} -> unset credential.helper ^$`},
		{"an empty helper with -c", ourSettings + "command line:\ncredential.https://github.com.helper=", false, `
			helper-asked error NotAsked{Key:credential.https://github.com.helper File: Instead:[]} -> outside
			` + path},
		{"our helper cannot be run", strings.ReplaceAll(ourSettings, "=pat", "=/old/git-credential-pat"), false, `
			helper-asked error HelperBroken{Path:/old/git-credential-pat File:/home/.gitconfig} -> set up github.com gist.github.com
			` + path},
		{"our helper by its path", strings.ReplaceAll(ourSettings, "=pat", "=/usr/bin/git-credential-pat"), false, good},
		{"another helper before", "credential.helper=cache --timeout=9\n" + strings.Replace(ourSettings, "credential.https://github.com.helper=\n", "", 1), true,
			asked + `other-helper error OtherHelper{Helper:{Shown:cache ... Program:git-credential-cache File:/home/.gitconfig} Before:true Keeps:false} -> set up github.com gist.github.com
			` + path},
		{"another helper after", ourSettings + "credential.helper=store", false,
			asked + `other-helper warning OtherHelper{Helper:{Shown:store Program:git-credential-store File:/home/.gitconfig} Before:false Keeps:true} -> set up after github.com
			` + path},
		{"another helper after, in another file", ourSettings + "/etc/gitconfig:\ncredential.helper=!f() { x; }; f", false,
			asked + `other-helper warning OtherHelper{Helper:{Shown:!f() ... Program:f() File:/etc/gitconfig} Before:false Keeps:false} -> unset /etc/gitconfig credential.helper ^!f\(\) 
			` + path},
		{"a helper with a token in its key", ourSettings + "/etc/gitconfig:\ncredential.https://" + token + "@github.com.helper=x", false, good},
		{"a path of its own", ourSettings + "credential.https://github.com/acme.helper=store\ncredential.https://github.com/acme.usehttppath=no", false,
			good + `helper-asked ok github.com/acme Asked{File:/home/.gitconfig}
			other-helper warning github.com/acme OtherHelper{Helper:{Shown:store Program:git-credential-store File:/home/.gitconfig} Before:false Keeps:true} -> set up after github.com
			use-http-path error github.com/acme PathNotSent{Key:credential.https://github.com/acme.usehttppath Value:no File:/home/.gitconfig} -> unset /home/.gitconfig credential.https://github.com/acme.usehttppath ^no$`},
		{"a user name", ourSettings + "credential.username=bob", false,
			asked + alone + "username warning UsernameSet{Username:bob Key:credential.username File:/home/.gitconfig} -> unset /home/.gitconfig credential.username ^bob$\n" + path},
		{"a token as the user name", ourSettings + "credential.username=" + token, false,
			asked + alone + "username warning UsernameSet{Username:*** Key:credential.username File:/home/.gitconfig} -> edit /home/.gitconfig\n" + path},
		{"the user name of the token", ourSettings + "credential.username=Alice", false, good},
		{"a value that is not a boolean", ourSettings + "credential.usehttppath=maybe", false,
			asked + alone + "use-http-path error Failed{Err:credential.usehttppath is neither true nor false, so Git asks no helper}\n"},
		{"http is not set up", strings.Replace(ourSettings, "credential.http://", "credential.http://gist.", 1), false,
			good + "ssh-refused warning NoRefusal{Protocol:http NotAsked:{Key: File: Instead:[]}} -> set up github.com gist.github.com"},
	} {
		c := checkConfig(test.config, test.incomplete, alice)
		c.check(nil, nil)
		expect(t, test.name, c.findings, test.want)
	}
}

// What Git uses before it asks a helper.
func TestBefore(t *testing.T) {
	token := "ghp" + "_" + strings.Repeat("x", 36)
	for _, test := range []struct{ name, config, want string }{
		{"nothing", "", ""},
		{"a header", "http.https://github.com/.extraheader=AUTHORIZATION: basic " + token + "\nhttp.https://github.com/.extraheader=X-Debug: 1",
			"extra-header error HeaderSent{Key:http.https://github.com/.extraheader File:/home/.gitconfig} -> unset /home/.gitconfig http.https://github.com/.extraheader ^AUTHORIZATION:"},
		{"a header of a repository", ".git/config:\nhttp.extraheader=Authorization: basic " + token,
			"extra-header error HeaderSent{Key:http.extraheader File:.git/config} -> unset http.extraheader ^Authorization:"},
		{"a header for another host", "http.https://forge.example.extraheader=Authorization: x", ""},
		{"proactive", "http.proactiveauth=basic\nhttp.https://forge.example.cookiefile=cookies", "proactive-auth warning HTTPSetting{Key:http.proactiveAuth Value:basic}"},
		{"proactive, turned off", "http.proactiveauth=basic\nhttp.https://github.com.proactiveauth=none", ""},
		{"cookies", "http.cookiefile=cookies", "cookie-file warning HTTPSetting{Key:http.cookieFile Value:cookies}"},
		{"SSH instead", "url.git@github.com:.insteadof=https://github.com/",
			"url-rewritten error Rewritten{Push:false Secret:false Rule:insteadOf Value:https://github.com/ File:/home/.gitconfig} -> edit /home/.gitconfig"},
		{"SSH to push", ".git/config:\nurl.git@github.com:.pushinsteadof=https://github.com/",
			"url-rewritten error Rewritten{Push:true Secret:false Rule:pushInsteadOf Value:https://github.com/ File:.git/config} -> edit"},
		{"a token for one owner", "command line:\nurl.https://" + token + "@github.com/acme/.insteadof=https://github.com/acme/",
			"url-rewritten error github.com/acme Rewritten{Push:false Secret:true Rule:insteadOf Value:https://github.com/acme/ File:} -> outside"},
		{"https instead of SSH", "url.https://github.com/.insteadof=git@github.com:", ""},
		{"our own rule for pushes", "url.https://git-push@github.com/.pushinsteadof=https://github.com/", ""},
	} {
		c := checkConfig(test.config, false)
		c.checkHTTP(c.sites()[0])
		c.checkRewritten(c.sites()[0])
		expect(t, test.name, c.findings, test.want)
		if strings.Contains(lines(c.findings), token) {
			t.Errorf("%s: the token is in a finding", test.name)
		}
	}
}

func TestNetrc(t *testing.T) {
	const found, all = "netrc error NetrcEntry{Path:.netrc AllHosts:false}", "netrc error NetrcEntry{Path:.netrc AllHosts:true}"
	for _, test := range []struct{ name, text, want string }{
		{"empty", "", ""},
		{"one line", "machine github.com login alice password x\n", found},
		{"lines", "machine\n\tgithub.com\nlogin alice\npassword x", found},
		{"upper case", "machine GitHub.COM login alice password x\n", found},
		{"quoted", "machine \"github.com\" login alice\n", found},
		{"another", "machine gist.github.com login alice password x\n", ""},
		{"a longer one", "machine github.com.example login alice password x\n", ""},
		{"after another", "machine a login b password c\nmachine github.com login alice\n", found},
		{"as a value", "machine a login machine password github.com\nmachine b login default password machine\n", ""},
		{"all", "machine a login b password c\ndefault login alice password x\n", all},
		{"a comment", "# machine github.com\n", ""},
		{"a macro", "macdef init\nmachine github.com\ndefault\n\n", ""},
		{"after a macro", "macdef init\ncd /\n\nmachine github.com login alice\n", found},
		{"cut short", "machine", ""},
	} {
		c := checkConfig("", false)
		c.checkNetrc([]homeFile{{path: ".netrc", text: test.text}})
		expect(t, test.name, c.findings, test.want)
	}
	c := checkConfig("", false)
	c.checkNetrc([]homeFile{{path: ".netrc", err: &homefile.Error{Path: ".netrc", Fault: homefile.IsDevice}}, {err: errors.New("other")}})
	expect(t, "a pipe", c.findings, "netrc warning NetrcUnreadable{Err:.netrc is a pipe or a device, not a file}")
}

func TestPlainText(t *testing.T) {
	for _, test := range []struct {
		line string
		want bool
	}{
		{"https://alice:x@github.com\n", true},
		{"https://alice:x@forge.example\nhttps://alice:x@github.com/acme\n", true},
		{"https://alice:x@forge.example\nhttp://alice:x@github.com\n", false},
		{"", false},
	} {
		c := checkConfig("", false)
		c.checkPlainText([]homeFile{{path: "credentials", text: test.line}})
		want := ""
		if test.want {
			want = "plain-credentials warning PlainText{Path:credentials}"
		}
		expect(t, test.line, c.findings, want)
	}
}

func TestPrograms(t *testing.T) {
	for _, test := range []struct {
		version string
		returns bool
		want    string
	}{
		{"2.8.6", false, "git-version error git GitVersion{Version:2.8.6 TooOld:true PassesReturns:false}"},
		{"2.10.1 (Apple Git-78)", false, "git-version ok git GitVersion{Version:2.10.1 (Apple Git-78) TooOld:false PassesReturns:false}"},
		{"2.39.5", true, "git-version warning git GitVersion{Version:2.39.5 TooOld:false PassesReturns:true}"},
	} {
		var r report
		r.checkGit(test.version, func() bool { return test.returns })
		expect(t, test.version, r.findings, test.want)
	}
	for _, test := range []struct {
		variables map[string]string
		config    string
		want      string
	}{
		{nil, "", ""},
		{map[string]string{"GIT_TRACE_REDACT": "False"}, "", "trace warning GIT_TRACE_REDACT TraceShowsTokens{}"},
		{map[string]string{"GIT_TRACE_REDACT": "1"}, "", ""},
		{map[string]string{"GIT_ASKPASS": "a"}, "core.askpass=b", "askpass warning GIT_ASKPASS AskPass{By:GIT_ASKPASS Program:a}"},
		{map[string]string{"GIT_ASKPASS": ""}, "core.askpass=b", "askpass warning core.askPass AskPass{By:core.askPass Program:b}"},
	} {
		var r report
		r.checkEnvironment(func(name string) (string, bool) { value, ok := test.variables[name]; return value, ok }, settings(test.config))
		expect(t, fmt.Sprint(test.variables), r.findings, test.want)
	}
}
