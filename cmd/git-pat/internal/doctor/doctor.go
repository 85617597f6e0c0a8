// Package doctor checks everything that can keep Git from using a person's tokens: the
// programs, Git's configuration, the stores, the records, and the remotes of the
// repository in the current folder.
//
// # What it promises
//
// Checking changes nothing and opens no connection. A [Finding] is data: it says
// which check found what, and contains no secret. Only [Doctor.Mend] changes something,
// and only if nothing has changed since it was found.
package doctor

import (
	"cmp"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/homefile"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/remotes"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/resolve"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/setup"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/credential/forge"
	"github.com/git-credential-pat/git-credential-pat/store"
	"github.com/git-credential-pat/git-credential-pat/store/disk"
)

// A State says how bad a finding is.
type State string

// The states.
const (
	OK      State = "ok"
	Warning State = "warning"
	Error   State = "error"
)

// A Group is the part of the setup that a finding is about.
type Group int

// The groups, in the order of the findings.
const (
	Programs Group = iota // Git, the helper and the environment
	Host                  // what Git does for one host
	Stores
	Tokens
	Repository
)

// A Finding is the result of one check.
type Finding struct {
	Group   Group
	Host    string // for the group Host
	Check   string // a stable name, such as "helper-asked"
	Subject string // the host, token, store, file or remote
	State   State
	Fact    any      // one of the types in facts.go
	Fix     *Fix     // of Git's configuration; nil if none is known
	Mending *Mending // nil if Mend can do nothing
}

// A report collects findings.
type report struct {
	group    Group
	host     string
	findings []Finding
}

// add adds a finding. The result is valid until the next call.
func (r *report) add(state State, check, subject string, fact any) *Finding {
	r.findings = append(r.findings, Finding{Group: r.group, Host: r.host, Check: check, Subject: subject, State: state, Fact: fact})
	return &r.findings[len(r.findings)-1]
}

// failed adds the error of a check. A file with wrong permissions can be mended.
func (r *report) failed(check, subject string, err error, fact any) *Finding {
	f := r.add(Error, check, subject, fact)
	var trouble *store.Error
	if errors.As(err, &trouble) && trouble.File != nil {
		err = trouble.File
	}
	var file *disk.FileError
	if errors.As(err, &file) && file.Mode != 0 {
		f.Mending = onFile(CloseFile, file.Path, file.Mode)
	}
	return f
}

// A Doctor checks everything in the current folder.
type Doctor struct {
	Resolver *resolve.Resolver
	Remotes  *remotes.Reader
	Setup    *setup.Reader
	Version  string // of git pat
}

// Examine runs all checks. Git's configuration is read again each time.
func (d *Doctor) Examine(ctx context.Context) []Finding {
	*d.Resolver.Git = git.Cache{}
	kept := d.Resolver.Tokens
	var r report
	var found contents
	var unread error
	var wait sync.WaitGroup
	wait.Go(func() { found.files, found.filesErr = store.FindSecretFiles(kept.Tree.Dir()) })
	found.tokens, found.unfinished, found.leftovers, unread = kept.Tree.Survey()
	wait.Wait()

	hosts := hosts(kept.Tree.Hosts(), found.tokens)
	if d.checkPrograms(ctx, &r) {
		config, err := d.Resolver.Git.Folder(ctx, "")
		r.checkEnvironment(os.LookupEnv, config)
		netrc, credentials := readFiles(homefile.GitNetrc()), readFiles(homefile.GitCredentials())
		for _, host := range hosts {
			r.group, r.host = Host, host
			if err != nil {
				r.failed("helper-asked", host, err, Failed{err})
				continue
			}
			c := hostCheck{
				report: &r, host: host, config: config, tokens: found.tokens,
				isIncomplete: func() bool { return d.Setup.IsIncomplete(ctx, host) },
				canMoveAfter: func(other git.Setting) bool { return len(d.Setup.MoveAfter(ctx, other)) > 0 },
				canRun: func(path string) bool {
					_, err := exec.LookPath(path)
					return err == nil || !filepath.IsAbs(path) // a path that only the shell of Git for Windows knows
				},
			}
			c.check(netrc, credentials)
		}
	}
	r.group, r.host = Stores, ""
	if unread != nil {
		r.failed("folder", kept.Tree.Dir(), unread, Failed{unread})
	} else {
		d.checkStores(ctx, &r, found)
		r.group = Tokens
		d.checkTokens(ctx, &r, found)
	}
	r.group = Repository
	d.checkRepository(ctx, &r, append(hosts, credential.GitHubHost), unread == nil)
	return r.findings
}

// hosts returns the hosts that have tokens. Without any tokens it returns github.com.
// An organization of Azure DevOps has two hosts.
func hosts(recorded []string, all []credential.Candidate) []string {
	var hosts []string
	for _, c := range all {
		if c.Host == credential.GitHubHost && len(c.Paths) == 0 {
			recorded = append(recorded, credential.GistHost)
		}
		recorded = append(recorded, forge.Hosts(c.Host, c.Owner())...)
	}
	for _, text := range recorded {
		host, err := credential.ParseHost(text)
		if err == nil && !slices.Contains(hosts, host) {
			hosts = append(hosts, host)
		}
	}
	if len(hosts) == 0 {
		return []string{credential.GitHubHost}
	}
	rank := func(host string) int { // github.com comes first
		if host == credential.GitHubHost {
			return 0
		}
		return 1
	}
	slices.SortFunc(hosts, func(a, b string) int { return cmp.Or(rank(a)-rank(b), strings.Compare(a, b)) })
	return hosts
}
