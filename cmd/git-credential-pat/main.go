// Git-credential-pat is a Git credential helper that picks the right GitHub
// token for each repository.
//
// Git runs it, as gitcredentials(7) describes, with an operation as its last
// argument and a request on standard input, as git-credential(1) has it. It
// answers on standard output. What people have to know goes to standard
// error, which is their terminal; the words are in hints.go. Nothing here
// prompts: that is for git pat, the other program.
//
// Git starts it twice in every fetch and push, so it links little: no network
// client, no Git library, no argument framework.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/git-credential-pat/git-credential-pat/cmd/internal/advice"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/protocol"
	"github.com/git-credential-pat/git-credential-pat/store"
	"github.com/git-credential-pat/git-credential-pat/store/keeper"
	"github.com/git-credential-pat/git-credential-pat/store/record"
)

// version is set by the linker in a release.
var version = ""

const usage = `usage: git-credential-pat [--store NAME] [--save tokens|any|never] [--warn-days N]
                          get|store|erase|capability

Git runs this program when it needs to log in over https; to set that up:

  git pat setup

What it does with a request is in gitcredentials(7). Tokens are added, listed
and removed with git pat.

  --store NAME   where to keep a token that was typed at Git's prompt: keyring,
                 file or git:HELPER; without it the keyring where there is one,
                 else a file
  --save WHICH   which of the credentials that others gave Git are kept: tokens
                 (personal tokens of GitHub, the default), any or never
  --warn-days N  say so when a token that answers ends within N days, once a day;
                 7 without it, 0 for never
  --version      print the version
  --help         print this
`

func main() {
	store.NoCore()
	silence := time.AfterFunc(standstill, func() {
		sayer{os.Stderr}.line("the request was not finished: nothing came for ten seconds")
		os.Exit(1)
	})
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr, silence))
}

// standstill is how long the helper waits for the next byte of a request.
const standstill = 10 * time.Second

// watched sets a timer back with each read.
type watched struct {
	io.Reader
	silence *time.Timer
}

func (w watched) Read(p []byte) (int, error) {
	n, err := w.Reader.Read(p)
	w.silence.Reset(standstill)
	return n, err
}

// run is the program, but for the exit. The exit status is 0 if all went well,
// also without an answer, 1 if something went wrong, and 2 for wrong usage. The
// timer of silence, if there is one, runs until the request was read.
func run(args []string, in *os.File, out, errOut io.Writer, silence *time.Timer) (status int) {
	say := sayer{errOut}
	defer func() {
		// What a panic carries may hold a secret, so that it is not shown.
		if recover() != nil {
			say.line("a fault in git-credential-pat " + versionText() + ", please report it")
			status = 1
		}
	}()
	o, rest, err := parse(args)
	switch {
	case err != nil:
		say.line(err.Error())
		return 2
	case o.help:
		io.WriteString(out, usage)
		return 0
	case o.version:
		fmt.Fprintln(out, "git-credential-pat version", versionText())
		return 0
	case len(rest) == 0 || rest[len(rest)-1] == "":
		say.usage()
		return 2
	}
	operation := rest[len(rest)-1]

	h := &helper{say: say, warn: o.warn, silence: silence}
	dir, err := record.Dir()
	if err != nil {
		h.homeless = err
	} else {
		h.keeper = newKeeper(dir, o, say)
	}
	if !known(operation) && isTerminal(in) {
		say.line(credential.Quote(operation) + " is no operation of Git's; to work with your tokens, use: git pat")
	}
	var request io.Reader = in
	if silence != nil {
		request = watched{in, silence}
	}
	if err := protocol.Serve(context.Background(), h, operation, request, out); err != nil {
		say.fault(err)
		return 1
	}
	return 0
}

func known(operation string) bool {
	switch operation {
	case "get", "store", "erase", "capability":
		return true
	}
	return false
}

func versionText() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}

func newKeeper(dir string, o options, say sayer) *keeper.Keeper {
	tree := record.NewTree(dir)
	options := store.Options{Interactive: somebodyIsThere, Waiting: say.waiting, Session: new(store.Session)}
	return &keeper.Keeper{
		Tree: tree,
		Open: func(name string) (store.Store, error) { return store.Open(name, tree.Dir(), options) },
		DefaultStore: func(ctx context.Context) string {
			if o.store != "" {
				return o.store
			}
			return store.Default(ctx, options)
		},
		Save:      o.save,
		Now:       time.Now,
		SaysPush:  saysPush,
		OwnHeader: ownHeader,
	}
}

// gitLimit is how long Git may take to tell its configuration.
const gitLimit = 3 * time.Second

// readConfig reads Git's configuration as it is where Git is at work.
func readConfig(ctx context.Context) (git.Config, error) {
	ctx, cancel := context.WithTimeout(ctx, gitLimit)
	defer cancel()
	return git.ReadConfig(ctx, "")
}

// saysPush reports whether the configuration says which requests of a host are
// pushes.
func saysPush(ctx context.Context, host string) bool {
	c, err := readConfig(ctx)
	return err == nil && c.SaysPush(host)
}

