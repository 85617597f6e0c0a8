package e2e

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/git-credential-pat/git-credential-pat/e2e/githubtest"
)

// policy OWNER [sso] [classic] [oauth] [address] [days=N] makes an organisation
// of github.com demand that of tokens, and nothing else.
func cmdPolicy(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: policy OWNER [sso] [classic] [oauth] [address] [days=N]")
	}
	o := options(ts, args[1:], "sso", "classic", "oauth", "address", "days")
	var p githubtest.Policy
	_, p.SSO = o["sso"]
	_, p.ClassicForbidden = o["classic"]
	_, p.OAuthRestricted = o["oauth"]
	_, p.IPAllowList = o["address"]
	if days, ok := o["days"]; ok {
		var err error
		p.MaxLifetimeDays, err = strconv.Atoi(days)
		ts.Check(err)
	}
	worldOf(ts).server.SetPolicy(args[0], p)
}

// fault cut|after|garbage HOST PATH TIMES, fault redirect HOST PATH TARGET TIMES and
// fault limit HOST LOGIN LEFT make a server fail.
func cmdFault(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 4 || args[0] == "redirect" && len(args) < 5 {
		ts.Fatalf("usage: fault KIND HOST PATH [TARGET] TIMES")
	}
	s := worldOf(ts).server
	n, err := strconv.Atoi(args[len(args)-1])
	ts.Check(err)
	switch args[0] {
	case "cut":
		s.Break(args[1], args[2], n)
	case "after":
		s.FailAfter(args[1], args[2], http.StatusInternalServerError, n)
	case "garbage":
		s.Garbage(args[1], args[2], n)
	case "redirect":
		s.Redirect(args[1], args[2], args[3], n)
	case "limit":
		s.SetRateLimit(args[1], args[2], n)
	default:
		ts.Fatalf("unknown fault %q", args[0])
	}
}

// hold HOST PATH has a server keep those waiting whom it would let in; hold wait
// returns once one of them is there, and hold end answers them all. Another
// program may do something meanwhile.
func cmdHold(ts *testscript.TestScript, neg bool, args []string) {
	w := worldOf(ts)
	switch {
	case !neg && len(args) == 2:
		w.held, w.release = w.server.Hold(args[0], args[1])
		ts.Defer(w.release)
	case !neg && len(args) == 1 && args[0] == "wait" && w.held != nil:
		select {
		case <-w.held:
		case <-time.After(time.Minute):
			ts.Fatalf("nobody came")
		}
	case !neg && len(args) == 1 && args[0] == "end" && w.held != nil:
		w.release()
	default:
		ts.Fatalf("usage: hold HOST PATH, then hold wait and hold end")
	}
}

// hides FILE... fails if any token of the script, or a half of one, is in what
// the last program printed or in a file.
func cmdHides(ts *testscript.TestScript, neg bool, args []string) {
	secrets := worldOf(ts).secrets
	if neg || len(secrets) == 0 {
		ts.Fatalf("usage: hides FILE..., with tokens")
	}
	var text strings.Builder
	for _, file := range append([]string{"stdout", "stderr"}, args...) {
		text.WriteString(ts.ReadFile(file) + "\n")
	}
	for name, secret := range secrets {
		if leaked(text.String(), secret) != "" {
			ts.Fatalf("a part of the token %s is shown", name)
		}
	}
}
