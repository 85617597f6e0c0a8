package doctor

import (
	"slices"

	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
	"github.com/git-credential-pat/git-credential-pat/credential"
)

// A Fix is a change to Git's configuration that solves a problem.
type Fix struct {
	Kind FixKind

	Hosts []string // to set up

	File    string // to change; empty for the configuration of the repository
	Key     string // of the values to remove
	Pattern string // that matches them
}

// A FixKind is what a Fix does.
type FixKind int

// The kinds of a Fix. The comments name the fields that are set.
const (
	SetUp      FixKind = iota + 1 // run setup: Hosts
	SetUpAfter                    // run setup so that its settings come after another one: Hosts
	Unset                         // remove values: File, Key, Pattern
	Edit                          // remove the setting by hand, since it may hold a secret: File
	Outside                       // change the command line or the environment
)

// setUp is the Fix that sets a host up.
func setUp(host string) *Fix {
	hosts := []string{credential.GitHubHost, credential.GistHost}
	if !slices.Contains(hosts, host) {
		hosts = []string{host}
	}
	return &Fix{Kind: SetUp, Hosts: hosts}
}

// remove is the Fix that removes the values of a setting that match a pattern.
func remove(s git.Setting, pattern string) *Fix {
	fix := edit(s)
	if fix.Kind == Edit && !git.HoldsSecret(s.Key) && !(credential.Request{Username: s.Value}).TokenForName() {
		fix.Kind, fix.Key, fix.Pattern = Unset, s.Key, pattern
	}
	return fix
}

// edit is the Fix that opens the file of a setting.
func edit(s git.Setting) *Fix {
	file, ok := s.File()
	if !ok {
		return &Fix{Kind: Outside}
	}
	if !git.IsAbs(file) {
		file = ""
	}
	return &Fix{Kind: Edit, File: file}
}

// ofRepository reports whether a setting is in the configuration of the repository,
// which Git reads after the person's own.
func ofRepository(s git.Setting) bool {
	file, inFile := s.File()
	return s.Scope == "local" || s.Scope == "worktree" || inFile && !git.IsAbs(file)
}

// fileOf returns the file of a setting, or nothing.
func fileOf(s git.Setting) string {
	if file, ok := s.File(); ok {
		return file
	}
	return ""
}
