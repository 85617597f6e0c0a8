package main

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/term"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/words"
)

// Wrong arguments are named in our words, and not in those of kong's parser.
func TestUsage(t *testing.T) {
	t.Setenv("GIT_PAT_DIR", t.TempDir())
	for _, test := range []struct{ args, want, usage, help string }{
		{"-x", `there is no option "-x"`, "git pat <command> [<options>]", "git pat help"},
		{"--frobnicate list", `there is no option "--frobnicate"`, "git pat <command> [<options>]", "git pat help"},
		{"list --jsn", `there is no option "--jsn", did you mean "--json"?`, "git pat list [<options>] [TARGET]", "git pat help list"},
		{"add a --expire=x", `there is no option "--expire", did you mean "--expires"?`, "git pat add [<options>] TARGET...", "git pat help add"},
		{"remove acme -yx", `there is no option "-yx"`, "git pat remove [<options>] TARGET...", "git pat help remove"},
		{"list a b", `"b" is one argument too many`, "git pat list [<options>] [TARGET]", "git pat help list"},
		{"list --json=perhaps", `--json takes no value`, "git pat list [<options>] [TARGET]", "git pat help list"},
		{"add", `TARGET is missing`, "git pat add [<options>] TARGET...", "git pat help add"},
		{"add --name n", `TARGET is missing`, "git pat add [<options>] TARGET...", "git pat help add"},
		{"remove -y", `TARGET is missing`, "git pat remove [<options>] TARGET...", "git pat help remove"},
		{"add a --name", `--name needs a value`, "git pat add [<options>] TARGET...", "git pat help add"},
		{"add a --name --with-token", `--name needs a value`, "git pat add [<options>] TARGET...", "git pat help add"},
		{"add a --expires --", `--expires needs a value`, "git pat add [<options>] TARGET...", "git pat help add"},
		{"exec --env", `--env needs a value`, "git pat exec [<options>] COMMAND...", "git pat help exec"},
		{"setup --save", `--save needs a value`, "git pat setup [<options>] [HOST...]", "git pat help setup"},
		{"setup --save=some", `--save: must be tokens, any or never`, "git pat setup [<options>] [HOST...]", "git pat help setup"},
		{"setup --save some", `--save: must be tokens, any or never`, "git pat setup [<options>] [HOST...]", "git pat help setup"},
		{"version now", `"now" is one argument too many`, "git pat version", "git pat help version"},
		{"remove acme --name a --name b -y", "--name was given twice, but has one value", "git pat remove [<options>] TARGET...", "git pat help remove"},
		{"add acme --store=file --with-token --store=file", "--store was given twice, but has one value", "git pat add [<options>] TARGET...", "git pat help add"},
		{"verify acme --all", "name a target, or all tokens with --all", "git pat verify [<options>] [TARGET...]", "git pat help verify"},
	} {
		t.Run(test.args, func(t *testing.T) {
			var out, errOut bytes.Buffer
			status := run(t.Context(), strings.Fields(test.args), &term.Terminal{Out: &out, Err: &errOut})
			want := "git pat: " + test.want + "\nusage: " + test.usage + "\nhint: to see how to use it:\nhint:   " + test.help + "\n"
			if status != words.ExitUsage || errOut.String() != want || out.Len() > 0 {
				t.Errorf("got %d, %q, want %d, %q", status, &errOut, words.ExitUsage, want)
			}
		})
	}
}

// What may be given twice, and where it belongs to another program.
func TestNotRepeated(t *testing.T) {
	t.Setenv("GIT_PAT_DIR", t.TempDir())
	for _, args := range []string{"remove acme --yes --yes", "exec --env A --env B --for acme true", "exec --for acme -- true --for x --for y"} {
		var errOut bytes.Buffer
		run(t.Context(), strings.Fields(args), &term.Terminal{Out: &errOut, Err: &errOut})
		if strings.Contains(errOut.String(), "twice") {
			t.Errorf("%s: got %q", args, &errOut)
		}
	}
}

