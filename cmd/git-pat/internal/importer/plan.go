package importer

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/input"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/credential/forge"
	"github.com/git-credential-pat/git-credential-pat/store"
	"github.com/git-credential-pat/git-credential-pat/store/record"
)

// Needs is what a plan needs from its caller.
type Needs struct {
	Tree *record.Tree
	Now  time.Time

	// Secret reads the secret of a stored token.
	Secret func(ctx context.Context, c credential.Candidate) (credential.Secret, error)

	// Repositories asks GitHub for the private repositories that a token sees,
	// as OWNER/NAME. It is nil if GitHub is not to be asked.
	Repositories func(ctx context.Context, host string, secret credential.Secret) ([]string, error)

	// Create writes a new record and its secret. If there is a record of this
	// target and name, the error is fs.ErrExist. The caller holds the lock of Tree.
	Create func(ctx context.Context, r credential.Record, secret credential.Secret) error
}

// A Plan decides which tokens are made from the items of a source: first Make,
// then Keep.
type Plan struct {
	Needs
	All bool // also import passwords, and tokens of unknown forges

	tokens []*token            // to be stored
	held   map[string][]*token // stored already, by host
}

// A token is stored, or is to be stored for one or more items.
type token struct {
	record credential.Record
	secret credential.Secret
	items  []*Item
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
		p.chooseTarget(ctx, e, open)
	}
	// A token for a host or an owner makes one for a part of it unnecessary.
	depth := func(e *Item) int { return strings.Count(e.Target.String(), "/") }
	slices.SortStableFunc(open, func(x, y *Item) int { return depth(x) - depth(y) })
	var tokens []*token
	for _, e := range open {
		if e.Result == 0 {
			tokens = p.group(tokens, e)
		}
	}
	for _, t := range tokens {
		if err := p.add(t); err != nil {
			return err
		}
	}
	return nil
}

const maxLogin = 100 // bytes, as for git pat add --username

// check sets the kind of an item, and skips the item if it is not a token that
// can be imported.
func (p *Plan) check(e *Item) {
	host, err := credential.ParseHost(e.Host)
	if err != nil || strings.HasSuffix(credential.WithoutPort(host), ".") {
		e.malformed(BadHost)
		return
	}
	// GitHub accepts a token as the user name, with any password. What looks
	// like a token must not be shown as a login, on other hosts either.
	isToken := func(s credential.Secret) bool {
		return forge.KindOf(s.Reveal(), forge.GitHub).IsToken() || credential.IsRefreshToken(s)
	}
	if login := credential.NewSecret(e.Login); isToken(login) {
		if !isToken(e.Secret) {
			e.Secret = login
		}
		e.Login = ""
	}
	e.Host, e.Path = forge.Locate(host, e.Path, e.Login)
	e.Kind = forge.KindOf(e.Secret.Reveal(), cmp.Or(forge.Of(e.Host), e.Forge))
	r := e.record()
	if r.IsToken() && forge.IsPlaceholder(e.Login) || r.On() == forge.Azure { // where it is the organization, or any text
		e.Login = ""
	}
	isControl := func(r rune) bool { return r < ' ' || r == 0x7f }
	text := e.Login + e.Path
	unfit := input.CheckKind(credential.Record{Target: r.Target, Kind: e.Kind, Forge: e.Forge}, e.Secret)
	switch apiOf, isAPI := strings.CutPrefix(e.Host, "api."); {
	case e.Secret.Empty():
		e.Skip(Reason{Why: NoPassword})
	case strings.ContainsFunc(text+e.Secret.Reveal(), isControl) || !utf8.ValidString(text) || len(e.Login) > maxLogin || len(e.Secret.Reveal()) > input.MaxSecret:
		e.malformed(BadText)
	case e.Host == store.HelperHost:
		e.Skip(Reason{Why: OwnPlace})
	case isAPI && credential.IsGitHubHost(apiOf):
		e.Skip(Reason{Why: APIHost})
	case unfit != nil:
		e.Skip(Reason{Why: Unfit, Err: unfit})
	case !r.IsToken() && !p.All:
		e.Skip(Reason{Why: OtherServer})
	case e.Kind == forge.GitLabDeploy && e.Login == "":
		e.Skip(Reason{Why: NoUserName})
	case !e.Expires.IsZero() && !p.Now.Before(e.Expires):
		e.Skip(Reason{Why: Expired})
	}
}

// find looks for an item's token among the stored ones.
func (p *Plan) find(ctx context.Context, e *Item) error {
	hosts := []string{e.Host}
	if e.Host == credential.GistHost {
		hosts = append(hosts, credential.GitHubHost)
	}
	for _, host := range hosts {
		if err := p.read(ctx, host); err != nil {
			return err
		}
		for _, t := range p.held[host] {
			if t.secret.Equal(e.Secret) && answersFor(t.record, e) {
				e.Result, e.Target = Known, t.record.Target
				return nil
			}
		}
	}
	return nil
}

