package doctor

import (
	"context"
	"maps"
	"os"
	"slices"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store"
	"github.com/git-credential-pat/git-credential-pat/store/keeper"
)

// The contents of the folder of the records.
type contents struct {
	tokens     []credential.Candidate
	unfinished []credential.Candidate // copies that do not answer
	leftovers  []string               // temporary files of programs that were killed
	files      *store.SecretFiles     // nil if filesErr
	filesErr   error
}

// checkStores checks the stores that have secrets or would get the next one, and
// what is in the plain files.
func (d *Doctor) checkStores(ctx context.Context, r *report, found contents) {
	dir := d.Resolver.Tokens.Tree.Dir()
	_, err := os.Stat(dir)
	r.add(OK, "folder", dir, Folder{dir, err != nil})
	counts := map[string]int{}
	for _, c := range found.tokens {
		if c.Damaged == nil && !store.ReadOnly(c.Store) {
			counts[c.Store]++
		}
	}
	keyring := d.checkStore(ctx, r, "keyring", counts["keyring"])
	delete(counts, "keyring")
	filesFailed := false
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		if !d.checkStore(ctx, r, name, counts[name]) && name == "file" {
			filesFailed = true
		}
	}
	if counts["file"] > 0 && keyring {
		r.add(Warning, "plain-file", "file", PlainFiles{counts["file"]})
	}
	leftovers := found.leftovers
	if found.filesErr == nil {
		leftovers = append(leftovers, found.files.Leftovers...)
	}
	for _, path := range leftovers {
		r.add(Warning, "leftover", path, Leftover{path}).Mending = onFile(RemoveFile, path, 0)
	}
	for _, c := range found.unfinished {
		r.add(Warning, "token-copy", subject(c), Copy{c}).Mending = &Mending{Kind: RemoveCopy, Token: c}
	}
	switch {
	case found.filesErr == nil:
		d.checkOrphans(r, found)
	case !filesFailed: // otherwise the store has this error already
		r.failed("orphan", "file", found.filesErr, Failed{found.filesErr})
	}
}

// checkStore checks one store, which has some of the tokens, and reports whether it
// answers.
func (d *Doctor) checkStore(ctx context.Context, r *report, name string, tokens int) bool {
	trouble, err := d.Resolver.Tokens.Probe(ctx, name)
	switch {
	case err != nil:
		r.failed("store", name, err, Failed{err})
	case trouble == nil:
		r.add(OK, "store", name, StoreAnswers{})
		return true
	case tokens == 0 && trouble.Absent:
		r.add(OK, "store", name, StoreAbsent{trouble})
	default:
		f := r.failed("store", name, trouble, StoreFailed{trouble, tokens})
		if tokens == 0 {
			f.State = Warning
		}
	}
	return false
}

// checkOrphans looks for secrets without a record.
func (d *Doctor) checkOrphans(r *report, found contents) {
	for _, orphan := range keeper.Orphans(found.files, found.tokens) {
		if still, err := keeper.IsOrphan(d.Resolver.Tokens.Tree, orphan.Key); err != nil || !still {
			continue // its record was written after the others were read
		}
		r.add(Error, "orphan", orphan.Key, Orphan{orphan}).Mending = &Mending{Kind: RemoveSecret, Key: orphan.Key}
	}
}
