package remotes

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/store"
)

const (
	// sshLimit is how long ssh may take for all hosts of a command together. It
	// may run programs (Match exec), and they may hang.
	sshLimit = 3 * time.Second

	sshAtOnce = 8 // hosts
)

// An SSH asks ssh for the real names of hosts, since a host in a URL may be an
// alias of ssh_config, and remembers them. The zero value is ready.
type SSH struct {
	known map[string]string // by the host as it is typed
	spent time.Duration     // of sshLimit
}

// host returns the host that ssh connects to for the one in a URL.
func (s *SSH) host(ctx context.Context, host, url string) string {
	typed, ok := asksSSH(host, url)
	if s == nil || !ok {
		return host
	}
	s.ask(ctx, []string{url})
	return s.known[typed]
}

// asksSSH returns the host in a URL as it is typed, if ssh is to be asked for it.
func asksSSH(host, url string) (typed string, ok bool) {
	typed = sshHostOf(url)
	return typed, !credential.IsGitHubHost(host) && strings.EqualFold(typed, host) && !strings.HasPrefix(typed, "-")
}

// ask asks for the hosts in URLs, several at once. If no time is left for a host,
// its name stays as it is typed.
func (s *SSH) ask(ctx context.Context, urls []string) {
	if s == nil {
		return
	}
	if s.known == nil {
		s.known = map[string]string{}
	}
	var names []string
	for _, url := range urls {
		remote, err := git.ParseRemote(url)
		if err != nil || remote.Protocol != "ssh" {
			continue
		}
		if typed, ok := asksSSH(remote.Host, url); ok && s.known[typed] == "" {
			s.known[typed] = remote.Host
			names = append(names, typed)
		}
	}
	path, err := store.LookPath("ssh")
	if err != nil || len(names) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, sshLimit-s.spent)
	defer cancel()
	start := time.Now()
	found := make([]string, len(names))
	var wait sync.WaitGroup
	slots := make(chan struct{}, sshAtOnce)
	for i, name := range names {
		wait.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			if ctx.Err() == nil {
				found[i] = askSSH(ctx, path, name)
			}
		})
	}
	wait.Wait()
	s.spent += time.Since(start)
	for i, name := range names {
		if found[i] != "" {
			s.known[name] = found[i]
		}
	}
}

// askSSH returns the host that ssh says it connects to, or nothing.
func askSSH(ctx context.Context, path, name string) string {
	cmd := exec.CommandContext(ctx, path, "-G", "--", name)
	cmd.Env = store.Environ(os.Environ())
	cmd.WaitDelay = time.Second // for what it has started
	out, err := cmd.Output()
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(out)) {
		if host, ok := strings.CutPrefix(strings.TrimSpace(line), "hostname "); ok {
			remote, err := credential.ParseRemote("ssh://" + host + "/")
			if err != nil {
				return ""
			}
			return remote.Host
		}
	}
	return ""
}

// sshHostOf returns the host in an SSH URL as it is typed. ssh_config tells
// upper case from lower.
func sshHostOf(url string) string {
	host, _, _ := strings.Cut(url, ":")
	if _, rest, ok := strings.Cut(url, "://"); ok {
		host, _, _ = strings.Cut(rest, "/")
	}
	return credential.WithoutPort(host[strings.LastIndexByte(host, '@')+1:])
}

// urlsOf returns the URLs of entries.
func urlsOf(entries []*Entry) []string {
	var urls []string
	for _, e := range entries {
		urls = append(urls, e.URL.URL)
	}
	return urls
}
