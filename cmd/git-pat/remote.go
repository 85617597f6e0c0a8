package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store"
)

type remoteCommand struct {
	Name       []string `arg:"" optional:"" name:"remote" help:"only these remotes and submodules; with --fix, on whatever host they are"`
	Fix        bool     `help:"change what is refused, after a question"`
	Yes        bool     `short:"y" help:"with --fix, ask nothing"`
	DryRun     bool     `help:"print the commands of --fix, and run none"`
	Submodules bool     `help:"enter the submodules, and theirs"`
	InsteadOf  bool     `name:"insteadof" help:"leave SSH remotes as they are, and have Git use https for them by a line of your own configuration"`
}

func (remoteCommand) Help() string {
	return `The table says of each remote, and of each submodule, where it leads and which
token answers there. Tokens work over https only, so SSH, http and git remotes
are refused, each with the command that changes it. So is a URL with a token
or password in it, which everybody who reads the configuration can see.

With --fix the commands are run, and the token in a URL is kept first: for the
owner, or for the repository if the owner has another one. If it cannot be
kept, the URL stays. Only if they are named are these changed: remotes on a
host that GitHub does not run and that you have no token for, since it may know
no https, and submodules with a token in the URL, since others may have put it
there.

With --insteadof there is one line for all remotes that begin alike, as in

    git config --global --add url.https://github.com/.insteadOf git@github.com:

and with --fix it is written.

The exit status is 1 while any of them is refused, but for --dry-run.`
}

func (c *remoteCommand) Run(a *app) error {
	if c.Yes && !c.Fix {
		return &fault{text: "--yes goes with --fix", status: exitUsage, hint: "how it is used:", commands: []string{"git pat help remote"}}
	}
	tree, err := a.tree()
	if err != nil {
		return err
	}
	inspection := &inspection{app: a, tree: tree, answers: map[string]answer{}}
	all, err := c.places(inspection)
	if err != nil {
		return err
	}
	chosen, err := c.named(all)
	if err != nil {
		return err
	}
	if c.Fix || c.DryRun {
		return c.fix(inspection, chosen)
	}
	return c.show(inspection, chosen)
}

// places reads the repository.
func (c *remoteCommand) places(i *inspection) ([]*place, error) {
	if c.Submodules && os.Getenv("GIT_DIR") != "" {
		return nil, &fault{text: "GIT_DIR is set, and with it Git enters no submodule", hint: "run it without:", commands: []string{"env -u GIT_DIR git pat remote --submodules"}}
	}
	s := i.survey(i.tree)
	s.deep, s.insteadOf = c.Submodules, c.InsteadOf
	all, err := s.places("")
	var none *noRepositoryError
	if !errors.As(err, &none) {
		return all, err
	}
	if folder, ok := git.Bare(err); ok {
		return nil, bareFault(folder, "git pat remote")
	}
	return nil, &fault{text: "there is no repository here: " + err.Error()}
}

// named returns those of the places that are named, or all.
func (c *remoteCommand) named(all []*place) ([]*place, error) {
	if len(c.Name) == 0 {
		return all, nil
	}
	for _, name := range c.Name {
		if !slices.ContainsFunc(all, func(p *place) bool { return p.is(name) }) {
			return nil, &fault{text: fmt.Sprintf("there is no remote or submodule %s here", quote(name)), hint: "to see which there are:", commands: []string{"git pat remote"}}
		}
	}
	return slices.DeleteFunc(all, func(p *place) bool { return !slices.ContainsFunc(c.Name, p.is) }), nil
}

func (p *place) is(name string) bool {
	return p.name == name || p.submodule != "" && path.Join(p.folder, p.submodule) == path.Clean(name)
}

