package main

import (
	"errors"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/tokens"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/words"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store/record"
)

// The hint for a token that could not replace another one leads to a place where it
// can be kept.
func TestNotRotated(t *testing.T) {
	kept := &tokens.Tokens{Tree: record.NewTree(filepath.Join(t.TempDir(), "git-pat")), Now: time.Now()}
	r := credential.Record{
		Target: credential.Target{Host: "github.com", Paths: []string{"acme"}}, Name: "laptop",
		Kind: credential.FineGrained, Store: "file", Added: kept.Now.UTC(),
	}
	second := r
	second.Name = "laptop-2"
	if err := errors.Join(kept.Tree.Put(r), kept.Tree.Put(second)); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		gone bool
		hint string
		want []string
	}{
		{true, "the new token is not kept; to add it:", []string{"git pat add acme --name laptop"}},
		{false, "the new token is not kept; to replace the token that is there now, or to add the new one beside it:",
			[]string{"git pat rotate acme --name laptop", "git pat add acme --name laptop-3"}},
	} {
		var e *words.Error
		err := notRotated(kept, &tokens.ChangedError{Record: r, Gone: test.gone})
		if !errors.As(err, &e) || e.Hint != test.hint || !slices.Equal(e.Commands, test.want) {
			t.Errorf("gone %v: got %+v, want %q", test.gone, err, test.want)
		}
	}
}