// read reads the stored tokens of a host once. It omits a token whose secret
// cannot be read; that still is a rival of a new one for the same target. It
// omits a token of a variable too, which does not last.
func (p *Plan) read(ctx context.Context, host string) error {
	if _, ok := p.held[host]; ok {
		return nil
	}
	var all []*token
	for c, err := range p.Tree.Host(host) {
		if err != nil {
			return err
		}
		if c.Damaged != nil || store.ReadOnly(c.Store) {
			continue
		}
		if secret, err := p.Secret(ctx, c); err == nil {
			all = append(all, &token{record: c.Record, secret: secret})
		}
	}
	if p.held == nil {
		p.held = map[string][]*token{}
	}
	p.held[host] = all
	return nil
}

// answersFor reports whether a token answers all requests that an item answered.
func answersFor(r credential.Record, e *Item) bool {
	path := e.Path
	if path == "" && e.Kind != credential.FineGrained {
		path = anyPath
	}
	request := credential.Request{Host: e.Host, Path: path}
	return credential.Choose(request, []credential.Candidate{{Record: r}}, time.Time{}).Considered[0].Level != credential.NoLevel
}

// anyPath is the path of a request that only a token for the whole host can
// answer. Any token of the host may answer a request without a path.
const anyPath = "any/repository"

// chooseTarget decides what an item's token is for. A fine-grained token is for
// its owner, who is named by the item's path, by another open item with the same
// token, or by GitHub.
func (p *Plan) chooseTarget(ctx context.Context, e *Item, open []*Item) {
	paths, why := []string{e.Path}, NoRepository
	if e.Kind == credential.FineGrained && e.Path == "" {
		same := func(x *Item) bool {
			return x.Result == 0 && x.Path != "" && x.Host == e.Host && x.Secret.Equal(e.Secret)
		}
		if i := slices.IndexFunc(open, same); i >= 0 {
			paths = []string{open[i].Path}
		} else if p.Repositories == nil {
			e.Skip(Reason{Why: OwnerNotNamed})
			return
		} else {
			var err error
			if paths, err = p.Repositories(ctx, e.Host, e.Secret); err != nil {
				e.Skip(Reason{Why: OwnerUnknown, Err: err})
				return
			}
			why = SeveralOwners
		}
	}
	target, err := credential.Target{Host: e.Host, Paths: paths}.On(e.record().On())
	if err != nil {
		e.Skip(Reason{Why: why})
		return
	}
	if e.Kind == credential.FineGrained {
		owner := target.Owner()
		if owner == "" {
			e.Skip(Reason{Why: OwnerHidden})
			return
		}
		target.Paths = []string{owner}
	}
	e.Target = target
}

// group adds an item to the tokens: to one with the same secret, or as a new
// one.
func (p *Plan) group(tokens []*token, e *Item) []*token {
	for _, t := range tokens {
		if t.secret.Equal(e.Secret) && t.cover(e) {
			t.record.Username = cmp.Or(t.record.Username, e.Login)
			t.items = append(t.items, e)
			e.Result = Merged
			return tokens
		}
	}
	e.Result = Added
	r := e.record()
	r.Target, r.Added = e.Target, p.Now.UTC()
	return append(tokens, &token{r, e.Secret, []*Item{e}})
}

// cover makes a token answer for an item too, and reports whether it can. One
// token can be for several repositories of one owner.
func (t *token) cover(e *Item) bool {
	if answersFor(t.record, e) {
		return true
	}
	target := t.record.Target
	if target.Host != e.Target.Host || target.Owner() == "" || target.Owner() != e.Target.Owner() {
		return false
	}
	target, err := credential.Target{Host: target.Host, Paths: slices.Concat(target.Paths, e.Target.Paths)}.On(t.record.On())
	if err == nil {
		t.record.Target = target
	}
	return err == nil
}

// add adds a token to the plan, unless it has a rival. A fine-grained token with
// a rival is for the repositories that its items name, if all name one.
func (p *Plan) add(t *token) error {
	rival, err := p.rival(t)
	if rival != nil && t.narrow() {
		rival, err = p.rival(t)
	}
	if err != nil {
		return err
	}
	if rival != nil {
		t.skip(Reason{Why: Rival, Record: *rival})
		return nil
	}
	t.record.Name = record.DefaultName(t.record)
	for _, e := range t.items {
		e.Target = t.record.Target
	}
	p.tokens = append(p.tokens, t)
	return nil
}

// skip skips all items of a token.
func (t *token) skip(r Reason) {
	for _, e := range t.items {
		e.Skip(r)
	}
}

// narrow makes a fine-grained token one for the repositories that its items
// name, and reports whether all of them name one.
func (t *token) narrow() bool {
	target := credential.Target{Host: t.record.Host}
	for _, e := range t.items {
		if !strings.Contains(e.Path, "/") {
			return false
		}
		target.Paths = append(target.Paths, e.Path)
	}
	target, err := target.For(t.record.Kind)
	if err != nil || t.record.Kind != credential.FineGrained {
		return false
	}
	t.record.Target = target
	return true
}

// rival returns a token that fits as well as a new one. Neither of them would
// answer a request without a login.
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
		if slices.ContainsFunc(rivals, func(c credential.Considered) bool { return c.Key == mine.Key }) {
			return &rivals[0].Record, nil
		}
	}
	return nil, nil
}
