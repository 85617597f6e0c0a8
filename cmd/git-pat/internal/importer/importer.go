// Package importer finds the tokens that other programs keep, and decides which
// of them git pat stores.
//
// A Source is a place where other programs keep credentials: the files of
// git-credential-store, netrc files, the accounts of gh, glab or tea, or another
// credential helper. Reading its items changes nothing. Remove removes an item only if its
// token is stored now and the source still has what was read.
//
// A Plan decides what happens to each item. Nothing is written before Keep, and
// Keep writes no token that competes with another one.
//
// An item that cannot be read for certain has no host, path, login and secret,
// because any of them may be a part of the secret.
package importer

import (
	"context"
	"errors"
	"time"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/credential/forge"
	"github.com/git-credential-pat/git-credential-pat/protocol"
)

// A Source holds the credentials of other programs.
type Source interface {
	// Items reads all credentials.
	Items(ctx context.Context) ([]*Item, error)

	// Remove removes the stored items from the source. After an error it returns
	// what it did before.
	Remove(ctx context.Context, items []*Item) ([]Removal, error)
}

// An Item is one credential of a source, and what happened to it.
type Item struct {
	Place   string // FILE:LINE, LOGIN@HOST of an account, or the URL that a helper was asked for
	Keyring bool   // the secret is not at Place but in the keyring
	Host    string
	Path    string
	Login   string
	Secret  credential.Secret
	Expires time.Time   // zero if unknown
	Forge   forge.Forge // whose token it is, if the source tells it

	Kind   credential.Kind
	Target credential.Target // of the item's token
	Result Result
	Reason Reason // why the item is skipped

	// For an item of a file: the line where it begins, the parts of the file that
	// belong to it, and their text.
	file  string
	line  int
	spans []span
	text  credential.Secret

	Account Account // of an item of package accounts

	request protocol.Message // that a helper answered
}

// An Account is what is known of an item's account in its program.
type Account struct {
	Keyring []KeyringItem // where the token can be if the file has none
	LogOut  []string      // the arguments of the program that remove the account
}

// A KeyringItem names a secret in the keyring of the system.
type KeyringItem struct{ Service, User string }

// A Result is what happened to an item. It is 0 until that is decided.
type Result int

// What can happen to an item.
const (
	Added  Result = iota + 1
	Known         // the token was stored before
	Merged        // with the token of another item
	Skipped
)

// Kept reports whether the token of an item is stored now.
func (e *Item) Kept() bool { return e.Result != Skipped }

// A Reason says why an item is skipped.
type Reason struct {
	Why    Why
	Err    error             // from the keyring, GitHub, or a *input.KindError
	Record credential.Record // the other token of a Rival
}

// A Why is the kind of a Reason.
type Why int

// Why an item can be skipped. The comments name the fields of Reason that are
// set.
const (
	NoLogin     Why = iota + 1 // not a URL with user name and password
	BadEscape                  // a % that begins no escape
	OtherScheme                // not https

	ForAnyHost  // the default entry of a netrc file
	Macro       // macdef in a netrc file
	UnknownWord // in a netrc file
	MissingWord // in a netrc file, or a missing closing quote
	NoMachine   // in a netrc file

	KeyringFailed // Err
	NoSecret      // neither in the program's file nor in the keyring
	Renewed       // a token of OAuth, which the program replaces every few hours
	NoAnswer      // from the helper

	BadHost
	NoPassword
	NoUserName   // GitLab accepts a deploy token only with its own user name
	BadText      // too long, control characters, or not UTF-8
	OwnPlace     // git pat keeps its own tokens there
	APIHost      // Git does not ask for GitHub's API
	Unfit        // Err
	OtherServer  // no token of a known forge, and Plan.All is not set
	Expired      // by the item's own date
	NoRepository // the path is not one of the forge

	OwnerNotNamed // by a path, and GitHub is not asked
	OwnerUnknown  // GitHub could not be asked: Err
	OwnerHidden   // GitHub names no private repository
	SeveralOwners // GitHub names private repositories of several owners

	Rival   // another token for the same target: Record
	NotKept // writing failed
)

// record returns a record of an item's token without a name and target.
func (e *Item) record() credential.Record {
	r := credential.Record{Target: credential.Target{Host: e.Host}, Username: e.Login, Kind: e.Kind, Expires: e.Expires}
	if forge.Of(e.Host) == forge.Other && e.Kind.Forge() == forge.Other {
		r.Forge = e.Forge
	}
	return r
}

// Skip leaves an item where it is.
func (e *Item) Skip(r Reason) { e.Result, e.Reason = Skipped, r }

// malformed skips an item of which nothing may be shown, because any part of it
// may be the secret.
func (e *Item) malformed(why Why) {
	e.Host, e.Path, e.Login, e.Secret = "", "", "", credential.Secret{}
	e.Skip(Reason{Why: why})
}

// A Removal says what was removed from a source, or why it was not.
type Removal struct {
	Place   string // of the item, or the path of the file
	Entries int    // removed from a file
	Err     error  // nil, ErrChanged or ErrNotErased
}

// Why an item can stay in its source.
var (
	ErrChanged   = errors.New("it changed since it was read")
	ErrNotErased = errors.New("the helper did not erase it")
)

// A MissingError says that a source has no file.
type MissingError struct{ Paths []string }

func (e *MissingError) Error() string { return "there are no files to import from" }
