package complete

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/tokens"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store/record"
)

// What the arguments are called says which words there are for them.
func TestWords(t *testing.T) {
	tree := record.NewTree(t.TempDir())
	for _, r := range []credential.Record{
		{Target: credential.Target{Host: "github.com", Paths: []string{"acme"}}, Name: "laptop", Username: "alice"},
		{Target: credential.Target{Host: "ghes.example", Paths: []string{"team"}}, Name: "ci"},
		{Target: credential.Target{Host: "ghes.example", Paths: []string{"odd"}}, Name: "a\"b"}, // cannot be typed
	} {
		r.Kind, r.Store = credential.FineGrained, "file"
		if err := tree.Put(r); err != nil {
			t.Fatal(err)
		}
	}
	var commands struct {
		Add struct {
			Target []string `arg:""`
			Store  string
		} `cmd:"" help:"Add"`
		Remove struct {
			Target []string `arg:""`
			Name   string
			Yes    bool `short:"y" help:"ask nothing"`
		} `cmd:"" help:"Remove"`
		Exec struct {
			For     string
			Command []string `arg:"" passthrough:"partial"`
		} `cmd:"" help:"Run"`
		Remote struct {
			Remote []string `arg:"" optional:""`
		} `cmd:"" help:"Change"`
		Hidden struct{} `cmd:"" hidden:""`
	}
	parser, err := kong.New(&commands, kong.NoDefaultHelp())
	if err != nil {
		t.Fatal(err)
	}
	c := Completer{
		Model:  parser.Model,
		Tokens: &tokens.Tokens{Tree: tree},
		Remotes: func(yield func(string, credential.Remote) bool) {
			yield("origin", credential.Remote{Host: "github.com", Path: "globex/tools.git"})
		},
	}
	for _, test := range []struct {
		line, want string
		passedOn   bool
	}{
		{line: "", want: "add remove exec remote"},
		{line: "re", want: "remove remote"},
		{line: "hidden "},
		{line: "remove ", want: "ghes.example/odd ghes.example/team acme"},
		{line: "remove github.com/", want: "github.com/acme"},
		{line: "remove --name ", want: "ci laptop"},
		{line: "remove acme --name=", want: "laptop"},
		{line: "remove -y -", want: "--name --help -h"},
		{line: "add g", want: "ghes.example/odd ghes.example/team github.com/acme globex globex/tools"},
		{line: "add --store k", want: "keyring"},
		{line: "remote ", want: "origin"},
		{line: "exec --for glo", want: ""},
		{line: "exec --for h", want: "https://github.com/globex/tools.git"},
		{line: "exec gh ", passedOn: true},
	} {
		words, ours := c.Words(strings.Split(test.line, " "))
		var got []string
		for _, word := range words {
			got = append(got, word.Text)
		}
		if strings.Join(got, " ") != test.want || ours == test.passedOn {
			t.Errorf("%q: got %q, %v, want %q", test.line, got, ours, test.want)
		}
	}
	if words, ours := c.Words(nil); len(words) > 0 || !ours {
		t.Errorf("for no words: got %v, %v", words, ours)
	}
}

// While somebody types, only so many records are read and words offered.
func TestLimits(t *testing.T) {
	dir := t.TempDir()
	tree := record.NewTree(dir)
	const owners = maxWords + 200
	for i := range owners { // by hand, since to have so many written to the disk takes long
		owner := fmt.Sprintf("owner-%d", i)
		in := filepath.Join(dir, "tokens", "github.com", owner, "@")
		record := "format=1\ntarget=github.com/" + owner + "\nname=alice\nusername=alice\nkind=fine-grained\nstore=file\n\n"
		if err := errors.Join(os.MkdirAll(in, 0o700), os.WriteFile(filepath.Join(in, "alice.record"), []byte(record), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	c := Completer{Tokens: &tokens.Tokens{Tree: tree}}
	for _, test := range []struct {
		what  string
		args  []string
		typed string
		want  int // words
	}{
		{"target", nil, "", maxWords},
		{"target", nil, "own", maxWords},
		{"target", nil, "github.com/", maxWords},
		{"target", nil, "owner-119", 11},
		{"target", nil, "github.com/owner-119", 11},
		{"target", nil, "owner-1199", 1},
		{"target", nil, "owner-1199/", 0},
		{"target", nil, "nobody", 0},
		{"name", nil, "", 1},
		{"name", []string{"owner-7"}, "a", 1},
		{"name", []string{"owner-7"}, "b", 0},
		{"name", []string{"nobody"}, "", 0},
		{"username", nil, "", 1},
		{"host", nil, "g", 2},
	} {
		words := c.suggest("remove", test.what, test.args, test.typed)
		if len(words) != test.want {
			t.Errorf("%s %v %q: %d words, want %d", test.what, test.args, test.typed, len(words), test.want)
		}
	}
	for typed, want := range map[string]int{"owner-119": 11, "owner-1199/x": 1, "nobody": 0, "own": owners} {
		got := 0
		for range targetsBeginning(tree, typed) {
			got++
		}
		if got != want {
			t.Errorf("%q: %d records are read, want %d", typed, got, want)
		}
	}
}
