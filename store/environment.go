package store

import (
	"context"
	"os"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/credential"
)

// environment returns the value of an environment variable for every key. It is
// read-only.
type environment struct{ name, variable string }

var _ Store = (*environment)(nil)

// IsVariable reports whether a text can be the name of an environment variable.
func IsVariable(s string) bool {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_"
	return s != "" && strings.Contains(letters, s[:1]) && strings.Trim(s, letters+"0123456789") == ""
}

func (e *environment) Get(context.Context, string) (credential.Secret, error) {
	value := os.Getenv(e.variable)
	if value == "" {
		return credential.Secret{}, ErrNotFound
	}
	return credential.NewSecret(value), nil
}

func (e *environment) Set(context.Context, string, credential.Secret) error {
	return &Error{Store: e.name, What: "is read-only", Advice: "set the variable " + e.variable}
}

// Delete does nothing, because the variable does not belong to this program.
func (e *environment) Delete(context.Context, string) error { return nil }
