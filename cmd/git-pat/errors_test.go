package main

import (
	"bytes"
	"testing"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/term"
)

// Several errors are joined by newlines; a message is one line.
func TestExit(t *testing.T) {
	var errOut bytes.Buffer
	status := exit(&term.Terminal{Err: &errOut}, &hintError{text: "one\ntwo", hint: "do:", commands: []string{"a\nb"}})
	if want := "git pat: one two\nhint: do:\nhint:   a\\nb\n"; status != exitCannot || errOut.String() != want {
		t.Errorf("got %d and %q, want %q", status, &errOut, want)
	}
}