// pushesByPort reports whether the configuration makes Git name the usual port of
// a host in each push. In a fetch only a person names it.
func pushesByPort(ctx context.Context, host string) bool {
	c, err := readConfig(ctx)
	return err == nil && c.HasPushBase(host)
}

// ownHeader returns the setting with which Git itself sends an Authorization
// header to a URL. It is empty if there is none.
func ownHeader(ctx context.Context, url string) string {
	c, err := readConfig(ctx)
	if setting, ok := c.AuthorizationHeader(url); ok && err == nil {
		return setting.ShownKey()
	}
	return ""
}

// somebodyIsThere reports whether a person could unlock a keyring now: what is
// said reaches a terminal, and there is one to type at.
func somebodyIsThere() bool {
	if os.Getenv("GIT_TERMINAL_PROMPT") == "0" || !isTerminal(os.Stderr) {
		return false
	}
	device := "/dev/tty"
	if runtime.GOOS == "windows" {
		device = "CONIN$"
	}
	tty, err := os.Open(device)
	if err != nil {
		return false
	}
	tty.Close()
	return true
}

// isTerminal reports whether a file is a device other than the null device.
// Asking the system whether it is a terminal would take another library.
func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return false
	}
	null, err := os.Stat(os.DevNull)
	return err != nil || !os.SameFile(info, null)
}

// helper answers Git.
type helper struct {
	keeper   *keeper.Keeper
	homeless error // there is no folder for tokens, and so no keeper
	say      sayer
	warn     time.Duration // how long before a token expires that is said; 0: never
	silence  *time.Timer   // stopped when the request was read; nil for none
}

var _ protocol.Helper = (*helper)(nil)

// request reads what Git wants to log in for.
func (h *helper) request(m protocol.Message) (credential.Request, error) {
	if h.silence != nil {
		h.silence.Stop()
	}
	r, err := credential.ParseRequest(m.Get("protocol"), m.Get("host"), m.Get("path"), m.Get("username"))
	switch {
	case err != nil:
		return r, err
	case h.homeless == nil:
		return r, h.keeper.Check(r)
	case r.Host == credential.GitHubHost || r.Host == credential.GistHost:
		return r, h.homeless
	}
	return r, credential.ErrNotOurs
}

// Get implements protocol.Helper.
func (h *helper) Get(ctx context.Context, m protocol.Message) (answer protocol.Message, err error) {
	if m.Get("protocol") == "https" && m.Get("path") == git.CheckPath { // by git pat setup
		h.say.line(git.CheckAnswer)
		answer.Add("quit", "1") // no other helper opens a window
		return answer, nil
	}
	request, err := h.request(m)
	if err == credential.ErrNotOurs {
		return h.refuse(m), nil
	}
	if err != nil {
		return answer, err
	}
	if request.Username == "" && strings.HasSuffix(m.Get("host"), ":443") && pushesByPort(ctx, request.Host) {
		request.Username = credential.PushLogin // which curl 8.23 loses
	}
	decision, login, err := h.keeper.Fill(ctx, request)
	if err != nil {
		return answer, h.withRecord(decision, err)
	}
	if login == nil {
		hush := decision.Outcome == credential.NoToken && h.keeper.AnsweredByOthers(request)
		if !hush && h.keeper.Speaks(request.Host) {
			h.say.advice(advice.For(decision))
		}
		return h.asked(m, request), nil
	}
	winner := decision.Considered[decision.Winner]
	if h.endsSoon(winner) && h.keeper.Tree.NoteWarning(winner.Key, decision.Decided) {
		h.say.endsSoon(winner.Record, decision.Decided)
	}
	return h.answer(m, request, winner, *login), nil
}

// asked notes that there was no answer. Git 2.46 and newer brings that note back
// when it reports the credential that it got elsewhere; for older ones it is a
// file. By it a credential that Git asked for is told from one in a URL.
func (h *helper) asked(m protocol.Message, request credential.Request) (answer protocol.Message) {
	if !m.Announces("state") {
		h.keeper.Tree.NoteAsked(request, h.keeper.Now()) // without it nothing is kept
		return answer
	}
	answer.Add("capability[]", "state")
	answer.Add("state[]", stateAsked)
	if request.Login() != "" {
		answer.Add("state[]", stateAskedByName)
	}
	return answer
}

// endsSoon reports whether a token's end is so near that it is to be said.
func (h *helper) endsSoon(c credential.Considered) bool {
	return c.Kind.IsGitHub() && !c.Expires.IsZero() && c.Expires.Sub(h.keeper.Now()) < h.warn
}

