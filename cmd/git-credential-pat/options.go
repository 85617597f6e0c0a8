package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"time"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store"
	"github.com/git-credential-pat/git-credential-pat/store/keeper"
)

const usage = `usage: git-credential-pat [--store NAME] [--save tokens|any|never] [--warn-days N]
                          get|store|erase|capability

Git runs this program when it needs a credential for an https URL. To configure
Git:

  git pat setup

The operations are described in gitcredentials(7). To add, list and remove
tokens, use git pat.

  --store NAME   where to store a token that was typed at Git's prompt: keyring,
                 file or git:HELPER. The default is the keyring, or a file if
                 there is no keyring
  --save WHICH   which credentials from other sources to store: tokens (personal
                 tokens, the default), any or never
  --warn-days N  warn once a day if the token that Git gets expires within N
                 days. The default is 7; 0 means never
  --version      print the version
  --help         print this help
`

// options are the options on the command line.
type options struct {
	store         string
	save          keeper.Save
	warn          time.Duration // how long before a token expires to warn; 0 means never
	help, version bool
}

const (
	warnDays    = 7   // the default
	warnDaysMax = 366 // GitHub's default limit for the lifetime of fine-grained tokens
)

// parse reads the options. rest begins with the first argument that is not an
// option.
func parse(args []string) (o options, rest []string, err error) {
	o.save = keeper.SaveTokens
	flags := flag.NewFlagSet("git-credential-pat", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&o.store, "store", "", "")
	flags.Func("save", "", func(s string) error { return o.save.UnmarshalText([]byte(s)) })
	days := flags.Uint("warn-days", warnDays, "")
	flags.BoolVar(&o.version, "version", false, "")
	err = flags.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		return options{help: true}, flags.Args(), nil
	}
	if err == nil && o.store != "" {
		_, err = store.Open(o.store, "", store.Options{})
		if store.ReadOnly(o.store) {
			err = fmt.Errorf("the store %s is read-only", credential.Quote(o.store))
		}
	}
	o.warn = time.Duration(min(*days, warnDaysMax)) * 24 * time.Hour
	return o, flags.Args(), err
}
