package setup

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
)

// The two files that are the person's own.
const first, other = "/home/.gitconfig", "/home/.config/git/config"

// config is what stands in a file, given as lines KEY=VALUE with keys as Git prints
// them.
func config(origin string, lines ...string) git.Config {
	var c git.Config
	for _, line := range lines {
		key, value, _ := strings.Cut(line, "=")
		c = append(c, git.Setting{Key: key, Value: value, Origin: origin})
	}
	return c
}

// block is what setup writes for a host.
func block(host, line string) []string {
	return []string{
		"credential.https://" + host + ".helper=",
		"credential.https://" + host + ".helper=" + line,
		"credential.https://" + host + ".usehttppath=true",
		"credential.ssh://" + host + ".helper=" + line,
		"credential.http://" + host + ".helper=" + line,
	}
}

func TestPlan(t *testing.T) {
	const host = "ghes.example"
	const https, ssh, http = "credential.https://ghes.example", "credential.ssh://ghes.example", "credential.http://ghes.example"
	push := "url.https://git-push@" + host + "/.pushInsteadOf"
	pushLine := "url.https://git-push@" + host + "/.pushinsteadof=https://" + host + "/"
	theirs := []string{https + ".helper=store", https + ".usehttppath=true"}
	fresh := func(option, line string) []string {
		return []string{
			option + " --add " + https + ".helper ''",
			option + " --add " + https + ".helper " + line,
			option + " --add " + https + ".useHttpPath true",
			option + " --add " + ssh + ".helper " + line,
			option + " --add " + http + ".helper " + line,
		}
	}
	undo := func(option, pattern string) []string {
		return []string{
			option + " --unset " + https + ".helper '^$'",
			option + " --unset " + https + ".helper " + pattern,
			option + " --unset " + https + ".useHttpPath '^true$'",
			option + " --unset " + ssh + ".helper " + pattern,
			option + " --unset " + http + ".helper " + pattern,
		}
	}
	ours := "'^pat$'"
	const global, file = "--global", "--file " + other
	for _, test := range []struct {
		name         string
		want         Want     // for the host
		first, other []string // what stands in the files
		system       []string // and in that of the system
		environment  []string // and what is given by GIT_CONFIG_COUNT
		unwritable   []string
		alone        bool // there is no other file

		commands []string
		inEffect bool
		origin   string
		instead  bool
		nowhere  int // files, none of which can be written
	}{
		{name: "fresh", commands: fresh(global, "pat")},
		{name: "fresh, one file", alone: true, commands: fresh(global, "pat")},
		{name: "there already", first: block(host, "pat")},
		{name: "a setting is missing", first: slices.Delete(block(host, "pat"), 3, 4), commands: []string{global + " --add " + ssh + ".helper pat"}},
		{name: "another host", first: block("github.com", "pat"), commands: fresh(global, "pat")},
		{name: "the helper of another program stays", first: []string{https + ".helper=store", "credential.helper=cache"}, commands: fresh(global, "pat")},
		{name: "their useHttpPath is enough", first: theirs,
			commands: slices.Delete(fresh(global, "pat"), 2, 3)},
		{name: "their useHttpPath=false is overruled", first: []string{https + ".usehttppath=false"}, commands: fresh(global, "pat")},
		{name: "another helper that came after stays after", first: append(block(host, "pat"), https+".helper=store")},

		{name: "options", want: Want{Options: "--save=any"}, commands: fresh(global, "'pat --save=any'")},
		{name: "options stay", first: block(host, "pat --save=never")},
		{name: "options of each setting stay", first: append(block(host, "pat --save=never")[:3], ssh+".helper=pat"),
			commands: []string{global + " --add " + http + ".helper pat"}},
		{name: "other options", want: Want{Options: "--save=any"}, first: block(host, "pat"), commands: []string{
			global + " " + https + ".helper 'pat --save=any' '^pat$'",
			global + " " + ssh + ".helper 'pat --save=any' '^pat$'",
			global + " " + http + ".helper 'pat --save=any' '^pat$'",
		}},

		{name: "a port", want: Want{Hosts: []string{"ghes.example:8443"}}, commands: []string{
			global + " --add credential.https://ghes.example:8443.helper ''",
			global + " --add credential.https://ghes.example:8443.helper pat",
			global + " --add credential.https://ghes.example:8443.useHttpPath true",
			global + " --add credential.ssh://ghes.example:8443.helper pat",
			global + " --add credential.http://ghes.example:8443.helper pat",
			global + " --add credential.ssh://ghes.example.helper pat",
		}},
		{name: "two hosts, one there already", want: Want{Hosts: []string{"github.com", host}}, first: block("github.com", "pat"), commands: fresh(global, "pat")},

		{name: "in effect from the system", system: block(host, "pat --save=any"), inEffect: true, origin: "/etc/gitconfig"},
		{name: "in effect from the system, with other options", want: Want{Options: "--save=never"}, system: block(host, "pat"), commands: fresh(global, "'pat --save=never'")},
		{name: "in effect from the system, and shut out", system: block(host, "pat"), first: []string{https + ".usehttppath=false"}, commands: fresh(global, "pat")},
		{name: "in effect in part", system: block(host, "pat")[:3], commands: fresh(global, "pat")},
		{name: "in effect from the other file", other: block(host, "pat"), inEffect: true, origin: other},
		{name: "in effect from the environment", environment: block(host, "pat"), inEffect: true},
		{name: "in effect, the last from the environment", system: block(host, "pat")[:4], environment: block(host, "pat")[4:], inEffect: true},
		{name: "in effect for one host of two", want: Want{Hosts: []string{host, "github.com"}}, system: block("github.com", "pat"),
			commands: append(fresh(global, "pat"), commandsFor("github.com", fresh(global, "pat"))...)},
		{name: "in effect, and nothing can be written", system: block(host, "pat"), unwritable: []string{first, other}, inEffect: true, origin: "/etc/gitconfig"},

		{name: "the first cannot be written", unwritable: []string{first}, commands: fresh(file, "pat"), instead: true},
		{name: "the first cannot be written, a part is in the other", unwritable: []string{first}, other: block(host, "pat")[:3],
			commands: fresh(file, "pat")[3:], instead: true},
		{name: "the first cannot be written and overrules the other", unwritable: []string{first}, first: []string{https + ".usehttppath=false"}, other: block(host, "pat"), instead: true},
		{name: "neither can be written", unwritable: []string{first, other}, nowhere: 2},
		{name: "the only one cannot be written", unwritable: []string{first}, alone: true, nowhere: 1},
		{name: "there already, and nothing can be written", unwritable: []string{first, other}, first: block(host, "pat")},

		{name: "least privilege", want: Want{LeastPrivilege: true}, first: block(host, "pat"), commands: []string{global + " --add " + push + " https://" + host + "/"}},
		{name: "least privilege stays without the option", first: append(block(host, "pat"), pushLine)},
		{name: "least privilege beside their rule", want: Want{LeastPrivilege: true}, first: append(block(host, "pat"), "url.https://git-push@"+host+"/.pushinsteadof=gh:"),
			commands: []string{global + " --add " + push + " https://" + host + "/"}},

		{name: "undo", want: Want{Undo: true}, first: block(host, "pat"), commands: undo(global, ours)},
		{name: "undo of nothing", want: Want{Undo: true}, first: theirs},
		{name: "undo with options", want: Want{Undo: true}, first: block(host, "pat --save=any"), commands: undo(global, "'^pat --save=any$'")},
		{name: "undo, their useHttpPath stays", want: Want{Undo: true}, first: append(slices.Clone(theirs), slices.Delete(block(host, "pat"), 2, 3)...),
			commands: slices.Delete(undo(global, ours), 2, 3)},
		{name: "undo, another helper stays", want: Want{Undo: true}, first: append(block(host, "pat"), https+".helper=store"), commands: undo(global, ours)},
		{name: "undo, the helper by a path stays", want: Want{Undo: true}, first: []string{https + ".helper=/usr/bin/git-credential-pat"}},
		{name: "undo in both files", want: Want{Undo: true}, first: block(host, "pat"), other: block(host, "pat"),
			commands: append(undo(global, ours), undo(file, ours)...)},
		{name: "undo, not of the system", want: Want{Undo: true}, system: block(host, "pat")},
		{name: "undo takes least privilege too", want: Want{Undo: true}, first: append(block(host, "pat"), pushLine),
			commands: append(undo(global, ours), global+" --unset "+push+" '^https://ghes\\.example/$'")},
		{name: "undo of least privilege only", want: Want{Undo: true, LeastPrivilege: true}, first: append(block(host, "pat"), pushLine),
			commands: []string{global + " --unset " + push + " '^https://ghes\\.example/$'"}},
		{name: "undo of least privilege, their rule stays", want: Want{Undo: true, LeastPrivilege: true}, first: []string{"url.https://git-push@" + host + "/.pushinsteadof=gh:"}},
		{name: "undo is not tried before", want: Want{Undo: true}, first: block(host, "pat"), unwritable: []string{first, other}, commands: undo(global, ours)},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.want.Hosts == nil {
				test.want.Hosts = []string{host}
			}
			has := map[string]git.Config{first: config("file:"+first, test.first...), other: config("file:"+other, test.other...)}
			from := sources{
				files: []File{{first, true}, {other, false}},
				read:  func(f File) (git.Config, error) { return has[f.Path], nil },
				own: func() (git.Config, error) {
					system := config("file:/etc/gitconfig", test.system...)
					return slices.Concat(system, has[other], has[first], config("command line:", test.environment...)), nil
				},
				writable: func(f File) (bool, error) { return !slices.Contains(test.unwritable, f.Path), nil },
			}
			if test.alone {
				from.files = from.files[:1]
			}
			plan, err := test.want.plan(from)
			var unwritable *UnwritableError
			if errors.As(err, &unwritable) {
				if len(unwritable.Files) != test.nowhere {
					t.Errorf("got %v, with %d files, want %d", err, len(unwritable.Files), test.nowhere)
				}
				return
			}
			if err != nil || test.nowhere > 0 {
				t.Fatalf("got %v, want an error of %d files", err, test.nowhere)
			}
			commands, err := Commands(plan.Changes)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, args := range commands {
				got = append(got, strings.TrimPrefix(shell(args), "config "))
			}
			if !slices.Equal(got, test.commands) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(test.commands, "\n"))
			}
			if plan.InEffect != test.inEffect || plan.Origin != test.origin {
				t.Errorf("in effect: got %v, %q, want %v, %q", plan.InEffect, plan.Origin, test.inEffect, test.origin)
			}
			if got := plan.Instead != nil && plan.Instead.Path == other && plan.Unwritable.Path == first; got != test.instead || !got && plan.Instead != nil {
				t.Errorf("instead: got %v, want %v", plan.Instead, test.instead)
			}
		})
	}
}

