package main

import (
	"bytes"
	"testing"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/term"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/tokens"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/words"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store"
)

// Several errors are joined by newlines; a message is one line.
func TestExit(t *testing.T) {
	var errOut bytes.Buffer
	status := exit(&term.Terminal{Err: &errOut}, &words.Error{Text: "one\ntwo", Hint: "do:", Commands: []string{"a\nb"}})
	if want := "git pat: one; two\nhint: do:\nhint:   a\\nb\n"; status != words.ExitFailure || errOut.String() != want {
		t.Errorf("got %d and %q, want %q", status, &errOut, want)
	}
}

// A token that a store may still write can be added again.
func TestExitLate(t *testing.T) {
	var errOut bytes.Buffer
	r := credential.Record{Target: credential.Target{Host: "github.com", Paths: []string{"acme"}}, Name: "laptop", Kind: credential.FineGrained}
	exit(&term.Terminal{Err: &errOut}, &tokens.LateError{Record: r, Err: &store.Error{Store: "keyring", What: "did not answer within 3s", Late: true}})
	want := "git pat: the store \"keyring\" did not answer within 3s; it may still store the token, so the token stays in the list\n" +
		"hint: if the token does not work later, add it again:\nhint:   git pat add acme --name laptop --replace\n"
	if errOut.String() != want {
		t.Errorf("got %q, want %q", &errOut, want)
	}
}
