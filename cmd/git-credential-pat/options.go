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

// options are what stands on the command line before the operation.
type options struct {
	store         string
	save          keeper.Save
	warn          time.Duration // how long before a token expires the helper warns; 0: never
	help, version bool
}

const (
	warnDays    = 7   // without --warn-days
	warnDaysMax = 366 // the longest that GitHub lets a fine-grained token live by default
)

// parse reads the arguments up to the first that is no option, and returns the
// rest.
func parse(args []string) (o options, rest []string, err error) {
	flags := flag.NewFlagSet("git-credential-pat", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&o.store, "store", "", "")
	flags.TextVar(&o.save, "save", keeper.SaveTokens, "")
	days := flags.Uint("warn-days", warnDays, "")
	flags.BoolVar(&o.version, "version", false, "")
	err = flags.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		return options{help: true}, flags.Args(), nil
	}
	if err == nil && o.store != "" {
		err = checkStore(o.store)
	}
	o.warn = time.Duration(min(*days, warnDaysMax)) * 24 * time.Hour
	return o, flags.Args(), err
}

// checkStore makes sure that a store can be what keeps tokens.
func checkStore(name string) error {
	_, err := store.Open(name, "", store.Options{})
	if err == nil && store.ReadOnly(name) {
		err = fmt.Errorf("the store %s is read-only", credential.Quote(name))
	}
	return err
}