// show prints the table, and what to do about it.
func (c *remoteCommand) show(i *inspection, places []*place) error {
	if len(places) == 0 {
		i.ui.say("this repository has no remotes")
		return nil
	}
	var rows [][]string
	for _, p := range places {
		answer, err := i.answer(p)
		if err != nil {
			return err
		}
		row := p.row(answer)
		// Those that tell nothing apart but what they are for are one.
		same := func(other []string) bool { return other[0] == row[0] && slices.Equal(other[2:], row[2:]) }
		if i := slices.IndexFunc(rows, same); i >= 0 {
			if rows[i][1] != row[1] {
				rows[i][1] = "fetch, push"
			}
			continue
		}
		rows = append(rows, row)
	}
	err := i.ui.table([]string{"REMOTE", "FOR", "PROTOCOL", "HOST", "OWNER", "REPOSITORY", "TOKEN", "VERDICT"}, rows, func(verdict string) string {
		switch {
		case verdict == verdictOK:
			return "32"
		case strings.HasPrefix(verdict, "refused"):
			return "31"
		case slices.Contains([]string{verdictLocal, verdictOther, verdictNone}, verdict):
			return ""
		}
		return "33"
	})
	if err != nil {
		return err
	}
	refused := slices.DeleteFunc(slices.Clone(places), func(p *place) bool { return !p.refused() })
	c.sayRefused(i.app, refused, places)
	if err := i.advise(places); err != nil || len(refused) == 0 {
		return err
	}
	return errSaid
}

// sayRefused says how to change what is refused. Of several that are only over
// something else than https the table says enough.
func (c *remoteCommand) sayRefused(a *app, refused, all []*place) {
	var several, along []*place
	for _, p := range all {
		switch {
		case p.follows != "":
			along = append(along, p)
		case p.refused() && p.secret == nil && len(p.commands) > 0:
			several = append(several, p)
		}
	}
	for _, p := range refused {
		if !slices.Contains(several, p) {
			a.sayProblem(p)
		}
	}
	commands := lines(append(slices.Clone(several), along...))
	switch len(several) {
	case 0:
	case 1:
		a.ui.say("%s", several[0].problem())
		a.ui.hint("to change it:", commands...)
	default:
		a.ui.say("tokens work over https only, so %d of these are refused", len(several))
		a.ui.hint("to change them:", commands...)
	}
	if len(refused) > 1 {
		command := "git pat remote --fix"
		if c.Submodules {
			command += " --submodules"
		}
		if c.InsteadOf {
			command += " --insteadof"
		}
		a.ui.hint("to have all of them changed, after a question:", command)
	}
}

// lines are the commands that change places, each once.
func lines(places []*place) []string {
	var all []string
	for _, p := range places {
		for _, line := range commandLines(p.commands) {
			if !slices.Contains(all, line) {
				all = append(all, line)
			}
		}
	}
	return all
}

// row is the place in the table.
func (p *place) row(a answer) []string {
	name := plain(shownName(p.name))
	if p.submodule != "" {
		name = "submodule " + name
	}
	if p.folder != "" {
		name = plain(p.folder) + ": " + name
	}
	var uses []string
	if p.fetch {
		uses = append(uses, "fetch")
	}
	if p.push {
		uses = append(uses, "push")
	}
	if p.submodule != "" {
		uses = []string{"clone"}
	}
	owner, repository := "", p.remote.Path
	if i := strings.LastIndexByte(repository, '/'); i >= 0 {
		owner, repository = repository[:i], repository[i+1:]
	}
	repository = strings.TrimSuffix(repository, ".git")
	return []string{
		name, strings.Join(uses, ", "), plain(p.protocol), orDash(p.remote.Host), orDash(plain(owner)), orDash(plain(repository)),
		orDash(a.token), a.verdict,
	}
}

// fix changes what is refused.
func (c *remoteCommand) fix(i *inspection, all []*place) error {
	var ready []*place
	keeps := map[*place]*credential.Record{} // what is said to be kept of a URL
	for _, p := range c.choose(i, all) {
		if p.secret != nil {
			record, err := i.recordFor(p, keeps)
			if err != nil {
				i.staysInURL(p, err)
				continue
			}
			if record != nil && (c.DryRun || !c.Yes) {
				i.ui.say("the %s in the URL of %s is first kept for %s", p.secret.what(), p, record.Scope)
			}
			keeps[p] = record
		}
		ready = append(ready, p)
	}
	if c.DryRun {
		return i.dryRun(ready)
	}
	if len(ready) > 0 && !c.Yes {
		if err := i.mayRun(ready); err != nil {
			return err
		}
	}
	ready, err := c.unchanged(i, ready)
	if err != nil {
		return err
	}
	done := map[string]bool{}
	for _, p := range ready {
		if err := i.run(p, keeps[p], done); err != nil {
			i.ui.exit(err)
		}
	}
	return c.after(i, ready)
}

