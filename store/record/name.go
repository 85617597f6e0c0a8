package record

import (
	"fmt"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/credential"
)

// DefaultName is what a record is called for which nobody chose a name. Two
// tokens of one login for reading and for writing have two names.
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

// FreeName returns a name that is not among those taken: the name itself, or
// with a number.
func FreeName(name string, taken []string) string {
	free := name
	for n := 2; contains(taken, free); n++ {
		free = fmt.Sprintf("%s-%d", name, n)
	}
	return free
}

func contains(names []string, name string) bool {
	for _, n := range names {
		if escape(n) == escape(name) {
			return true
		}
	}
	return false
}
