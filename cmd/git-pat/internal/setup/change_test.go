package setup

import (
	"errors"
	"strings"
	"testing"

	"github.com/git-credential-pat/git-credential-pat/credential"
)

// shell returns the arguments of a command as a shell reads them.
func shell(args []string) string {
	var words []string
	for _, arg := range args {
		words = append(words, credential.ShellWord(arg))
	}
	return strings.Join(words, " ")
}

func TestCommands(t *testing.T) {
	const key = "credential.https://github.com.helper"
	for _, test := range []struct {
		name      string
		old, want []string
		commands  string
	}{
		{"nothing to do", []string{"pat"}, []string{"pat"}, ""},
		{"fresh", nil, []string{"", "pat"}, "config --global --add " + key + " '';config --global --add " + key + " pat;"},
		{"after another", []string{"store"}, []string{"store", "", "pat"}, "config --global --add " + key + " '';config --global --add " + key + " pat;"},
		{"taken out of others", []string{"store", "", "pat"}, []string{"store"},
			"config --global --unset " + key + " '^$';config --global --unset " + key + " '^pat$';"},
		{"one of two equal ones", []string{"", "!gh auth git-credential", "", "pat"}, []string{"", "!gh auth git-credential"},
			"config --global --unset-all " + key + ";config --global --add " + key + " '';config --global --add " + key + " '!gh auth git-credential';"},
		{"letters that patterns have", []string{`!f() { a|b; }; f`, "pat --store='git:x [y]'"}, []string{`!f() { a|b; }; f`},
			`config --global --unset ` + key + ` '^pat --store='\''git:x \[y\]'\''$';`},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := ""
			for _, command := range (Change{File: File{Global: true}, Key: key, Old: test.old, Want: test.want}).Commands() {
				got += shell(command) + ";"
			}
			if got != test.commands {
				t.Errorf("got\n%s\nwant\n%s", got, test.commands)
			}
		})
	}
}

// A value of others is in no command if it may be a password.
func TestWritesOthers(t *testing.T) {
	const key = "credential.https://github.com.helper"
	secret := "https://alice:" + "opaque@example.com"
	for _, test := range []struct {
		name      string
		old, want []string
		others    bool
	}{
		{"beside theirs", []string{"!f() { echo password=x; }; f"}, []string{"!f() { echo password=x; }; f", "", "pat"}, false},
		{"taken out beside theirs", []string{"store --file=x", "", "pat"}, []string{"store --file=x"}, false},
		{"theirs again, with arguments", []string{"", "!echo password=x", "", "pat"}, []string{"", "!echo password=x"}, true},
		{"theirs again, a URL", []string{"", secret, "", "pat"}, []string{"", secret}, true},
		{"theirs again, a name", []string{"", "store", "", "pat"}, []string{"", "store"}, false},
		{"theirs again, gh", []string{"", "!/usr/bin/gh auth git-credential", "", "pat"}, []string{"", "!/usr/bin/gh auth git-credential"}, false},
		{"theirs again, what begins like gh", []string{"", "!gh auth git-credential --x", "", "pat"}, []string{"", "!gh auth git-credential --x"}, true},
		{"theirs found by a pattern", []string{"!echo password=x", "pat"}, []string{"pat"}, true},
		{"ours again", []string{"", "pat --save=any", "", "pat --save=any"}, []string{"", "pat --save=any"}, false},
	} {
		change := Change{File: File{Global: true}, Key: key, Old: test.old, Want: test.want}
		commands, err := Commands([]Change{{File: File{Global: true}, Key: "a.b", Want: []string{"c"}}, change})
		var others *OthersError
		if got := errors.As(err, &others); got != test.others {
			t.Errorf("%s: got %v, want %v", test.name, err, test.others)
		}
		switch {
		case test.others && (commands != nil || others.Change.Key != key):
			t.Errorf("%s: got %q, for %s", test.name, commands, others.Change.Key)
		case !test.others && len(commands) < 2:
			t.Errorf("%s: got only %q", test.name, commands)
		}
	}
	path := "/home/a person/git-pat/gitconfig"
	if commands, err := Commands([]Change{{File: File{Global: true}, Key: includePath, Old: []string{path}}}); err != nil || len(commands) != 1 {
		t.Errorf("a path with a space: got %q and %v", commands, err)
	}
}
