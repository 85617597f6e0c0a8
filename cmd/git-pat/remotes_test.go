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
