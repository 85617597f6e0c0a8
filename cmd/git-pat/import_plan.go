package main

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store"
	"github.com/git-credential-pat/git-credential-pat/store/record"
)

// A plan says which tokens come of the items of a source.
type plan struct {
	*app
	tree    *record.Tree
	all     bool
	offline bool

	tokens []*token // to be added
	kept   map[string][]held
}

// A token is one that is to be added, with the items that have it.
type token struct {
	record credential.Record
	secret credential.Secret
	items  []*item
}

// A held token is one that is kept already.
type held struct {
	credential.Candidate
	secret credential.Secret
}

// make decides about all items.
func (p *plan) make(items []*item) error {
	var open []*item
	for _, e := range items {
		if e.result == "" {
			p.check(e)
		}
		if e.result == "" {
			if err := p.find(e); err != nil {
				return err
			}
		}
		if e.result == "" {
			open = append(open, e)
		}
	}
	for _, e := range open {
		p.chooseScope(e, items)
	}
	// The broad ones first, for they make those of their parts unnecessary.
	slices.SortStableFunc(open, func(x, y *item) int { return breadth(x.scope) - breadth(y.scope) })
	for _, e := range open {
		if e.result == "" {
			p.group(e)
		}
	}
	tokens := p.tokens
	p.tokens = nil
	for _, token := range tokens {
		if err := p.settle(token); err != nil {
			return err
		}
	}
	return nil
}

// breadth orders scopes: a host, an owner, a repository.
func breadth(s credential.Scope) int {
	if len(s.Paths) == 0 {
		return 0
	}
	return 1 + strings.Count(s.Paths[0], "/")
}

// check completes an entry by what its secret is, and leaves what is no token.
func (p *plan) check(e *item) {
	host, err := credential.ParseHost(e.host)
	if err != nil || strings.HasSuffix(credential.WithoutPort(host), ".") {
		e.malformed("its host is none that a token could be for")
		return
	}
	e.host = host
	// GitHub lets people give a token as the user name, with any password. On
	// other hosts, too, what looks like one is none to be shown.
	isToken := func(s credential.Secret) bool {
		return credential.KindOf(s, credential.GitHubHost).IsGitHub() || credential.IsRefreshToken(s)
	}
	if login := credential.NewSecret(e.login); isToken(login) {
		if !isToken(e.secret) {
			e.secret = login
		}
		e.login = ""
	}
	e.kind = credential.KindOf(e.secret, e.host)
	if e.kind.IsGitHub() && e.login == credential.AnyLogin {
		e.login = ""
	}
	bad := func(r rune) bool { return r < ' ' || r == 0x7f }
	text := e.login + e.path
	what, _ := unfit(credential.Record{Scope: credential.Scope{Host: e.host}, Kind: e.kind}, e.secret)
	switch apiOf, isAPI := strings.CutPrefix(e.host, "api."); {
	case e.secret.Empty():
		e.leave("it has no password")
	case strings.ContainsFunc(text+e.secret.Reveal(), bad) || !utf8.ValidString(text) || len(e.login) > maxLogin || len(e.secret.Reveal()) > maxToken:
		e.malformed("it is too long, or holds control characters or no UTF-8")
	case e.host == store.HelperHost:
		e.leave("it is there for git pat, which keeps a token in this place")
	case isAPI && credential.IsGitHubHost(apiOf):
		e.leave("Git does not ask for this host: it is GitHub's API")
	case what != "":
		e.leave(what)
	case !e.kind.IsGitHub() && !p.all:
		e.leave("it is not for GitHub")
		e.hint = "to import what is for other servers too, add --all"
	case !e.expires.IsZero() && !p.now.Before(e.expires):
		e.leave("it has expired")
	}
}

const maxLogin = 100 // bytes, as for git pat add --username

// find looks for an entry's token among those that are kept already.
func (p *plan) find(e *item) error {
	hosts := []string{e.host}
	if e.host == credential.GistHost {
		hosts = append(hosts, credential.GitHubHost)
	}
	for _, host := range hosts {
		some, err := p.held(host)
		if err != nil {
			return err
		}
		for _, h := range some {
			if h.secret.Equal(e.secret) && answersFor(h.Candidate, e) {
				e.result, e.scope = itemKnown, h.Scope
				return nil
			}
		}
	}
	return nil
}