// unchanged reads the repository again and returns those places that are still
// as they were shown. In a URL that somebody has written meanwhile there may be
// another token.
func (c *remoteCommand) unchanged(i *inspection, shown []*place) ([]*place, error) {
	if len(shown) == 0 {
		return nil, nil
	}
	i.git = git.Cache{}
	now, err := c.places(i)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(shown, func(p *place) bool {
		same := func(q *place) bool {
			return p.String() == q.String() && p.url.URL == q.url.URL && p.url.Written == q.url.Written &&
				slices.EqualFunc(p.commands, q.commands, slices.Equal)
		}
		if slices.ContainsFunc(now, same) {
			return false
		}
		i.ui.say("%s was changed meanwhile, so it stays as it is", p)
		return true
	}), nil
}

// choose returns those that are to be changed: those that are named, or whose
// host is known to be there over https. A relative URL of a submodule goes with
// that of its remote. What stands in a submodule's URL may be the word of
// whoever wrote .gitmodules, and would answer for others if it were kept.
func (c *remoteCommand) choose(i *inspection, all []*place) []*place {
	var chosen []*place
	for _, p := range all {
		sure := !p.overOther() || i.isOurs(p.remote.Host)
		if p.secret != nil && (p.submodule != "" || p.folder != "") {
			sure = false
		}
		if p.refused() && len(p.commands) > 0 && (sure || len(c.Name) > 0) {
			chosen = append(chosen, p)
		}
	}
	for _, p := range all {
		goesAlong := func(base *place) bool {
			return base.folder == p.folder && base.submodule == "" && base.name == p.follows
		}
		if len(p.commands) > 0 && p.follows != "" && slices.ContainsFunc(chosen, goesAlong) {
			chosen = append(chosen, p)
		}
	}
	return chosen
}

// dryRun prints the commands that do the same. A token is kept by a command of
// ours only.
func (i *inspection) dryRun(places []*place) error {
	var all []string
	for _, p := range places {
		some := commandLines(p.commands)
		if p.secret != nil {
			some = []string{p.fixCommand("--yes")}
		}
		all = append(all, some...)
	}
	for n, line := range all {
		if slices.Contains(all[:n], line) {
			continue
		}
		if err := i.ui.line(line); err != nil {
			return err
		}
	}
	if len(all) == 0 {
		i.ui.say("nothing would be changed")
		return nil
	}
	i.ui.say("nothing is changed; without --dry-run these would run")
	return nil
}

// mayRun asks whether the commands may be run.
func (i *inspection) mayRun(places []*place) error {
	commands := lines(places)
	if i.ui.somebodyIsThere() {
		i.ui.hint("this is to be run:", commands...)
	}
	question := "Run these?"
	if len(commands) == 1 {
		question = "Run it?"
	}
	yes, err := i.ui.confirm(question)
	switch {
	case err == errNoTerminal:
		return &fault{text: "there is no terminal to ask at", hint: "to change what is refused without being asked, add --yes; to see the commands, --dry-run"}
	case err != nil:
		return err
	case !yes:
		return &fault{text: "nothing is changed"}
	}
	return nil
}

// run keeps what stands in the URL of a place, as the record that was shown,
// and then runs its commands, but for those that are done.
func (i *inspection) run(p *place, shown *credential.Record, done map[string]bool) error {
	if p.secret != nil {
		if err := i.keepSecret(p, shown); err != nil {
			i.staysInURL(p, err)
			return nil
		}
	}
	for _, args := range p.commands {
		line := "git " + quoteAll(args)
		if done[line] {
			continue
		}
		done[line] = true
		if err := i.ui.line(line); err != nil {
			return err
		}
		if err := i.changeGit(args); err != nil {
			return err
		}
	}
	return nil
}