// A word for a command that other programs have, or a typing mistake, leads to the
// right one.
func TestNoCommand(t *testing.T) {
	for _, test := range []struct{ args, hint string }{
		{"frobnicate", "to list the commands:\n  git pat help"},
		{"acme/widgets", "to list the commands:\n  git pat help"},
		{"rm acme", "did you mean this?\n  git pat remove"},
		{"delete acme --name x", "did you mean this?\n  git pat remove"},
		{"del", "did you mean this?\n  git pat remove"},
		{"logout", "did you mean this?\n  git pat remove"},
		{"ls", "did you mean this?\n  git pat list"},
		{"status", "did you mean this?\n  git pat list"},
		{"show", "did you mean this?\n  git pat list"},
		{"login --hostname github.com", "did you mean this?\n  git pat add"},
		{"auth login", "did you mean this?\n  git pat add"},
		{"renew", "did you mean this?\n  git pat rotate"},
		{"update", "did you mean this?\n  git pat rotate"},
		{"upgrade", "did you mean this?\n  git pat rotate"},
		{"which", "did you mean this?\n  git pat explain"},
		{"mv", "did you mean this?\n  git pat move"},
		{"whoami", "did you mean this?\n  git pat verify"},
		{"config", "did you mean this?\n  git pat setup"},
		{"RM", "did you mean this?\n  git pat remove"},
		{"lst", "did you mean this?\n  git pat list"},
		{"explian", "did you mean this?\n  git pat explain"},
		{"remov", "did you mean this?\n  git pat remove"},
		{"ver", "did you mean this?\n  git pat verify\n  git pat version"},
		{"help rm", "did you mean this?\n  git pat help remove"},
		{"help lst", "did you mean this?\n  git pat help list"},
		{"rm --help", "did you mean this?\n  git pat help remove"},
	} {
		t.Run(test.args, func(t *testing.T) {
			var out, errOut bytes.Buffer
			args := strings.Fields(test.args)
			status := run(t.Context(), args, &term.Terminal{Out: &out, Err: &errOut})
			word, usage := args[0], ""
			if word == "help" {
				word, usage = args[1], "usage: git pat help [COMMAND]\n"
			}
			want := "git pat: there is no command \"" + word + "\"\n" + usage + "hint: " + strings.ReplaceAll(test.hint, "\n", "\nhint: ") + "\n"
			if status != words.ExitUsage || errOut.String() != want || out.Len() > 0 {
				t.Errorf("got %d, %q, want %d, %q", status, &errOut, words.ExitUsage, want)
			}
		})
	}
}

func TestHelp(t *testing.T) {
	t.Setenv("GIT_PAT_DIR", t.TempDir())
	for _, test := range []struct{ args, want string }{
		{"", "usage: git pat <command>"},
		{"help", "usage: git pat <command>"},
		{"-h", "usage: git pat <command>"},
		{"--help", "usage: git pat <command>"},
		{"add -h", "usage: git pat add "},
		{"add --frobnicate -h", "usage: git pat add "},
		{"help add", "usage: git pat add "},
		{"list acme --help", "usage: git pat list "},
		{"--version", "git-pat version "},
		{"version", "git-pat version "},
	} {
		t.Run(test.args, func(t *testing.T) {
			var out, errOut bytes.Buffer
			status := run(t.Context(), strings.Fields(test.args), &term.Terminal{Out: &out, Err: &errOut})
			if status != 0 || !strings.HasPrefix(out.String(), test.want) || errOut.Len() > 0 {
				t.Errorf("got %d, %.60q, %q, want %q", status, &out, &errOut, test.want)
			}
		})
	}
	// What follows -- is no option.
	var out, errOut bytes.Buffer
	status := run(t.Context(), []string{"list", "--", "-h"}, &term.Terminal{Out: &out, Err: &errOut})
	if status != 0 || out.Len() > 0 || !strings.HasPrefix(errOut.String(), "git pat: no token for github.com/-h\n") {
		t.Errorf("-h after --: got %d, %q, %q", status, &out, &errOut)
	}
}

// Each command that people see has a help text, and each text has a command.
func TestHelpTexts(t *testing.T) {
	model, err := kong.New(new(commands), kong.NoDefaultHelp())
	if err != nil {
		t.Fatal(err)
	}
	texts, err := helpTexts.ReadDir("help")
	if err != nil {
		t.Fatal(err)
	}
	var files, names []string
	for _, text := range texts {
		files = append(files, text.Name())
	}
	for _, node := range model.Model.Children {
		if !node.Hidden {
			names = append(names, node.Name+".txt")
		}
	}
	if slices.Sort(names); !slices.Equal(files, names) {
		t.Errorf("got the texts %q, want %q", files, names)
	}
}