// held returns the tokens that are kept for a host. One whose store is in
// trouble is left out: it is in the way of a new one of its scope all the same.
func (p *plan) held(host string) ([]held, error) {
	if some, ok := p.kept[host]; ok {
		return some, nil
	}
	var some []held
	for c, err := range p.tree.Host(host) {
		if err != nil {
			return nil, err
		}
		if c.Damaged != nil || store.ReadOnly(c.Store) {
			continue // a variable does not last
		}
		if secret, err := p.secretOf(p.tree, c); err == nil {
			some = append(some, held{c, secret})
		}
	}
	if p.kept == nil {
		p.kept = map[string][]held{}
	}
	p.kept[host] = some
	return some, nil
}

// answersFor reports whether a token's scope has that of an entry in it.
func answersFor(c credential.Candidate, e *item) bool {
	path := e.path
	if path == "" && e.kind != credential.FineGrained {
		path = anyPath
	}
	request := credential.Request{Host: e.host, Path: path}
	return credential.Choose(request, []credential.Candidate{c}, time.Time{}).Looked[0].Level != credential.NoLevel
}

// anyPath stands for what is asked of a token for a whole host. A request
// without a path is something else: any token of the host may answer it.
const anyPath = "any/repository"

// chooseScope decides what an entry's token is for.
func (p *plan) chooseScope(e *item, items []*item) {
	scope := credential.Scope{Host: e.host}
	if e.path != "" {
		scope.Paths = []string{e.path}
	}
	if e.kind == credential.FineGrained && e.path == "" {
		owner, ok := p.ownerOf(e, items)
		if !ok {
			return
		}
		scope.Paths = []string{owner}
	}
	scope, err := scope.For(e.kind)
	if err != nil {
		e.leave("its path is none of a repository at GitHub")
		return
	}
	if e.kind == credential.FineGrained {
		scope.Paths = []string{scope.Owner()}
	}
	e.scope = scope
}

// ownerOf finds out which owner a fine-grained token is of that stands without
// a path: another entry may say so, and GitHub.
func (p *plan) ownerOf(e *item, items []*item) (owner string, ok bool) {
	for _, other := range items {
		if other.result == "" && other.path != "" && other.host == e.host && other.secret.Equal(e.secret) {
			return other.path, true
		}
	}
	unknown := func(why string) (string, bool) {
		e.leave("its owner is not known: " + why)
		e.hint = "to add it for its owner:"
		e.do = []string{addForOwner(e)}
		return "", false
	}
	if p.offline {
		return unknown("no path names it, and GitHub is not asked")
	}
	client, err := p.github(e.host)
	if err != nil {
		return unknown(err.Error())
	}
	names, err := client.Repositories(p.ctx, e.host, "", e.secret)
	if err != nil {
		return unknown(err.Error())
	}
	for _, name := range names {
		first, _, _ := strings.Cut(name, "/")
		if owner != "" && !credential.EqualFold(owner, first) {
			return unknown("it sees private repositories of several")
		}
		owner = first
	}
	if owner == "" {
		return unknown("no path names it, and it sees no private repository")
	}
	return owner, true
}

// addForOwner is the command that adds an entry's token for an owner that only
// the person knows.
func addForOwner(e *item) string {
	command := "git pat add " + shellWord(credential.Scope{Host: e.host, Paths: []string{"OWNER"}}.Short())
	if e.login != "" {
		command += " --username " + shellWord(e.login)
	}
	return command
}

// group puts an entry to those that have the same token.
func (p *plan) group(e *item) {
	for _, t := range p.tokens {
		if !t.secret.Equal(e.secret) {
			continue
		}
		scope := t.record.Scope
		if !answersFor(credential.Candidate{Record: t.record}, e) {
			if scope.Host != e.scope.Host || scope.Owner() == "" || scope.Owner() != e.scope.Owner() {
				continue
			}
			var err error
			if scope, err = (credential.Scope{Host: scope.Host, Paths: slices.Concat(scope.Paths, e.scope.Paths)}).For(e.kind); err != nil {
				continue
			}
		}
		t.record.Scope = scope
		if t.record.Username == "" {
			t.record.Username = e.login
		}
		t.items = append(t.items, e)
		e.result = itemMerged
		return
	}
	e.result = itemAdded
	p.tokens = append(p.tokens, &token{
		record: credential.Record{
			Scope:    e.scope,
			Username: e.login,
			Kind:     e.kind,
			Added:    p.now.UTC(),
			Expires:  e.expires,
		},
		secret: e.secret,
		items:  []*item{e},
	})
}

