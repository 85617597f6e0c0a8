package main

import (
	"path/filepath"
	"testing"
)

func TestRemotes(t *testing.T) {
	type row struct {
		remote string
		push   bool
		url    string // as Git uses it
		raw    string // as it is written
	}
	const https = "https://github.com/acme/widgets.git"
	const ssh = "git@github.com:acme/widgets.git"
	tests := []struct {
		name, global, local string
		want                []row
	}{
		{name: "none"},
		{name: "one", local: "[remote \"origin\"]\nurl = " + https + "\n",
			want: []row{{"origin", false, https, https}, {"origin", true, https, https}}},
		{name: "two URLs", local: "[remote \"origin\"]\nurl = " + https + "\nurl = " + ssh + "\n",
			want: []row{{"origin", false, https, https}, {"origin", true, https, https}, {"origin", true, ssh, ssh}}},
		{name: "pushurl", local: "[remote \"origin\"]\nurl = " + https + "\npushurl = " + ssh + "\n",
			want: []row{{"origin", false, https, https}, {"origin", true, ssh, ssh}}},
		{name: "insteadOf", global: "[url \"git@github.com:\"]\ninsteadOf = https://github.com/\n", local: "[remote \"origin\"]\nurl = " + https + "\n",
			want: []row{{"origin", false, ssh, https}, {"origin", true, ssh, https}}},
		{name: "pushInsteadOf", global: "[url \"git@github.com:\"]\npushInsteadOf = https://github.com/\n", local: "[remote \"origin\"]\nurl = " + https + "\n",
			want: []row{{"origin", false, https, https}, {"origin", true, ssh, https}}},
		{name: "no pushInsteadOf for a pushurl", global: "[url \"git@github.com:\"]\npushInsteadOf = https://github.com/\n", local: "[remote \"origin\"]\nurl = " + https + "\npushurl = " + https + "\n",
			want: []row{{"origin", false, https, https}, {"origin", true, https, https}}},
		{name: "two URLs, pushInsteadOf for the second", global: "[url \"git@github.com:\"]\npushInsteadOf = https://github.com/\n", local: "[remote \"origin\"]\nurl = /srv/widgets\nurl = " + https + "\n",
			want: []row{{"origin", false, "/srv/widgets", "/srv/widgets"}, {"origin", true, ssh, https}}},
		{name: "included", local: "[include]\npath = more\n",
			want: []row{{"far.off", false, ssh, ssh}, {"far.off", true, ssh, ssh}}},
		{name: "of the person", global: "[remote \"mine\"]\nurl = " + https + "\n",
			want: []row{{"mine", false, https, https}, {"mine", true, https, https}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			a := ownGit(t, test.global)
			write(t, filepath.Join(".git", "config"), "[core]\nrepositoryformatversion = 0\n"+test.local)
			write(t, filepath.Join(".git", "more"), "[remote \"far.off\"]\nurl = "+ssh+"\n")
			all, err := remotes(a.ctx, "")
			if err != nil {
				t.Fatal(err)
			}
			var got []row
			for _, u := range all {
				got = append(got, row{u.Remote, u.Push, u.URL, u.Written.Value})
				if _, ok := u.Written.File(); !ok {
					t.Errorf("%s is in no file: %q", u.Remote, u.Written.Origin)
				}
			}
			if !equal(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

func TestRewritten(t *testing.T) {
	rules := []configEntry{
		{Key: "url.git@github.com:.insteadof", Value: "gh:"},
		{Key: "url.https://github.com/.insteadof", Value: "git@github.com:"},
		{Key: "url.https://ghes.example/acme/.insteadof", Value: "git@github.com:acme/"},
		{Key: "url.ssh://git@github.com/.pushinsteadof", Value: "https://github.com/"},
	}
	for _, test := range []struct {
		url  string
		push bool
		want string
		rule int // -1: none
	}{
		{"https://github.com/acme/widgets", false, "https://github.com/acme/widgets", -1},
		{"https://github.com/acme/widgets", true, "ssh://git@github.com/acme/widgets", 3},
		{"gh:acme/widgets", false, "git@github.com:acme/widgets", 0}, // one rule, and not two
		{"gh:acme/widgets", true, "git@github.com:acme/widgets", 0},
		{"git@github.com:acme/widgets", false, "https://ghes.example/acme/widgets", 2},
		{"git@github.com:acme", false, "https://github.com/acme", 1},
		{"xgh:acme", false, "xgh:acme", -1},
	} {
		got, rule := rewritten(rules, test.url, test.push)
		var want *configEntry
		if test.rule >= 0 {
			want = &rules[test.rule]
		}
		if got != test.want || rule != want {
			t.Errorf("%s, push %v: got %q by %v, want %q by %v", test.url, test.push, got, rule, test.want, want)
		}
	}
}

func TestCutUserinfo(t *testing.T) {
	for _, test := range []struct{ url, before, info, after string }{
		{"https://github.com/a", "", "", "https://github.com/a"},
		{"https://alice@github.com/a", "https://", "alice", "github.com/a"},
		{"https://alice:a@b@github.com/a", "https://", "alice:a@b", "github.com/a"},
		{"https://github.com/a@b", "", "", "https://github.com/a@b"},
		{"https://github.com?a@b", "", "", "https://github.com?a@b"},
		{"https://@github.com", "https://", "", "github.com"},
		{"git@github.com:a/b", "", "", "git@github.com:a/b"},
	} {
		before, info, after, ok := cutUserinfo(test.url)
		if before != test.before || info != test.info || after != test.after || ok != (before != "") {
			t.Errorf("%s: got %q, %q, %q and %v", test.url, before, info, after, ok)
		}
	}
}

func TestHere(t *testing.T) {
	tests := []struct {
		name, local, want string // nothing is an error
	}{
		{"none", "", ""},
		{"only one", "[remote \"up\"]\nurl = https://github.com/a/b\n", "https://github.com/a/b"},
		{"origin", "[remote \"a\"]\nurl = https://github.com/a/b\n[remote \"origin\"]\nurl = https://github.com/o/b\n", "https://github.com/o/b"},
		{"what the branch follows", "[remote \"a\"]\nurl = https://github.com/a/b\n[remote \"origin\"]\nurl = https://github.com/o/b\n[branch \"main\"]\nremote = a\n", "https://github.com/a/b"},
		{"a URL that the branch follows", "[remote \"a\"]\nurl = https://github.com/a/b\n[branch \"main\"]\nremote = https://github.com/c/d\n", "https://github.com/c/d"},
		{"a branch of here", "[remote \"a\"]\nurl = https://github.com/a/b\n[branch \"main\"]\nremote = .\n", "https://github.com/a/b"},
		{"several", "[remote \"a\"]\nurl = https://github.com/a/b\n[remote \"b\"]\nurl = https://github.com/o/b\n", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			a := ownGit(t, "")
			write(t, filepath.Join(".git", "config"), "[core]\nrepositoryformatversion = 0\n"+test.local)
			got, err := a.here(false)
			if got != test.want || (err != nil) != (test.want == "") {
				t.Errorf("got %q and %v, want %q", got, err, test.want)
			}
		})
	}
}

func TestURLOf(t *testing.T) {
	a := ownGit(t, "[url \"https://github.com/\"]\ninsteadOf = gh:\n[url \"https://git-push@github.com/\"]\npushInsteadOf = https://github.com/\n")
	write(t, filepath.Join(".git", "config"), "[core]\nrepositoryformatversion = 0\n[remote \"origin\"]\nurl = https://github.com/a/b\n")
	outside := t.TempDir()
	for _, test := range []struct {
		url        string
		push, away bool
		want       string
	}{
		{"origin", false, false, "https://github.com/a/b"},
		{"origin", true, false, "https://git-push@github.com/a/b"},
		{"gh:a/b", false, false, "https://github.com/a/b"},
		{"gh:a/b", true, true, "https://github.com/a/b"}, // as Git has it: one rule, not both
		{"https://github.com/c/d", true, false, "https://git-push@github.com/c/d"},
		{"https://github.com/c/d", true, true, "https://git-push@github.com/c/d"},
		{"https://example.com/c/d", true, true, "https://example.com/c/d"},
		{"-x", false, true, "-x"},
	} {
		if test.away {
			t.Chdir(outside)
		}
		if got, err := a.urlOf(test.url, test.push); got != test.want || err != nil {
			t.Errorf("%s, push %v: got %q and %v, want %q", test.url, test.push, got, err, test.want)
		}
	}
}
