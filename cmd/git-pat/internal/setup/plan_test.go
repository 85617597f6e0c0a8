package setup

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
)

// The two files that are the person's own, and the one that is ours.
const (
	first, other = "/home/.gitconfig", "/home/.config/git/config"
	ownFile      = "/home/data/gitconfig"
	program      = "/usr/bin/git-credential-pat"
)

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

// block is what our file, or one that is made elsewhere, has for a host.
func block(host, line string) []string {
	return []string{
		"credential.https://" + host + ".helper=",
		"credential.https://" + host + ".helper=" + line,
		"credential.https://" + host + ".usehttppath=true",
		"credential.ssh://" + host + ".helper=" + line,
		"credential.http://" + host + ".helper=" + line,
	}
}

// own is what setup writes into our file for one host.
func own(host, line string, more ...string) []string {
	return slices.Concat([]string{"git-pat.wrote=" + host}, block(host, line), more)
}

func TestPlan(t *testing.T) {
	const host = "ghes.example"
	const https = "credential.https://ghes.example"
	const include = "include.path=" + ownFile
	const addInclude, addPath = "--global --add include.path " + ownFile, "--global --add " + https + ".useHttpPath true"
	const dropInclude, dropPath = "--global --unset include.path '^/home/data/gitconfig$'", "--global --unset " + https + ".useHttpPath '^true$'"
	const pushBase = "url.https://git-push@ghes.example:443/"
	oldPush := "url.https://git-push@" + host + "/.pushinsteadof=https://" + host + "/"
	mine := []string{include, https + ".usehttppath=true"} // after setup
	pushes := []string{pushBase + ".pushinsteadof=https://ghes.example/", pushBase + ".pushinsteadof=https://ghes.example:443/"}
	fresh := []string{addInclude, addPath}
	dropOld := func(pattern string) []string {
		return []string{
			"--global --unset " + https + ".helper '^$'",
			"--global --unset " + https + ".helper " + pattern,
			"--global --unset credential.ssh://ghes.example.helper " + pattern,
			"--global --unset credential.http://ghes.example.helper " + pattern,
		}
	}
	const pat = "'^pat$'"
	const azure, acme = "dev.azure.com", "acme.visualstudio.com"
	azureOwn := own(azure, program, block("*.visualstudio.com", program)...)
	azureMine := []string{include, "credential.https://" + azure + ".usehttppath=true"}
	azurePath := []string{addInclude, "--global --add credential.https://" + azure + ".useHttpPath true"}
	azureDrop := []string{"--global --unset credential.https://" + azure + ".useHttpPath '^true$'", dropInclude}
	var azurePushes []string
	for _, host := range []string{azure, acme} {
		base := "url.https://git-push@" + host + ":443/.pushinsteadof=https://" + host
		azurePushes = append(azurePushes, base+"/", base+":443/")
	}
	for _, test := range []struct {
		name         string
		want         Want     // for the host
		first, other []string // what stands in the files
		own          []string // and in ours, which the first one includes
		system       []string // and in that of the system
		environment  []string // and what is given by GIT_CONFIG_COUNT
		unwritable   []string
		alone        bool // there is no other file

		commands []string
		ours     []string // what is to stand in our file; "same" for no change, nothing for no file
		inEffect bool
		origin   string
		instead  bool
		nowhere  int // files, none of which can be written
	}{
		{name: "fresh", commands: fresh, ours: own(host, program)},
		{name: "fresh, one file", alone: true, commands: fresh, ours: own(host, program)},
		{name: "there already", first: mine, own: own(host, program), ours: []string{"same"}},
		{name: "included by a path from home", first: []string{"include.path=~/data/gitconfig", mine[1]}, own: own(host, program), ours: []string{"same"}},
		{name: "included by the other file", first: mine[1:], other: mine[:1], own: own(host, program), ours: []string{"same"}},
		{name: "our file is missing", first: mine, ours: own(host, program)[1:]},
		{name: "our file was changed by hand", first: mine, own: own(host, program)[:4], ours: own(host, program)},
		{name: "the program is elsewhere", first: mine, own: own(host, "/old/git-credential-pat --save=any"), ours: own(host, program+" --save=any")},
		{name: "the include is missing", first: mine[1:], own: own(host, program), commands: fresh[:1], ours: []string{"same"}},
		{name: "useHttpPath is missing", first: mine[:1], own: own(host, program)[1:], commands: fresh[1:], ours: own(host, program)},
		{name: "their useHttpPath is enough", first: mine[1:], commands: fresh[:1], ours: block(host, program)},
		{name: "their useHttpPath=false is overruled", first: []string{https + ".usehttppath=false"}, commands: fresh, ours: own(host, program)},
		{name: "behind other includes", first: []string{"include.path=work"}, commands: []string{"--global --add git-pat.path " + ownFile, "--global --rename-section git-pat include", addPath}, ours: own(host, program)},
		{name: "another host stays", first: []string{include, "credential.https://github.com.usehttppath=true"}, own: own("github.com", program+" --save=any"),
			commands: fresh[1:], ours: slices.Concat([]string{"git-pat.wrote=github.com", "git-pat.wrote=" + host}, block("github.com", program+" --save=any"), block(host, program))},
		{name: "the lines of git pat remote stay", first: mine, own: own(host, program, "url.https://ghes.example/.insteadof=git@ghes.example:"), ours: []string{"same"}},

		{name: "options", want: Want{Options: "--save=any"}, commands: fresh, ours: own(host, program+" --save=any")},
		{name: "options stay", first: mine, own: own(host, program+" --save=never"), ours: []string{"same"}},
		{name: "other options", want: Want{Options: "--save=any"}, first: mine, own: own(host, program+" --save=never"), ours: own(host, program+" --save=any")},
		{name: "a path that a shell splits", want: Want{Helper: "/my programs/git-credential-pat"}, commands: fresh, ours: own(host, "!'/my programs/git-credential-pat'")},

		{name: "an older version", first: block(host, "pat --save=any"), commands: append(fresh[:1:1], dropOld("'^pat --save=any$'")...), ours: own(host, program+" --save=any")},
		{name: "an older version, beside another helper", first: append(block(host, "pat"), https+".helper=store"), commands: append(fresh[:1:1], dropOld(pat)...), ours: own(host, program)},
		{name: "an older version, whose removal would show what others wrote", first: append([]string{https + ".helper=", https + ".helper=!echo password=x"}, block(host, "pat")[:3]...),
			commands: fresh[:1], ours: own(host, program)},
		{name: "an older version in the other file", other: block(host, "pat")[:3], commands: append(fresh[:2:2],
			"--file "+other+" --unset "+https+".helper '^$'", "--file "+other+" --unset "+https+".helper "+pat), ours: own(host, program)},

		{name: "in effect from the system", system: block(host, "pat --save=any"), inEffect: true, origin: "/etc/gitconfig"},
		{name: "in effect from the system, by a path", system: block(host, "/x/git-credential-pat"), inEffect: true, origin: "/etc/gitconfig"},
		{name: "in effect from the system, with other options", want: Want{Options: "--save=never"}, system: block(host, "pat"), commands: fresh, ours: own(host, program+" --save=never")},
		{name: "in effect from the system, and overruled", system: block(host, "pat"), first: []string{https + ".usehttppath=false"}, commands: fresh, ours: own(host, program)},
		{name: "in effect in part", system: block(host, "pat")[:3], commands: fresh, ours: own(host, program)},
		{name: "in effect from the environment", environment: block(host, "pat"), inEffect: true},
		{name: "in effect, and nothing can be written", system: block(host, "pat"), unwritable: []string{first, other}, inEffect: true, origin: "/etc/gitconfig"},
		{name: "in effect but for least privilege", want: Want{LeastPrivilege: true}, system: block(host, "pat"), commands: fresh, ours: own(host, program, pushes...)},

		{name: "the first cannot be written", unwritable: []string{first}, commands: []string{"--file " + other + " --add include.path " + ownFile, "--file " + other + " --add " + https + ".useHttpPath true"},
			ours: own(host, program), instead: true},
		{name: "the first cannot be written and has lines of an older version", unwritable: []string{first}, first: block(host, "pat"),
			commands: []string{"--file " + other + " --add include.path " + ownFile, "--file " + other + " --add " + https + ".useHttpPath true"}, ours: own(host, program), instead: true},
		{name: "neither can be written", unwritable: []string{first, other}, nowhere: 2},
		{name: "the only one cannot be written", unwritable: []string{first}, alone: true, nowhere: 1},
		{name: "there already, and nothing can be written", unwritable: []string{first, other}, first: mine, own: own(host, program), ours: []string{"same"}},

		{name: "least privilege", want: Want{LeastPrivilege: true}, first: mine, own: own(host, program), ours: own(host, program, pushes...)},
		{name: "least privilege stays without the option", first: mine, own: own(host, program, pushes...), ours: []string{"same"}},
		{name: "least privilege of an older version", first: append([]string{oldPush}, mine...), own: own(host, program), ours: own(host, program, pushes...),
			commands: []string{"--global --unset url.https://git-push@ghes.example/.pushInsteadOf '^https://ghes\\.example/$'"}},

		// dev.azure.com and the older hosts of Azure DevOps are one.
		{name: "Azure DevOps", want: Want{Hosts: []string{azure}}, commands: azurePath, ours: azureOwn},
		{name: "Azure DevOps, an older host", want: Want{Hosts: []string{acme}}, commands: azurePath, ours: azureOwn},
		{name: "Azure DevOps, there already", want: Want{Hosts: []string{acme, azure}}, first: azureMine, own: azureOwn, ours: []string{"same"}},
		{name: "Azure DevOps, an older version", want: Want{Hosts: []string{acme}}, first: append(azureMine, "credential.https://"+acme+".usehttppath=true"),
			own:  slices.Concat([]string{"git-pat.wrote=" + azure, "git-pat.wrote=" + acme}, block(azure, program), block(acme, program)),
			ours: slices.Concat([]string{"git-pat.wrote=" + azure, "git-pat.wrote=" + acme}, azureOwn[1:])},
		{name: "Azure DevOps, in effect from the system", want: Want{Hosts: []string{acme}}, system: azureOwn[1:], inEffect: true, origin: "/etc/gitconfig"},
		{name: "Azure DevOps, in effect in part", want: Want{Hosts: []string{acme}}, system: block(azure, program), commands: azurePath, ours: azureOwn},
		{name: "Azure DevOps, least privilege", want: Want{Hosts: []string{acme}, LeastPrivilege: true}, commands: append(azurePath[:2:2], "--global --add credential.https://"+acme+".useHttpPath true"),
			ours: slices.Concat([]string{"git-pat.wrote=" + azure, "git-pat.wrote=" + acme}, azureOwn[1:], block(acme, program)[:3], azurePushes)},
		{name: "Azure DevOps, undo of least privilege only", want: Want{Hosts: []string{azure}, Undo: true, LeastPrivilege: true}, first: azureMine,
			own:  slices.Concat(azureOwn, block(acme, program)[:3], azurePushes),
			ours: azureOwn},
		{name: "Azure DevOps, undo", want: Want{Hosts: []string{acme}, Undo: true}, first: azureMine, own: azureOwn, commands: azureDrop},
		{name: "Azure DevOps, undo of an older version", want: Want{Hosts: []string{azure}, Undo: true}, first: append(azureMine, "credential.https://"+acme+".usehttppath=true"),
			own:      slices.Concat([]string{"git-pat.wrote=" + azure, "git-pat.wrote=" + acme}, azureOwn[1:]),
			commands: []string{azureDrop[0], "--global --unset credential.https://" + acme + ".useHttpPath '^true$'", azureDrop[1]}},

		{name: "undo", want: Want{Undo: true}, first: mine, own: own(host, program), commands: []string{dropPath, dropInclude}},
		{name: "undo of nothing", want: Want{Undo: true}, first: mine[1:], ours: []string{"same"}},
		{name: "undo, their useHttpPath stays", want: Want{Undo: true}, first: mine, own: block(host, program), commands: []string{dropInclude}},
		{name: "undo, another host stays", want: Want{Undo: true}, first: mine, own: append(own(host, program), block("github.com", program)...), commands: []string{dropPath},
			ours: block("github.com", program)},
		{name: "undo of all", want: Want{Undo: true, Hosts: []string{}}, first: mine, own: slices.Concat(own(host, program), block("github.com", program), []string{"url.https://x/.insteadof=git@x:"}),
			commands: []string{dropPath, dropInclude}},
		{name: "undo of all, an older version", want: Want{Undo: true, Hosts: []string{}}, first: append(block(host, "pat --save=any"), oldPush),
			commands: slices.Concat([]string{"--global --unset url.https://git-push@ghes.example/.pushInsteadOf '^https://ghes\\.example/$'"}, dropOld("'^pat --save=any$'"), []string{dropPath}), ours: []string{"same"}},
		{name: "undo, an older version, a port", want: Want{Undo: true, Hosts: []string{"h.example:8443"}}, first: []string{"credential.ssh://h.example.helper=pat"},
			commands: []string{"--global --unset credential.ssh://h.example.helper " + pat}, ours: []string{"same"}},
		{name: "undo, the helper by a path stays", want: Want{Undo: true}, first: []string{https + ".helper=/usr/bin/git-credential-pat"}, ours: []string{"same"}},
		{name: "undo, not of the system", want: Want{Undo: true}, system: block(host, "pat"), ours: []string{"same"}},
		{name: "undo in the other file", want: Want{Undo: true}, other: mine, own: own(host, program), commands: []string{
			"--file " + other + " --unset " + https + ".useHttpPath '^true$'", "--file " + other + " --unset include.path '^/home/data/gitconfig$'"}},
		{name: "undo of least privilege only", want: Want{Undo: true, LeastPrivilege: true}, first: mine, own: own(host, program, pushes...), ours: own(host, program)},
		{name: "undo is not tried before", want: Want{Undo: true}, first: mine, own: own(host, program), unwritable: []string{first, other}, commands: []string{dropPath, dropInclude}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.want.Hosts == nil {
				test.want.Hosts = []string{host}
			}
			if test.want.Helper == "" {
				test.want.Helper = program
			}
			from := sources{
				files: []File{{first, true}, {other, false}},
				all: func() (git.Config, error) {
					return all(test.system, test.other, test.first, test.own, test.environment), nil
				},
				writable: func(f File) (bool, error) { return !slices.Contains(test.unwritable, f.Path), nil },
				read: func(f File) (git.Config, error) {
					return map[string]git.Config{first: config("file:"+first, test.first...), other: config("file:"+other, test.other...)}[f.Path], nil
				},
				ownPath: ownFile, own: config("file:"+ownFile, test.own...), home: "/home",
			}
			from.ownText = textOf(test.own)
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
			switch {
			case plan.Own == nil:
				if !test.inEffect && !slices.Equal(test.ours, []string{"same"}) {
					t.Errorf("our file does not change, want\n%s", textOf(test.ours))
				}
			case plan.Own.Text != textOf(test.ours):
				t.Errorf("our file: got\n%s\nwant\n%s", plan.Own.Text, textOf(test.ours))
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

// all is the configuration as Git reads it. The first file includes ours at its
// end.
func all(system, otherLines, firstLines, own, environment []string) git.Config {
	if !slices.Contains(firstLines, "include.path="+ownFile) {
		own = nil
	}
	return slices.Concat(config("file:/etc/gitconfig", system...), config("file:"+other, otherLines...), config("file:"+first, firstLines...),
		config("file:"+ownFile, own...), config("command line:", environment...))
}

// textOf is the file of our own with these settings.
func textOf(lines []string) string {
	if len(lines) == 0 {
		return ""
	}
	var entries []entry
	for _, s := range config("", lines...) {
		i, j := strings.IndexByte(s.Key, '.'), strings.LastIndexByte(s.Key, '.')
		name := s.Key[j+1:]
		for _, written := range []string{"useHttpPath", "insteadOf", "pushInsteadOf"} {
			if strings.EqualFold(name, written) {
				name = written
			}
		}
		entries = append(entries, entry{s.Key[:i], s.Section(), name, s.Value})
	}
	return header + format(entries)
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
		{"all settings", Want{}, sources{all: func() (git.Config, error) { return nil, broken }}},
		{"whether a file can be written", Want{}, sources{writable: func(File) (bool, error) { return false, broken }}},
	} {
		from := test.from
		from.files = []File{{first, true}, {other, false}}
		if from.read == nil {
			from.read = func(File) (git.Config, error) { return nil, nil }
		}
		if from.all == nil {
			from.all = func() (git.Config, error) { return nil, nil }
		}
		if from.writable == nil {
			from.writable = func(File) (bool, error) { return true, nil }
		}
		test.want.Hosts = []string{"github.com"}
		if plan, err := test.want.plan(from); err != broken || !plan.Empty() {
			t.Errorf("%s: got %v and %d changes, want %v", test.name, err, len(plan.Changes), broken)
		}
	}
}

func TestPushRules(t *testing.T) {
	const base = "https://git-push@github.com:443/"
	usual := []string{base + " https://github.com/", base + " https://github.com:443/"}
	for _, test := range []struct {
		name   string
		config []string
		want   []string
	}{
		{"nothing else", nil, usual},
		{"SSH that becomes https", []string{"url.https://github.com/.insteadof=git@github.com:"}, append([]string{base + " git@github.com:"}, usual...)},
		{"a short name", []string{"url.https://github.com/.insteadof=gh:"}, append([]string{base + " gh:"}, usual...)},
		{"a short name without a slash", []string{"url.https://github.com.insteadof=gh:"}, append([]string{"https://git-push@github.com:443 gh:"}, usual...)},
		{"a short name of an owner", []string{"url.https://github.com/acme/.insteadof=work:"}, append(usual[:2:2], base+"acme/ work:")},
		{"http", []string{"url.https://github.com/.insteadof=http://github.com/"}, append([]string{base + " http://github.com/"}, usual...)},
		{"a port that is the usual one", []string{"url.https://github.com/.insteadof=https://github.com:443/"}, []string{base + " https://github.com:443/", base + " https://github.com/"}},
		{"an old name of an owner", []string{"url.https://github.com/new/.insteadof=https://github.com/old/"}, append(usual[:2:2], base+"new/ https://github.com/old/")},
		{"a mirror of one owner", []string{"url.git@mirror.example:.insteadof=https://github.com/acme/"}, append([]string{"git@mirror.example: https://github.com/acme/"}, usual...)},
		{"all by SSH", []string{"url.git@github.com:.insteadof=https://github.com/"}, []string{"git@github.com: https://github.com/", base + " https://github.com:443/"}},
		{"another host", []string{"url.https://gist.github.com/.insteadof=gist:"}, usual},
		{"a user name", []string{"url.https://alice@github.com/.insteadof=gh:"}, usual},
		{"a mirror with the usual user name", []string{"url.ssh://git@mirror.example/.insteadof=https://github.com/acme/"}, append([]string{"ssh://git@mirror.example/ https://github.com/acme/"}, usual...)},
		{"a user name that may be a token", []string{"url.https://0123@mirror.example/.insteadof=https://github.com/acme/"}, usual},
		{"a password", []string{"url.https://alice:" + "x@github.com/.insteadof=https://github.com/acme/"}, usual},
	} {
		var got []string
		for _, r := range pushRules(config("", test.config...), "github.com") {
			got = append(got, r.base+" "+r.value)
		}
		slices.Sort(got)
		slices.Sort(test.want)
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
	if got := pushRules(nil, "h.example:8443"); len(got) != 1 || got[0] != (rule{"https://git-push@h.example:8443/", "https://h.example:8443/"}) {
		t.Errorf("a port: got %q", got)
	}
}