// after reads all again and says what has become of it.
func (c *remoteCommand) after(i *inspection, changed []*place) error {
	i.git = git.Cache{}
	all, err := c.places(i)
	if err != nil {
		return err
	}
	if all, err = c.named(all); err != nil {
		return err
	}
	was := func(p *place) *place {
		i := slices.IndexFunc(changed, func(q *place) bool {
			// In the URL for pushing there may be credential.PushLogin.
			return p.String() == q.String() && git.WithoutUser(p.https) == git.WithoutUser(q.https)
		})
		if i < 0 {
			return nil
		}
		return changed[i]
	}
	i.answers = map[string]answer{}
	said := map[string]bool{}
	refused := false
	var fresh []*place
	for _, p := range all {
		before := was(p)
		switch {
		case !p.refused() && before != nil && p.remote.Host != "":
			answer, err := i.answer(p)
			if err != nil {
				return err
			}
			text := p.does() + " over https now"
			if before.secret != nil && !before.overOther() {
				text = fmt.Sprintf("the URL of %s holds no %s any more", p, before.secret.what())
			}
			switch answer.verdict {
			case verdictOK:
				text += ", and the token " + answer.title + " answers"
			case verdictReads:
				text += ", and the token " + answer.title + " answers, which is only for reading"
			default:
				text += ", but no token answers"
			}
			if !said[text] {
				i.ui.say("%s", text)
			}
			said[text] = true
			fresh = append(fresh, p)
		case !p.refused():
		case slices.Contains(i.stays, p.String()):
			refused = true
		case before == nil && len(p.commands) > 0 && p.secret == nil && len(c.Name) == 0 && !i.isOurs(p.remote.Host):
			refused = true
			i.ui.say("%s is over %s to %s, whose server may know no https", p, p.remote.Protocol, p.remote.Host)
			var options []string
			if c.InsteadOf {
				options = []string{"--insteadof"}
			}
			i.ui.hint("to change it all the same:", p.fixCommand(options...))
		default:
			refused = true
			i.sayProblem(p)
		}
	}
	if err := i.advise(fresh); err != nil {
		return err
	}
	for _, p := range changed {
		if p.submodule != "" && slices.ContainsFunc(p.commands, func(args []string) bool { return slices.Contains(args, p.up+".gitmodules") }) {
			i.ui.hint(path.Join(p.folder, p.up, ".gitmodules") + " is changed; commit it, so that others have it too")
			break
		}
	}
	switch {
	case refused:
		return errSaid
	case len(changed) == 0:
		i.ui.say("nothing of this is refused, so nothing is changed")
	}
	return nil
}

// staysInURL says why what stands in a URL is left there.
func (i *inspection) staysInURL(p *place, err error) {
	i.stays = append(i.stays, p.String())
	i.ui.say("the %s in the URL of %s stays there:", p.secret.what(), p)
	i.ui.exit(err)
	i.ui.hint("to take it out without keeping it:", commandLines(p.commands)...)
}

// recordFor returns the record under which the secret in a URL is to be kept,
// or nil if it is empty or a token answers that is the same. It is for the
// owner, unless the owner has another one, and then for the repository. If it
// would not be the one that answers, it is better where it is. What is to be
// kept of other URLs before counts as kept.
func (i *inspection) recordFor(p *place, before map[*place]*credential.Record) (*credential.Record, error) {
	if p.secret.secret.Empty() {
		return nil, nil
	}
	e, err := i.explain(p.https)
	if err != nil {
		return nil, err
	}
	d, request := e.decision, e.decision.Request
	switch {
	case e.Outcome == "trouble" || e.Outcome == "refused":
		return nil, adviceError(e.advice)
	case !e.Asked:
		return nil, adviceError(i.doesNotAsk(request.Host))
	case e.login != nil && e.login.Password != nil && e.login.Password.Equal(p.secret.secret):
		return nil, nil
	}
	var candidates []credential.Candidate
	var taken []string
	for _, look := range d.Looked {
		candidates = append(candidates, look.Candidate)
		taken = append(taken, look.Name)
	}
	for other, r := range before {
		if r == nil {
			continue
		}
		c := credential.Candidate{Record: *r}
		fits := credential.Choose(request, []credential.Candidate{c}, i.now).Looked[0].Level != credential.NoLevel
		if fits && other.secret.secret.Equal(p.secret.secret) {
			return nil, nil
		}
		candidates, taken = append(candidates, c), append(taken, c.Name)
	}
	paths := []string{strings.Trim(p.remote.Path, "/")}
	if p.secret.kind.IsGitHub() {
		repository, err := credential.Request{Path: p.remote.Path}.Repository()
		if err != nil {
			return nil, err
		}
		paths = []string{credential.Scope{Paths: []string{repository}}.Owner(), repository}
	} else if p.secret.login == "" {
		return nil, &fault{text: "it has no user name"}
	}
	for _, path := range paths {
		r := credential.Record{
			Scope:    credential.Scope{Host: request.Host, Paths: []string{path}},
			Username: p.secret.login,
			Added:    i.now.UTC(),
		}
		if err := checkWords(r); err != nil {
			return nil, err
		}
		if err := describe(&r, p.secret.secret); err != nil {
			return nil, err
		}
		r.Name = store.FreeName(store.DefaultName(r), taken)
		if answersAlone(r, candidates, request, i.now) {
			return &r, nil
		}
	}
	return nil, &fault{text: "there is another token for it", hint: "to see which:", commands: []string{"git pat explain " + shellWord(p.https)}}
}

