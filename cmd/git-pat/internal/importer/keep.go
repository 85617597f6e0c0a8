package importer

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store/record"
)

// Empty reports whether the plan has nothing to store.
func (p *Plan) Empty() bool { return len(p.tokens) == 0 }

// Keep writes the tokens of the plan into a store, and returns the records that
// it wrote. It stops at the first error. A token that another program stored
// after Make stays, and so does a rival of a planned one.
func (p *Plan) Keep(ctx context.Context, storeName string) (kept []credential.Record, err error) {
	planned := p.tokens
	p.tokens = nil // which are no rivals of each other
	for _, t := range planned {
		if err == nil {
			t.record.Store = storeName
			err = p.keep(ctx, t)
		}
		if err != nil {
			t.skip(Reason{Why: NotKept})
		} else if t.items[0].Result == Added {
			kept = append(kept, t.record)
		}
	}
	return kept, err
}

func (p *Plan) keep(ctx context.Context, t *token) error {
	unlock, err := p.Tree.Lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	rival, err := p.rival(t)
	if err != nil {
		return err
	}
	if rival != nil {
		_, err := p.findAgain(ctx, t.items, Reason{Why: Rival, Record: *rival})
		return err
	}
	for n := 2; ; n++ {
		err := p.Create(ctx, t.record, t.secret)
		if !errors.Is(err, fs.ErrExist) {
			return err
		}
		t.record.Name = fmt.Sprintf("%s-%d", record.DefaultName(t.record), n)
	}
}

// StillKept looks again for the tokens of the kept items, and reads them. It
// skips and returns the items whose token is not there any more.
func (p *Plan) StillKept(ctx context.Context, items []*Item) (lost []*Item, err error) {
	unlock, err := p.Tree.Lock(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	return p.findAgain(ctx, items, Reason{})
}

// findAgain looks for the tokens of the kept items. It skips and returns those
// whose token is not stored.
func (p *Plan) findAgain(ctx context.Context, items []*Item, otherwise Reason) (skipped []*Item, err error) {
	p.held = nil // which may have changed
	for _, e := range items {
		if !e.Kept() {
			continue
		}
		e.Result = 0
		if err := p.find(ctx, e); err != nil {
			return nil, err
		}
		if e.Result == 0 {
			e.Skip(otherwise)
			skipped = append(skipped, e)
		}
	}
	return skipped, nil
}
