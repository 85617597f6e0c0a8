package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store"
)

// options are what stands on the command line before the operation.
type options struct {
	store         string
	save          store.Save
	warn          time.Duration // how long before a token ends that is said; 0: never
	help, version bool
}

const (
	warnDays    = 7   // without --warn-days
	warnDaysMax = 366 // the longest that GitHub lets a fine-grained token live by default
)

// parse reads the arguments up to the first that is no option, and returns the
// rest. Package flag would do it too, for 50 kB and some ten microseconds of
// each start.
func parse(args []string) (o options, rest []string, err error) {
	o = options{save: store.SaveTokens, warn: warnDays * 24 * time.Hour}
	for len(args) > 0 && len(args[0]) > 1 && args[0][0] == '-' {
		arg := args[0]
		args = args[1:]
		name, value, given := strings.Cut(arg, "=")
		switch name {
		case "--":
			return o, args, nil
		case "-h", "-help", "--help":
			o.help = true
			return o, args, nil
		case "-version", "--version":
			o.version = true
			continue
		case "-store", "--store", "-save", "--save", "-warn-days", "--warn-days":
		default:
			return o, args, fmt.Errorf("there is no option %s", credential.Quote(name))
		}
		if !given {
			if len(args) == 0 {
				return o, args, fmt.Errorf("%s needs a value", name)
			}
			value, args = args[0], args[1:]
		}
		switch strings.TrimLeft(name, "-") {
		case "store":
			o.store = value
			err = checkStore(value)
		case "save":
			if err = o.save.UnmarshalText([]byte(value)); err != nil {
				err = fmt.Errorf("%s %w", name, err)
			}
		case "warn-days":
			days, badNumber := strconv.ParseUint(value, 10, 32)
			if badNumber != nil {
				err = fmt.Errorf("%s needs a number of days, not %s", name, credential.Quote(value))
			}
			o.warn = time.Duration(min(days, warnDaysMax)) * 24 * time.Hour
		}
		if err != nil {
			return o, args, err
		}
	}
	return o, args, nil
}

// checkStore makes sure that a store can be what keeps tokens.
func checkStore(name string) error {
	_, err := store.Open(name, nil, store.Patience{})
	if err == nil && store.ReadOnly(name) {
		err = fmt.Errorf("the store %s takes no tokens", credential.Quote(name))
	}
	return err
}