// answer is the answer to a request, within what its sender understands.
func (h *helper) answer(m protocol.Message, request credential.Request, winner credential.Considered, login keeper.Login) protocol.Message {
	var answer protocol.Message
	bearer := login.Credential != nil && m.Announces("authtype")
	if login.Password == nil && !bearer {
		return answer
	}
	username := request.Username
	if request.Push() {
		username = "" // nobody's login
	}
	switch {
	case username != "":
	case login.Named || bearer:
		username = login.Username
	default:
		username = credential.AnyLogin
	}
	if bearer {
		answer.Add("capability[]", "authtype")
	}
	if m.Announces("state") {
		answer.Add("capability[]", "state")
	}
	if bearer {
		answer.Add("authtype", login.AuthType)
		answer.Add("credential", login.Credential.Reveal())
	}
	if login.Named || username != "" {
		answer.Add("username", username)
	}
	if login.Password != nil {
		answer.Add("password", login.Password.Reveal())
	}
	if login.RefreshToken != nil {
		answer.Add("oauth_refresh_token", login.RefreshToken.Reveal())
	}
	if !winner.Expires.IsZero() {
		answer.Add("password_expiry_utc", strconv.FormatInt(winner.Expires.Unix(), 10))
	}
	if m.Announces("state") {
		answer.Add("state[]", statePrefix+winner.Key)
	}
	return answer
}

// A state[] begins with this if it is ours: every helper in a chain sees them
// all. After it stands the key of a record, or that there was no answer.
const (
	statePrefix      = "pat:"
	stateAsked       = statePrefix + "asked"
	stateAskedByName = statePrefix + "asked-by-name"
)

// refuse says that tokens do not work over ssh and are not sent over http. For
// ssh no other helper can help either, so that Git is told to stop.
func (h *helper) refuse(m protocol.Message) (answer protocol.Message) {
	host, err := credential.ParseHost(m.Get("host"))
	if err != nil || h.keeper == nil {
		return answer
	}
	switch m.Get("protocol") {
	case "ssh", "git+ssh", "ssh+git":
		if host = h.speaksOverSSH(host); host != "" {
			h.say.ssh(host, m.Get("path"))
			answer.Add("quit", "1")
		}
	case "http":
		if h.keeper.Speaks(host) {
			h.say.http(host, m.Get("path"))
		}
	}
	return answer
}

// speaksOverSSH returns the host, with its port for https, that an SSH URL
// stands for, if it is one that people are told about.
func (h *helper) speaksOverSSH(host string) string {
	name := credential.WithoutPort(host)
	if name == "ssh."+credential.GitHubHost {
		name = credential.GitHubHost
	}
	for _, host := range append([]string{host, name}, h.keeper.Tree.Hosts()...) {
		if credential.WithoutPort(host) == name && h.keeper.Speaks(host) {
			return host
		}
	}
	return ""
}

// Store implements protocol.Helper.
func (h *helper) Store(ctx context.Context, m protocol.Message) error {
	report, err := h.report(m)
	if err != nil {
		return unlessNotOurs(err)
	}
	approval, err := h.keeper.Approve(ctx, report)
	if err != nil {
		return err
	}
	h.say.approved(report, approval)
	return nil
}

// Erase implements protocol.Helper.
func (h *helper) Erase(ctx context.Context, m protocol.Message) error {
	report, err := h.report(m)
	if err != nil {
		return unlessNotOurs(err)
	}
	rejection, err := h.keeper.Reject(ctx, report)
	if err != nil {
		return err
	}
	h.say.rejected(report, rejection)
	return nil
}

func unlessNotOurs(err error) error {
	if err == credential.ErrNotOurs {
		return nil
	}
	return err
}

// report reads what Git says of a credential.
func (h *helper) report(m protocol.Message) (keeper.Report, error) {
	request, err := h.request(m)
	if err != nil {
		return keeper.Report{}, err
	}
	r := keeper.Report{Request: request, Ephemeral: isTrue(m.Get("ephemeral"))}
	secret := func(key string) *credential.Secret {
		value, ok := m.Lookup(key)
		if !ok {
			return nil
		}
		s := credential.NewSecret(value)
		return &s
	}
	_, named := m.Lookup("username")
	r.Login = keeper.Login{
		Username:     request.Username,
		Named:        named,
		Password:     secret("password"),
		RefreshToken: secret("oauth_refresh_token"),
		AuthType:     m.Get("authtype"),
		Credential:   secret("credential"),
	}
	if r.Login.AuthType == "" || r.Login.Credential != nil && r.Login.Credential.Empty() {
		r.Login.Credential = nil
	}
	if seconds, err := strconv.ParseInt(m.Get("password_expiry_utc"), 10, 64); err == nil && seconds > 0 {
		r.Expires = time.Unix(seconds, 0).UTC()
	}
	for _, state := range m.Values("state[]") {
		key, ok := strings.CutPrefix(state, statePrefix)
		switch {
		case state == stateAsked:
			r.Asked = true
		case state == stateAskedByName:
			r.AskedByName = true
		case ok:
			r.Key = key
		}
	}
	return r, nil
}

// isTrue reads a boolean of git-credential(1).
func isTrue(s string) bool { return s != "" && s != "0" && s != "false" }

// withRecord names the record whose store is in trouble.
func (h *helper) withRecord(d credential.Decision, err error) error {
	if d.Winner < 0 {
		return err
	}
	return &recordError{d.Considered[d.Winner].Record, err}
}

// A recordError says which token could not be read.
type recordError struct {
	record credential.Record
	err    error
}

func (e *recordError) Error() string {
	return fmt.Sprintf("cannot read the token %s for %s: %v", credential.Quote(e.record.Name), e.record.Target, e.err)
}

func (e *recordError) Unwrap() error { return e.err }