// settle adds a token to the plan, if it would not be in the way of another
// one. A fine-grained one that would be is for its repositories alone, where
// they are known.
func (p *plan) settle(t *token) error {
	rival, err := p.rival(t)
	if err != nil {
		return err
	}
	if rival != nil && t.narrow() {
		if rival, err = p.rival(t); err != nil {
			return err
		}
	}
	if rival != nil {
		for _, e := range t.items {
			e.leave(fmt.Sprintf("there is another token, %s, for %s, and beside it neither would answer", quote(rival.Name), rival.Scope))
			e.hint, e.do = "to add it for what the other one is not for:", []string{addForOwner(e)}
		}
		return nil
	}
	if t.record.Name, err = p.name(t.record); err != nil {
		return err
	}
	for _, e := range t.items {
		e.scope = t.record.Scope
	}
	p.tokens = append(p.tokens, t)
	return nil
}

// narrow makes a fine-grained token one for the repositories that its items
// name, if all of them name one.
func (t *token) narrow() bool {
	scope := credential.Scope{Host: t.record.Host}
	for _, e := range t.items {
		if e.path == "" {
			return false
		}
		scope.Paths = append(scope.Paths, e.path)
	}
	scope, err := scope.For(t.record.Kind)
	if err != nil || t.record.Kind != credential.FineGrained || breadth(scope) < 2 {
		return false
	}
	t.record.Scope = scope
	return true
}

// add adds a token of the plan, and reports whether it did. If another program
// has taken its place meanwhile, with this token or another one, that stays.
func (p *plan) add(t *token) (bool, error) {
	unlock, err := p.tree.Lock(p.ctx)
	if err != nil {
		return false, err
	}
	defer unlock()
	rival, err := p.rival(t)
	if err == nil && rival == nil {
		err = p.keep(p.tree, nil, t.record, t.secret)
	}
	if err == nil && rival == nil {
		return true, nil
	}
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return false, err
	}
	p.kept = nil // it is not what it was
	for _, e := range t.items {
		e.result = ""
		if err := p.find(e); err != nil {
			return false, err
		}
		if e.result == "" {
			e.leave(fmt.Sprintf("another token for %s was added meanwhile", t.record.Scope))
			e.hint, e.do = "to see what there is now:", []string{"git pat list " + shellWord(t.record.Scope.Short())}
		}
	}
	return false, nil
}

// stillKept looks again for the tokens of those items that are kept, reads
// them back, and returns the items that it left because they are not found.
func (p *plan) stillKept(items []*item) (lost []*item, err error) {
	unlock, err := p.tree.Lock(p.ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	p.kept = nil
	for _, e := range items {
		if !e.kept() {
			continue
		}
		e.result = ""
		if err := p.find(e); err != nil {
			return nil, err
		}
		if e.result == "" {
			e.leave("its token is not found here any more")
			lost = append(lost, e)
		}
	}
	return lost, nil
}

// rival returns a token beside which a new one would not answer, nor that one,
// as far as neither is chosen by its login.
func (p *plan) rival(t *token) (*credential.Record, error) {
	paths := t.record.Paths
	if len(paths) == 0 {
		paths = []string{anyPath}
	}
	mine := credential.Candidate{Record: t.record}
	for _, path := range paths {
		candidates, err := p.tree.Lookup(t.record.Host, path)
		if err != nil {
			return nil, err
		}
		for _, other := range p.tokens {
			candidates = append(candidates, credential.Candidate{Record: other.record, Key: record.Key(other.record)})
		}
		d := credential.Choose(credential.Request{Host: t.record.Host, Path: path}, append(candidates, mine), p.now)
		rivals := d.With(credential.Rival)
		if slices.ContainsFunc(rivals, func(look credential.Look) bool { return look.Key == mine.Key }) {
			return &rivals[0].Record, nil
		}
	}
	return nil, nil
}

// name returns a name for a record that no other of its place has.
func (p *plan) name(r credential.Record) (string, error) {
	var taken []string
	take := func(other credential.Record, key string) {
		r.Name = other.Name
		if record.Key(r) == key {
			taken = append(taken, other.Name)
		}
	}
	near, err := p.tree.Near(r.Host, firstPath(r.Scope))
	if err != nil {
		return "", err
	}
	for _, c := range near {
		take(c.Record, c.Key)
	}
	for _, other := range p.tokens {
		take(other.record, record.Key(other.record))
	}
	return record.FreeName(record.DefaultName(r), taken), nil
}
