// Package importer finds the tokens that other programs keep, and decides which
// of them git pat keeps.
//
// A Source is one place where other programs keep log-ins: the files of
// git-credential-store, netrc files, the accounts of gh, or another credential
// helper. Reading its items changes nothing. Remove takes an item out of the
// source only if the item is kept and still is what was read.
//
// A Plan decides what becomes of each item. It writes nothing before Keep, and
// Keep writes no token that would compete with another one.
//
// An item that cannot be read for sure loses its host, path, login and secret,
// since each of them may be a part of the secret.
package importer

import (
	"context"
	"time"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/protocol"
)

// A Source holds the log-ins of other programs.
type Source interface {
	// Items reads all log-ins.
	Items(ctx context.Context) ([]*Item, error)

	// Remove removes from the source those of its items that are kept. What it
	// did before an error is returned too.
	Remove(ctx context.Context, items []*Item) ([]Removal, error)
}

// An Item is one log-in of a source, and what becomes of it.
type Item struct {
	Place   string // FILE:LINE, or the URL that a helper was asked for
	Keyring bool   // the secret is not at Place, but in the keyring
	Host    string
	Path    string
	Login   string
	Secret  credential.Secret
	Expires time.Time // zero if unknown

	Kind   credential.Kind
	Target credential.Target // the item's token is imported for it
	Result Result
	Reason Reason // for which the item is left

	// An entry of a file has the line on which it begins, the parts of the file
	// that belong to it, and their text.
	file  string
	line  int
	spans [][2]int
	text  credential.Secret

	request protocol.Message // to which a helper answered
}

// A Result is what became of an item. It is 0 before that is decided.
type Result int

// What can become of an item.
const (
	Added  Result = iota + 1
	Known         // the token was kept before
	Merged        // into the token of another item
	Left
)

// Kept reports whether the token of an item is kept now.
func (e *Item) Kept() bool { return e.Result != Left }

// A Reason says why an item is left, with what else there is to know.
type Reason struct {
	Why  Why
	Name string // of a scheme, or of a helper
	Err  error  // what the keyring, GitHub or Needs.Unfit says

	// Record is the other token for Rival, and the item's own token for
	// RivalMeanwhile.
	Record credential.Record
}

// A Why is the kind of a Reason.
type Why int

// Why an item can be left. The comments name the fields of the Reason that are
// set.
const (
	NoLogin     Why = iota + 1 // not a URL with user name and password
	BadEscape                  // a % that begins no escape
	OtherScheme                // not https: Name

	ForAnyHost  // the default of a netrc file
	Macro       // macdef in a netrc file
	UnknownWord // in a netrc file
	MissingWord // in a netrc file, or the end of a quotation
	NoMachine   // in a netrc file

	KeyringFailed // Err
	NoSecret      // neither in gh's file nor in the keyring
	NoAnswer      // of the helper Name

	BadHost
	NoPassword
	BadText      // too long, control characters, or not UTF-8
	OwnPlace     // git pat keeps its own tokens there
	APIHost      // Git does not ask for GitHub's API
	Unfit        // Err
	OtherServer  // not GitHub, and Plan.All is not set
	Expired      // the item has a date, which has passed
	NoRepository // the path is not one of GitHub

	OwnerNotNamed // by a path, and GitHub is not asked
	OwnerUnknown  // GitHub could not be asked: Err
	OwnerHidden   // GitHub names no private repository
	SeveralOwners // GitHub names private repositories of several owners

	Rival          // Record, a token for the same
	RivalMeanwhile // there was none when the plan was made: Record
	NotKept        // writing failed
	Lost           // the token is not kept any more
)

// leave says why an item stays where it is.
func (e *Item) leave(r Reason) { e.Result, e.Reason = Left, r }

// malformed is leave for an item of which nothing may be shown, since any part
// of it may be the secret.
func (e *Item) malformed(r Reason) {
	e.Host, e.Path, e.Login, e.Secret = "", "", "", credential.Secret{}
	e.leave(r)
}

// A Removal is one thing that was removed from a source, or was not because it
// had changed since it was read.
type Removal struct {
	Changed bool
	Item    *Item // nil for a file as a whole

	File    string // from which entries were removed
	Entries int    // how many

	Args []string // with which gh was run
}

// A MissingError says that a source has no file.
type MissingError struct{ Paths []string }

func (e *MissingError) Error() string { return "there are no files to import from" }
