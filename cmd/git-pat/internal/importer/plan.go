package importer

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store"
	"github.com/git-credential-pat/git-credential-pat/store/record"
)

// Needs is what a plan needs from others.
type Needs struct {
	Tree *record.Tree
	Now  time.Time

	// MaxSecret is the longest secret that may be kept.
	MaxSecret int // bytes

	// Unfit says why nobody can log in with a secret, if so. The record has
	// only host and kind.
	Unfit func(r credential.Record, secret credential.Secret) error

	// Secret reads the secret of a token that is kept.
	Secret func(ctx context.Context, c credential.Candidate) (credential.Secret, error)

	// Repositories asks GitHub for the private repositories that a token sees,
	// as OWNER/NAME. It is nil if GitHub is not to be asked.
	Repositories func(ctx context.Context, host string, secret credential.Secret) ([]string, error)

	// Create writes a new record and its secret. It is called under the lock of
	// Tree. If there is a record with this key, the error is fs.ErrExist.
	Create func(ctx context.Context, r credential.Record, secret credential.Secret) error
}

// A Plan decides which tokens come of the items of a source: first Make, then
// Keep.
type Plan struct {
	Needs
	All bool // import what is for other servers than GitHub too

	tokens []*token // to be kept
	kept   map[string][]held
}

// A token is to be kept, and comes of some items.
type token struct {
	record credential.Record
	secret credential.Secret
	items  []*Item
}

// A held token was kept before.
type held struct {
	credential.Candidate
	secret credential.Secret
}

