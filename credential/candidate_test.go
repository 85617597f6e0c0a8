package credential

import (
	"errors"
	"strings"
	"time"

	"github.com/git-credential-pat/git-credential-pat/credential/forge"
)

// token returns a candidate as a store would. It panics if the target is
// invalid.
func token(kind Kind, host string, paths ...string) Candidate {
	host, err := ParseHost(host)
	if err != nil {
		panic(err)
	}
	target, err := Target{Host: host, Paths: paths}.For(kind)
	if err != nil {
		panic(err)
	}
	return Candidate{Record: Record{Target: target, Kind: kind}}
}

func fine(host string, paths ...string) Candidate { return token(FineGrained, host, paths...) }

func classic(host string, paths ...string) Candidate { return token(Classic, host, paths...) }

func password(host string, paths ...string) Candidate { return token(Other, host, paths...) }

func lab(host string, paths ...string) Candidate { return token(forge.GitLabToken, host, paths...) }

func azure(paths ...string) Candidate { return token(forge.AzureToken, forge.AzureHost, paths...) }

func cloud(paths ...string) Candidate {
	return token(forge.BitbucketAPI, forge.BitbucketHost, paths...)
}

// on returns c as a token of a forge that a person named.
func on(f forge.Forge, c Candidate) Candidate { c.Forge = f; return c }

func of(login string, c Candidate) Candidate { c.Username = login; return c }

func attributes(c Candidate) Candidate { c.Form = "attributes"; return c }

func expired(c Candidate) Candidate { c.Expires = now; return c }

func lasting(c Candidate) Candidate { c.Expires = now.Add(1); return c }

func aside(c Candidate) Candidate { c.Aside = &Aside{Time: now}; return c }

func lost(c Candidate) Candidate { c.NoSecret = true; return c }

func reads(c Candidate) Candidate { c.Access = ReadAccess; return c }

func writes(c Candidate) Candidate { c.Access = WriteAccess; return c }

// refused returns c, set aside some time ago, after a number of refusals by
// owners.
func refused(c Candidate, ago time.Duration, refusals int, owners ...string) Candidate {
	c.Aside = &Aside{Time: now.Add(-ago), Refusals: refusals, Owners: owners}
	return c
}

// offered returns c, which is set aside and was tried again some time ago.
func offered(c Candidate, ago time.Duration) Candidate {
	aside := *c.Aside
	aside.Offered = now.Add(-ago)
	c.Aside = &aside
	return c
}

// damaged returns a record that cannot be read; only its target is known.
func damaged(c Candidate) Candidate {
	return Candidate{Record: Record{Target: c.Target}, Damaged: errors.New("cut short")}
}

func verdicts(d Decision) string {
	var all []string
	for _, look := range d.Considered {
		all = append(all, string(look.Verdict))
	}
	return strings.Join(all, ", ")
}
