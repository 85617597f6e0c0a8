package main

import (
	"strings"
	"testing"
	"time"

	"github.com/git-credential-pat/git-credential-pat/store/keeper"
)

func TestParse(t *testing.T) {
	const day = 24 * time.Hour
	plain := options{save: keeper.SaveTokens, warn: 7 * day}
	with := func(change func(*options)) options { o := plain; change(&o); return o }
	for _, test := range []struct {
		args string // separated by blanks
		want options
		rest string
		err  string
	}{
		{args: "", want: plain},
		{args: "get", want: plain, rest: "get"},
		{args: "some --thing get", want: plain, rest: "some --thing get"},
		{args: "- get", want: plain, rest: "- get"},
		{args: "-- --help", want: plain, rest: "--help"},
		{args: "--store file get", want: with(func(o *options) { o.store = "file" }), rest: "get"},
		{args: "--store=git:store=x get", want: with(func(o *options) { o.store = "git:store=x" }), rest: "get"},
		{args: "-save any -warn-days=0 store", want: with(func(o *options) { o.save, o.warn = keeper.SaveAny, 0 }), rest: "store"},
		{args: "--warn-days 4294967295 get", want: with(func(o *options) { o.warn = 366 * day }), rest: "get"},
		{args: "--version", want: with(func(o *options) { o.version = true })},
		{args: "--help --nothing", want: options{help: true}, rest: "--nothing"},
		{args: "-h", want: options{help: true}},
		{args: "--nothing get", err: "flag provided but not defined: -nothing"},
		{args: "---store=file get", err: "bad flag syntax: ---store=file"},
		{args: "--save", err: "flag needs an argument: -save"},
		{args: "--save=all get", err: `invalid value "all" for flag -save: must be tokens, any or never`},
		{args: "--store x get", err: `"x" is not a store: use keyring, file, git:NAME, env:VARIABLE or cmd:COMMAND`},
		{args: "--store= get", want: plain, rest: "get"},
		{args: "--store env:X get", err: `the store "env:X" is read-only`},
		{args: "--warn-days=-1 get", err: `invalid value "-1" for flag -warn-days: parse error`},
		{args: "--warn-days soon get", err: `invalid value "soon" for flag -warn-days: parse error`},
	} {
		got, rest, err := parse(strings.Fields(test.args))
		if test.err != "" {
			if err == nil || err.Error() != test.err {
				t.Errorf("%s: got %v, want %q", test.args, err, test.err)
			}
			continue
		}
		if err != nil || got != test.want || strings.Join(rest, " ") != test.rest {
			t.Errorf("%s: got %+v, %q and %v, want %+v and %q", test.args, got, rest, err, test.want, test.rest)
		}
	}
}