// Make decides about all items. It writes nothing.
func (p *Plan) Make(ctx context.Context, items []*Item) error {
	var open []*Item
	for _, e := range items {
		if e.Result == 0 {
			p.check(e)
		}
		if e.Result == 0 {
			if err := p.find(ctx, e); err != nil {
				return err
			}
		}
		if e.Result == 0 {
			open = append(open, e)
		}
	}
	for _, e := range open {
		p.chooseTarget(ctx, e, items)
	}
	// The broad ones first: they make those for a part of the same unnecessary.
	slices.SortStableFunc(open, func(x, y *Item) int { return breadth(x.Target) - breadth(y.Target) })
	for _, e := range open {
		if e.Result == 0 {
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

// breadth orders targets: a host, an owner, a repository.
func breadth(s credential.Target) int {
	if len(s.Paths) == 0 {
		return 0
	}
	return 1 + strings.Count(s.Paths[0], "/")
}

const maxLogin = 100 // bytes, as for git pat add --username

// check completes an item by what its secret is, and leaves it if that is not a
// token that can be imported.
func (p *Plan) check(e *Item) {
	host, err := credential.ParseHost(e.Host)
	if err != nil || strings.HasSuffix(credential.WithoutPort(host), ".") {
		e.malformed(Reason{Why: BadHost})
		return
	}
	e.Host = host
	// GitHub accepts a token as the user name, with any password. What looks
	// like a token must not be shown as a login, on other hosts either.
	isToken := func(s credential.Secret) bool {
		return credential.KindOf(s, credential.GitHubHost).IsGitHub() || credential.IsRefreshToken(s)
	}
	if login := credential.NewSecret(e.Login); isToken(login) {
		if !isToken(e.Secret) {
			e.Secret = login
		}
		e.Login = ""
	}
	e.Kind = credential.KindOf(e.Secret, e.Host)
	if e.Kind.IsGitHub() && e.Login == credential.AnyLogin {
		e.Login = ""
	}
	bad := func(r rune) bool { return r < ' ' || r == 0x7f }
	text := e.Login + e.Path
	unfit := p.Unfit(credential.Record{Target: credential.Target{Host: e.Host}, Kind: e.Kind}, e.Secret)
	switch apiOf, isAPI := strings.CutPrefix(e.Host, "api."); {
	case e.Secret.Empty():
		e.leave(Reason{Why: NoPassword})
	case strings.ContainsFunc(text+e.Secret.Reveal(), bad) || !utf8.ValidString(text) || len(e.Login) > maxLogin || len(e.Secret.Reveal()) > p.MaxSecret:
		e.malformed(Reason{Why: BadText})
	case e.Host == store.HelperHost:
		e.leave(Reason{Why: OwnPlace})
	case isAPI && credential.IsGitHubHost(apiOf):
		e.leave(Reason{Why: APIHost})
	case unfit != nil:
		e.leave(Reason{Why: Unfit, Err: unfit})
	case !e.Kind.IsGitHub() && !p.All:
		e.leave(Reason{Why: OtherServer})
	case !e.Expires.IsZero() && !p.Now.Before(e.Expires):
		e.leave(Reason{Why: Expired})
	}
}

// find looks for an item's token among those that are kept.
func (p *Plan) find(ctx context.Context, e *Item) error {
	hosts := []string{e.Host}
	if e.Host == credential.GistHost {
		hosts = append(hosts, credential.GitHubHost)
	}
	for _, host := range hosts {
		some, err := p.held(ctx, host)
		if err != nil {
			return err
		}
		for _, h := range some {
			if h.secret.Equal(e.Secret) && answersFor(h.Candidate, e) {
				e.Result, e.Target = Known, h.Target
				return nil
			}
		}
	}
	return nil
}

// held returns the tokens that are kept for a host. A token whose secret cannot
// be read is left out: it still is a rival of a new one for the same target.
func (p *Plan) held(ctx context.Context, host string) ([]held, error) {
	if some, ok := p.kept[host]; ok {
		return some, nil
	}
	var some []held
	for c, err := range p.Tree.Host(host) {
		if err != nil {
			return nil, err
		}
		if c.Damaged != nil || store.ReadOnly(c.Store) {
			continue // a variable does not last
		}
		if secret, err := p.Secret(ctx, c); err == nil {
			some = append(some, held{c, secret})
		}
	}
	if p.kept == nil {
		p.kept = map[string][]held{}
	}
	p.kept[host] = some
	return some, nil
}

// answersFor reports whether a token answers all requests that an item answered.
func answersFor(c credential.Candidate, e *Item) bool {
	path := e.Path
	if path == "" && e.Kind != credential.FineGrained {
		path = anyPath
	}
	request := credential.Request{Host: e.Host, Path: path}
	return credential.Choose(request, []credential.Candidate{c}, time.Time{}).Considered[0].Level != credential.NoLevel
}

// anyPath is the path of a request that only a token for the whole host can
// answer. A request without a path is different: any token of the host may
// answer it.
const anyPath = "any/repository"

// chooseTarget decides what an item's token is for.
func (p *Plan) chooseTarget(ctx context.Context, e *Item, items []*Item) {
	target := credential.Target{Host: e.Host}
	if e.Path != "" {
		target.Paths = []string{e.Path}
	}
	if e.Kind == credential.FineGrained && e.Path == "" {
		owner, ok := p.ownerOf(ctx, e, items)
		if !ok {
			return
		}
		target.Paths = []string{owner}
	}
	target, err := target.For(e.Kind)
	if err != nil {
		e.leave(Reason{Why: NoRepository})
		return
	}
	if e.Kind == credential.FineGrained {
		target.Paths = []string{target.Owner()}
	}
	e.Target = target
}

// ownerOf finds out to which owner the fine-grained token of an item without a
// path belongs: from another item with the same token, or from GitHub.
func (p *Plan) ownerOf(ctx context.Context, e *Item, items []*Item) (owner string, ok bool) {
	for _, other := range items {
		if other.Result == 0 && other.Path != "" && other.Host == e.Host && other.Secret.Equal(e.Secret) {
			return other.Path, true
		}
	}
	if p.Repositories == nil {
		e.leave(Reason{Why: OwnerNotNamed})
		return "", false
	}
	names, err := p.Repositories(ctx, e.Host, e.Secret)
	if err != nil {
		e.leave(Reason{Why: OwnerUnknown, Err: err})
		return "", false
	}
	for _, name := range names {
		first, _, _ := strings.Cut(name, "/")
		if owner != "" && !credential.EqualFold(owner, first) {
			e.leave(Reason{Why: SeveralOwners})
			return "", false
		}
		owner = first
	}
	if owner == "" {
		e.leave(Reason{Why: OwnerHidden})
		return "", false
	}
	return owner, true
}

// group puts an item to those that have the same token.
func (p *Plan) group(e *Item) {
	for _, t := range p.tokens {
		if !t.secret.Equal(e.Secret) {
			continue
		}
		target := t.record.Target
		if !answersFor(credential.Candidate{Record: t.record}, e) {
			if target.Host != e.Target.Host || target.Owner() == "" || target.Owner() != e.Target.Owner() {
				continue
			}
			var err error
			if target, err = (credential.Target{Host: target.Host, Paths: slices.Concat(target.Paths, e.Target.Paths)}).For(e.Kind); err != nil {
				continue
			}
		}
		t.record.Target = target
		if t.record.Username == "" {
			t.record.Username = e.Login
		}
		t.items = append(t.items, e)
		e.Result = Merged
		return
	}
	e.Result = Added
	p.tokens = append(p.tokens, &token{
		record: credential.Record{
			Target:   e.Target,
			Username: e.Login,
			Kind:     e.Kind,
			Added:    p.Now.UTC(),
			Expires:  e.Expires,
		},
		secret: e.Secret,
		items:  []*Item{e},
	})
}

// settle adds a token to the plan unless it has a rival. A fine-grained token
// that has one is for its repositories alone, if they are known.
func (p *Plan) settle(t *token) error {
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
		t.leave(Reason{Why: Rival, Record: *rival})
		return nil
	}
	if t.record.Name, err = p.name(t.record); err != nil {
		return err
	}
	for _, e := range t.items {
		e.Target = t.record.Target
	}
	p.tokens = append(p.tokens, t)
	return nil
}

// leave leaves all items of a token.
func (t *token) leave(r Reason) {
	for _, e := range t.items {
		e.leave(r)
	}
}

// narrow makes a fine-grained token one for the repositories that its items
// name, if all of them name one.
func (t *token) narrow() bool {
	target := credential.Target{Host: t.record.Host}
	for _, e := range t.items {
		if e.Path == "" {
			return false
		}
		target.Paths = append(target.Paths, e.Path)
	}
	target, err := target.For(t.record.Kind)
	if err != nil || t.record.Kind != credential.FineGrained || breadth(target) < 2 {
		return false
	}
	t.record.Target = target
	return true
}

// Empty reports whether the plan has nothing to keep.
func (p *Plan) Empty() bool { return len(p.tokens) == 0 }

// Keep keeps the tokens of the plan in a store, and returns the records of
// those that it kept. It stops at the first error.
func (p *Plan) Keep(ctx context.Context, storeName string) ([]credential.Record, error) {
	var kept []credential.Record
	planned := p.tokens
	p.tokens = nil // nothing more is planned, which could be a rival
	for i, t := range planned {
		t.record.Store = storeName
		ok, err := p.keep(ctx, t)
		if err != nil {
			for _, rest := range planned[i:] {
				rest.leave(Reason{Why: NotKept})
			}
			return kept, err
		}
		if ok {
			kept = append(kept, t.record)
		}
	}
	return kept, nil
}

// keep keeps a token, and reports whether it did. If another program has kept
// a token in its place meanwhile, the same or another one, that stays.
func (p *Plan) keep(ctx context.Context, t *token) (bool, error) {
	unlock, err := p.Tree.Lock(ctx)
	if err != nil {
		return false, err
	}
	defer unlock()
	rival, err := p.rival(t)
	if err == nil && rival == nil {
		err = p.Create(ctx, t.record, t.secret)
	}
	if err == nil && rival == nil {
		return true, nil
	}
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return false, err
	}
	p.kept = nil // it has changed
	for _, e := range t.items {
		e.Result = 0
		if err := p.find(ctx, e); err != nil {
			return false, err
		}
		if e.Result == 0 {
			e.leave(Reason{Why: RivalMeanwhile, Record: t.record})
		}
	}
	return false, nil
}

// StillKept looks again for the tokens of those items that are kept, reads
// them, and returns the items that it left because their token is gone.
func (p *Plan) StillKept(ctx context.Context, items []*Item) (lost []*Item, err error) {
	unlock, err := p.Tree.Lock(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	p.kept = nil
	for _, e := range items {
		if !e.Kept() {
			continue
		}
		e.Result = 0
		if err := p.find(ctx, e); err != nil {
			return nil, err
		}
		if e.Result == 0 {
			e.leave(Reason{Why: Lost})
			lost = append(lost, e)
		}
	}
	return lost, nil
}

// rival returns a token that fits as well as a new one, so that neither would
// answer, unless the request names a login.
func (p *Plan) rival(t *token) (*credential.Record, error) {
	paths := t.record.Paths
	if len(paths) == 0 {
		paths = []string{anyPath}
	}
	mine := credential.Candidate{Record: t.record}
	for _, path := range paths {
		candidates, err := p.Tree.Lookup(t.record.Host, path)
		if err != nil {
			return nil, err
		}
		for _, other := range p.tokens {
			candidates = append(candidates, credential.Candidate{Record: other.record, Key: record.Key(other.record)})
		}
		d := credential.Choose(credential.Request{Host: t.record.Host, Path: path}, append(candidates, mine), p.Now)
		rivals := d.With(credential.Rival)
		if slices.ContainsFunc(rivals, func(look credential.Considered) bool { return look.Key == mine.Key }) {
			return &rivals[0].Record, nil
		}
	}
	return nil, nil
}

// name returns a name for a record that no other record in its place has.
func (p *Plan) name(r credential.Record) (string, error) {
	var taken []string
	take := func(other credential.Record, key string) {
		r.Name = other.Name
		if record.Key(r) == key {
			taken = append(taken, other.Name)
		}
	}
	path := ""
	if len(r.Paths) > 0 {
		path = r.Paths[0]
	}
	near, err := p.Tree.Near(r.Host, path)
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