// commandsFor are those of ghes.example for another host.
func commandsFor(host string, commands []string) []string {
	var list []string
	for _, command := range commands {
		list = append(list, strings.ReplaceAll(command, "ghes.example", host))
	}
	return list
}

// What cannot be read is not taken for empty.
func TestPlanErrors(t *testing.T) {
	broken := errors.New("broken")
	for _, test := range []struct {
		name string
		want Want
		from sources // what fails
	}{
		{"the first file", Want{}, sources{read: func(File) (git.Config, error) { return nil, broken }}},
		{"the other file", Want{Undo: true}, sources{read: func(f File) (git.Config, error) {
			if f.Global {
				return nil, nil
			}
			return nil, broken
		}}},
		{"all settings", Want{}, sources{own: func() (git.Config, error) { return nil, broken }}},
		{"whether a file can be written", Want{}, sources{writable: func(File) (bool, error) { return false, broken }}},
	} {
		from := test.from
		from.files = []File{{first, true}, {other, false}}
		if from.read == nil {
			from.read = func(File) (git.Config, error) { return nil, nil }
		}
		if from.own == nil {
			from.own = func() (git.Config, error) { return nil, nil }
		}
		if from.writable == nil {
			from.writable = func(File) (bool, error) { return true, nil }
		}
		test.want.Hosts = []string{"github.com"}
		if plan, err := test.want.plan(from); err != broken || len(plan.Changes) > 0 {
			t.Errorf("%s: got %v and %d changes, want %v", test.name, err, len(plan.Changes), broken)
		}
	}
}
