package record

import (
	"fmt"
	"slices"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/credential"
)

// DefaultName returns the name of a record for which no name was chosen. For
// one login, a token for reading and a token for writing get different names.
func DefaultName(r credential.Record) string {
	name := r.Kind.String()
	if r.Username != "" {
		name = strings.ToLower(r.Username)
	}
	if r.Access != "" {
		name += "-" + string(r.Access)
	}
	return name
}

// FreeName returns a name that differs from those taken: the given name, or the
// name with a number at the end.
func FreeName(name string, taken []string) string {
	free := name
	for n := 2; slices.ContainsFunc(taken, func(t string) bool { return escape(t) == escape(free) }); n++ {
		free = fmt.Sprintf("%s-%d", name, n)
	}
	return free
}
