package setup

import (
	"slices"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/credential/forge"
)

// contents are the settings in the file of our own.
type contents struct {
	hosts []hostSettings
	wrote []string // the hosts whose useHttpPath setup wrote into the person's file
	rules []rule   // insteadOf, written by git pat remote
}

type hostSettings struct {
	host   string
	helper string // as in helperValue
	push   bool   // with rules that say which requests are pushes
}

// A rule is a setting url.BASE.insteadOf or url.BASE.pushInsteadOf.
type rule struct{ base, value string }

// An entry is one setting as Git's configuration has it.
type entry struct{ section, sub, name, value string }

func (e entry) key() string {
	if e.sub == "" {
		return e.section + "." + e.name
	}
	return e.section + "." + e.sub + "." + e.name
}

// parse reads the settings of our file.
func parse(c git.Config) contents {
	var own contents
	for _, s := range c {
		host, isHTTPS := strings.CutPrefix(s.Section(), "https://")
		switch {
		case s.Key == "git-pat.wrote":
			own.wrote = append(own.wrote, s.Value)
		case strings.HasPrefix(s.Key, "url.") && strings.HasSuffix(s.Key, ".insteadof"):
			own.rules = append(own.rules, rule{s.Section(), s.Value})
		case host == forge.OlderAzureHosts: // belongs to dev.azure.com
		case isHTTPS && strings.HasPrefix(s.Key, "credential.") && strings.HasSuffix(s.Key, ".helper") && s.Value != "":
			own.set(hostSettings{host: host, helper: s.Value})
		}
	}
	for i, h := range own.hosts {
		own.hosts[i].push = slices.ContainsFunc(c, func(s git.Setting) bool {
			return s.Key == "url."+git.PushBase(h.host)+".pushinsteadof"
		})
	}
	return own
}

// find returns the settings of a host.
func (c contents) find(host string) (hostSettings, bool) {
	i := slices.IndexFunc(c.hosts, func(h hostSettings) bool { return h.host == host })
	if i < 0 {
		return hostSettings{}, false
	}
	return c.hosts[i], true
}

// set adds or replaces the settings of a host.
func (c *contents) set(h hostSettings) {
	i := slices.IndexFunc(c.hosts, func(other hostSettings) bool { return other.host == h.host })
	if i < 0 {
		c.hosts = append(c.hosts, h)
		return
	}
	c.hosts[i] = h
}

// remove removes a host and the rules that lead to it.
func (c *contents) remove(host string) {
	c.hosts = slices.DeleteFunc(c.hosts, func(h hostSettings) bool { return h.host == host })
	c.wrote = slices.DeleteFunc(c.wrote, func(h string) bool { return h == host })
	c.rules = slices.DeleteFunc(c.rules, func(r rule) bool { return r.base == "https://"+host+"/" })
}

func (c contents) empty() bool { return len(c.hosts) == 0 && len(c.rules) == 0 }

// entries returns all settings. The rules for pushing depend on the configuration.
func (c contents) entries(config git.Config) []entry {
	var list []entry
	for _, host := range c.wrote {
		list = append(list, entry{"git-pat", "", "wrote", host})
	}
	_, azure := c.find(forge.AzureHost)
	for _, h := range c.hosts {
		older := azure && forge.IsOlderAzure(h.host)
		if older && !h.push {
			continue // the entries of dev.azure.com are for it too
		}
		list = append(list, h.entries(h.host, older)...)
		if h.host == forge.AzureHost {
			list = append(list, h.entries(forge.OlderAzureHosts, false)...)
		}
	}
	for _, r := range c.rules {
		list = append(list, entry{"url", r.base, "insteadOf", r.value})
	}
	for _, h := range c.hosts {
		if h.push {
			for _, r := range pushRules(config, h.host) {
				list = append(list, entry{"url", r.base, "pushInsteadOf", r.value})
			}
		}
	}
	return list
}

// entries returns the settings for a host, or for the hosts of a pattern. Those for
// ssh and http are left out if there is a pattern for them.
func (h hostSettings) entries(host string, onlyHTTPS bool) []entry {
	https := "https://" + host
	list := []entry{{"credential", https, "helper", ""}, {"credential", https, "helper", h.helper}, {"credential", https, "useHttpPath", "true"}}
	if onlyHTTPS {
		return list
	}
	list = append(list, entry{"credential", "ssh://" + host, "helper", h.helper})
	if name := credential.WithoutPort(host); name != host { // an SSH URL has another port or none
		list = append(list, entry{"credential", "ssh://" + name, "helper", h.helper})
	}
	return append(list, entry{"credential", "http://" + host, "helper", h.helper})
}

// format returns settings as lines of a file of Git's, git-config(1).
func format(entries []entry) string {
	var b strings.Builder
	for i, e := range entries {
		if i == 0 || e.section != entries[i-1].section || e.sub != entries[i-1].sub {
			b.WriteString("[" + e.section)
			if e.sub != "" {
				b.WriteString(` "` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(e.sub) + `"`)
			}
			b.WriteString("]\n")
		}
		b.WriteString(strings.TrimRight("    "+e.name+" = "+quoted(e.value), " ") + "\n")
	}
	return b.String()
}

// quoted returns a value as it stands in a file of Git's.
func quoted(value string) string {
	escaped := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\t", `\t`).Replace(value)
	if escaped != value || strings.ContainsAny(value, "#;") || strings.TrimSpace(value) != value {
		return `"` + escaped + `"`
	}
	return value
}

// pushRules are the rules of pushInsteadOf by which Git says which requests to a
// host are pushes. There is one for each beginning of a URL that Git turns into an
// https URL of the host. A rule of insteadOf that leads elsewhere is repeated: for
// pushes, Git ignores it if there is any pushInsteadOf for the URL.
func pushRules(c git.Config, host string) []rule {
	base := git.PushBase(host)
	written := []string{"https://" + host + "/"}
	if credential.WithoutPort(host) == host {
		written = append(written, "https://"+host+":443/")
	}
	var rules []rule
	add := func(base, value string) {
		if !slices.ContainsFunc(rules, func(r rule) bool { return r.value == value }) { // Git uses the first one
			rules = append(rules, rule{base, value})
		}
	}
	for _, s := range c.Under("url", "insteadof") {
		_, user, _, _ := git.CutUserinfo(s.Section())
		if user != "" && user != "git" || git.HoldsSecret(s.Key) || git.HoldsSecret(s.Value) {
			continue // the user name may be a token
		}
		for _, begin := range written {
			rest, leadsHere := strings.CutPrefix(s.Section(), begin)
			switch {
			case leadsHere:
				add(base+rest, s.Value)
			case s.Section() == strings.TrimSuffix(begin, "/"):
				add(strings.TrimSuffix(base, "/"), s.Value)
			case strings.HasPrefix(s.Value, begin):
				add(s.Section(), s.Value)
			}
		}
	}
	for _, begin := range written {
		add(base, begin)
	}
	slices.SortStableFunc(rules, func(a, b rule) int { return strings.Compare(a.base, b.base) })
	return rules
}