// adviceError is advice on what keeps something from being done.
func adviceError(a store.Advice) error {
	return &fault{text: a.What, hint: a.Do, commands: a.Commands}
}

// answersAlone reports whether a new record would answer a request, with no
// other record of its scope beside it.
func answersAlone(r credential.Record, others []credential.Candidate, request credential.Request, now time.Time) bool {
	all := append(slices.Clone(others), credential.Candidate{Record: r})
	if credential.Choose(request, all, now).Winner != len(others) {
		return false
	}
	// Whatever its login is, and whether it can be used or not.
	request.Username = ""
	looked := credential.Choose(request, all, now).Looked
	fits := looked[len(others)]
	return !slices.ContainsFunc(looked[:len(others)], func(look credential.Look) bool { return look.Level == fits.Level })
}

// keepSecret keeps what stands in a URL, for what was shown, and makes sure
// that it is what answers from now on.
func (i *inspection) keepSecret(p *place, shown *credential.Record) error {
	r, err := i.recordFor(p, nil)
	if err != nil || r == nil {
		return err
	}
	if shown == nil || !r.Scope.Equal(shown.Scope) {
		return errOthersMeanwhile(*r)
	}
	r.Store = store.Default(i.ctx, i.patience())
	if err := i.keepAlone(p, *r); err != nil {
		return err
	}
	if again, err := i.recordFor(p, nil); err != nil || again != nil {
		return errors.Join(&fault{text: fmt.Sprintf("it was kept in the store %s, and does not come back", quote(r.Store))}, err)
	}
	what := r.Kind.String() + " token"
	if r.Kind == credential.Other {
		what = "password"
	}
	i.ui.say("kept the %s %s for %s, in the store %s", what, called(*r, p.secret.secret), r.Scope, quote(r.Store))
	return nil
}

// keepAlone keeps what stands in a URL if it is still to be the only one there.
func (i *inspection) keepAlone(p *place, r credential.Record) error {
	unlock, err := i.tree.Lock(i.ctx)
	if err != nil {
		return err
	}
	defer unlock()
	others, err := i.tree.Lookup(r.Host, p.remote.Path)
	if err != nil {
		return err
	}
	if !answersAlone(r, others, credential.Request{Host: r.Host, Path: p.remote.Path}, i.now) {
		return errOthersMeanwhile(r)
	}
	if err := i.keep(i.tree, nil, r, p.secret.secret); !errors.Is(err, fs.ErrExist) {
		return err
	}
	return errOthersMeanwhile(r)
}

// errOthersMeanwhile is the error for a token whose place others have taken, or
// left, since a person was asked.
func errOthersMeanwhile(r credential.Record) error {
	return &fault{
		text: fmt.Sprintf("the tokens for %s were changed meanwhile, so it is not kept", r.Scope),
		hint: "to see what there is now:", commands: []string{"git pat list " + shellWord(r.Scope.Short())},
	}
}
