package doctor

import (
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/remotes"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store/keeper"
)

// The facts of a Finding. A File is the file of a setting of Git. It is empty if the
// setting comes from -c or from the environment. A Key contains no user name and no
// password.
type (
	// Failed says why a check was not possible, or what is wrong with a record.
	Failed struct{ Err error }

	GitMissing struct{ Err error }
	GitVersion struct {
		Version       string
		TooOld        bool // an empty helper does not disable those before it
		PassesReturns bool // CVE-2024-52006
	}
	HelperMissing struct {
		Err    error
		Beside string // the folder of git pat if the helper is there, else empty
	}
	HelperFound struct {
		Path     string // empty if unknown
		Version  string
		Expected string // the version of git pat
	}
	TraceShowsTokens struct{}
	AskPass          struct {
		By      string // the variable or setting
		Program string
	}

	Asked    struct{ File string }
	NotAsked struct {
		Key, File string   // the empty helper that disables ours; empty if there is none
		Instead   []Helper // that Git asks
	}
	HelperBroken struct{ Path, File string }
	OtherHelper  struct {
		Helper
		Before bool // Git asks it before ours
		Keeps  bool // it stores accepted passwords, for the whole host
	}
	NoOtherHelper struct{}
	PathSent      struct{}
	PathNotSent   struct{ Key, Value, File string } // the setting, if there is one
	UsernameSet   struct{ Username, Key, File string }
	NoRefusal     struct { // for SSH or http
		Protocol string
		NotAsked
	}

	NetrcUnreadable struct{ Err error }
	NetrcEntry      struct {
		Path     string
		AllHosts bool
	}
	HeaderSent  struct{ Key, File string }
	HTTPSetting struct{ Key, Value string }
	Rewritten   struct {
		Push              bool
		Secret            bool   // the new URL has a token or password; otherwise it is not https
		Rule, Value, File string // "insteadOf" or "pushInsteadOf"
	}
	PlainText struct{ Path string }

	Folder struct {
		Path    string
		Missing bool // it is not created yet
	}
	StoreAnswers struct{}
	StoreAbsent  struct{ Err error }
	StoreFailed  struct {
		Err    error
		Tokens int // in the store
	}
	PlainFiles struct{ Tokens int } // although there is a keyring
	Leftover   struct{ Path string }
	Orphan     struct{ keeper.Orphan }
	Copy       struct{ credential.Candidate } // of a token, left by an unfinished change of its key

	NoTokens        struct{}
	TokensElsewhere struct{ Dir, Usual string }
	Usable          struct{ Tokens int }
	// Token is for the checks token-expired, token-ends, token-aside and token-unused.
	Token         struct{ credential.Candidate }
	SecretMissing struct{ Record credential.Record }
	SecretFailed  struct {
		Record credential.Record
		Err    error
	}
	Rivals struct {
		Decision credential.Decision
		Logins   bool // all differ
	}
	PushesUnknown struct{ Target credential.Target } // there are tokens for reading and for writing

	Refused     struct{ Entry *remotes.Entry }
	TokenNeeded struct { // no token can be used for a remote
		Entry    *remotes.Entry
		Decision credential.Decision
	}
	RemotesOK struct{}
	LFSToken  struct { // Git LFS asks for another token than the one for its files
		Files  remotes.LFS
		Needed credential.Decision
	}
)

// A Helper is one that Git asks.
type Helper struct {
	Shown   string // without arguments, which may have a password
	Program string // as in git.HelperProgram
	File    string
}
