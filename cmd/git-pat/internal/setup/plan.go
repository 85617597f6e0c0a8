package setup

import (
	"cmp"
	"path/filepath"
	"slices"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/credential/forge"
)

// The sources of a plan.
type sources struct {
	files    []File // the one that Git writes comes first
	read     func(File) (git.Config, error)
	all      func() (git.Config, error) // all but the configuration of a repository
	writable func(File) (bool, error)   // an error if that cannot be told

	ownPath string     // of the file of our own
	ownText string     // what it holds; empty if it is missing
	own     git.Config // the same
	home    string
}

const includePath = "include.path"

// plan returns the changes. The person's settings go to the file that Git writes,
// or to the other one if the first cannot be written.
func (w Want) plan(from sources) (Plan, error) {
	w.Hosts = WithAzure(w.Hosts)
	has := make([]git.Config, len(from.files))
	for i, file := range from.files {
		var err error
		if has[i], err = from.read(file); err != nil {
			return Plan{}, err
		}
	}
	all, err := from.all()
	if err != nil {
		return Plan{}, err
	}
	if w.Undo {
		return w.undo(from, has, all), nil
	}
	p := w.setup(from, has, all, 0)
	if p.Empty() || len(p.Changes) == 0 {
		return p, nil
	}
	for i, file := range from.files {
		ok, err := from.writable(file)
		switch {
		case err != nil:
			return Plan{}, err
		case ok && i == 0:
			return p, nil
		case ok:
			p = w.setup(from, has, all, i)
			p.Changes = slices.DeleteFunc(p.Changes, func(c Change) bool { return c.File == from.files[0] })
			p.Instead, p.Unwritable = &file, &from.files[0]
			return p, nil
		}
	}
	return Plan{}, &UnwritableError{from.files}
}

// setup returns the plan that writes the person's settings to the file with an
// index.
func (w Want) setup(from sources, has []git.Config, all git.Config, index int) Plan {
	own := parse(from.own)
	if setting, ok := w.elsewhere(own, has, all); ok {
		p := Plan{InEffect: true}
		if file, ok := setting.File(); ok {
			p.Origin = file
		}
		return p
	}
	var changes []Change
	add := func(i int, key string, want func(values []string) []string) {
		values := values(has[i], key)
		c := Change{File: from.files[i], Key: key, Old: values, Want: want(values)}
		c.last = key == includePath && len(values) > 0
		if len(c.Commands()) > 0 && !c.writesOthers() {
			changes = append(changes, c)
		}
	}
	appending := func(value string) func([]string) []string {
		return func(values []string) []string { return append(slices.Clone(values), value) }
	}
	if !slices.ContainsFunc(has, from.includes) {
		add(index, includePath, appending(from.ownPath))
	}
	for _, host := range w.Hosts {
		h, _ := own.find(host)
		options := w.optionsFor(host, h, has)
		if w.Helper != "" {
			h.helper = helperValue(w.Helper, options)
		}
		h.host, h.push = host, h.push || w.LeastPrivilege || slices.ContainsFunc(has, func(c git.Config) bool { return hasOldPush(c, host) })
		own.set(h)
		if forge.IsOlderAzure(host) && !h.push {
			continue
		}
		key := "credential.https://" + host + ".useHttpPath"
		set := values(has[index], key)
		missing := len(set) == 0 || set[len(set)-1] != "true"
		if missing {
			add(index, key, appending("true"))
		}
		if (missing || wrotePath(has[index], host)) && !slices.Contains(own.wrote, host) {
			own.wrote = append(own.wrote, host)
		}
	}
	for i, h := range own.hosts { // all of them run the same program
		if w.Helper != "" {
			own.hosts[i].helper = helperValue(w.Helper, options(h.helper))
		}
	}
	for i := range from.files {
		for _, host := range w.Hosts {
			w.oldChanges(host, func(key string, without func([]string) []string) { add(i, key, without) })
		}
	}
	return Plan{Changes: changes, Own: from.write(own, all)}
}

// undo returns the plan that takes back what setup wrote for the hosts, or for all
// hosts.
func (w Want) undo(from sources, has []git.Config, all git.Config) Plan {
	own := parse(from.own)
	hosts := w.Hosts
	written := slices.Clone(own.wrote)
	for _, h := range own.hosts {
		written = append(written, h.host)
	}
	if len(hosts) == 0 {
		hosts = append(written, oldHosts(has)...)
	}
	hosts = WithAzure(hosts, slices.DeleteFunc(slices.Clone(written), func(host string) bool { return !forge.IsOlderAzure(host) })...)
	wrote := slices.Clone(own.wrote)
	for _, host := range hosts {
		if !w.LeastPrivilege {
			own.remove(host)
		} else if h, ok := own.find(host); ok {
			h.push = false
			own.set(h)
		}
	}
	if len(w.Hosts) == 0 && !w.LeastPrivilege {
		own = contents{}
	}
	var changes []Change
	for i, file := range from.files {
		add := func(key string, without func([]string) []string) {
			values := values(has[i], key)
			if c := (Change{File: file, Key: key, Old: values, Want: without(values)}); len(c.Commands()) > 0 {
				changes = append(changes, c)
			}
		}
		for _, host := range hosts {
			w.oldChanges(host, add)
			if !w.LeastPrivilege && (wrotePath(has[i], host) || from.includes(has[i]) && slices.Contains(wrote, host)) {
				add("credential.https://"+host+".useHttpPath", func(values []string) []string {
					if last := len(values) - 1; last >= 0 && values[last] == "true" {
						return values[:last]
					}
					return values
				})
			}
		}
		if own.empty() && from.includes(has[i]) {
			add(includePath, func(values []string) []string {
				return slices.DeleteFunc(slices.Clone(values), func(v string) bool { return v == from.ownPath })
			})
		}
	}
	return Plan{Changes: changes, Own: from.write(own, all)}
}

// includes reports whether a file includes the file of our own.
func (s sources) includes(c git.Config) bool {
	return slices.ContainsFunc(c.Get(includePath), func(e git.Setting) bool {
		path := e.Value
		if rest, ok := strings.CutPrefix(path, "~/"); ok {
			path = s.home + "/" + rest
		}
		return filepath.FromSlash(path) == filepath.FromSlash(s.ownPath)
	})
}

// write returns the change to the file of our own, or nil if there is none.
func (s sources) write(own contents, all git.Config) *OwnChange {
	text := ""
	if !own.empty() {
		text = header + format(own.entries(all))
	}
	if text == s.ownText {
		return nil
	}
	return &OwnChange{Path: s.ownPath, Old: s.ownText, Text: text}
}

const header = "# \"git pat setup\" writes this file and replaces all of it.\n"

// elsewhere returns where all that is wanted is in effect from, if that is from
// something that setup did not write.
func (w Want) elsewhere(own contents, has []git.Config, all git.Config) (found git.Setting, ok bool) {
	for _, host := range w.Hosts {
		_, isOwn := own.find(host)
		isOldForm := slices.ContainsFunc(has, func(c git.Config) bool { return slices.Contains(oldHosts([]git.Config{c}), host) })
		if isOwn || isOldForm {
			return found, false
		}
		url := "https://" + host + "/" + git.CheckPath
		helpers := all.Helpers(url)
		if len(helpers) == 0 || !git.RunsPat(helpers[0].Value) || w.Options != "" && options(helpers[0].Value) != w.Options {
			return found, false
		}
		if r, err := all.Asks(url); err != nil || r.Path == "" {
			return found, false
		}
		for _, url := range []string{"ssh://git@" + credential.WithoutPort(host) + "/", "http://" + host + "/"} {
			if !slices.ContainsFunc(all.Helpers(url), func(s git.Setting) bool { return git.RunsPat(s.Value) }) {
				return found, false
			}
		}
		if w.LeastPrivilege && !all.HasPushBase(host) {
			return found, false
		}
		found = helpers[0]
	}
	return found, len(w.Hosts) > 0
}

// optionsFor returns the options of the helper: those that are wanted, or those
// that it has.
func (w Want) optionsFor(host string, h hostSettings, has []git.Config) string {
	if w.Options != "" || h.helper != "" {
		return cmp.Or(w.Options, options(h.helper))
	}
	for _, c := range has {
		for _, value := range values(c, "credential.https://"+host+".helper") {
			if isOld(value) {
				return options(value)
			}
		}
	}
	return ""
}

// oldChanges calls change for each key of a host that older versions of setup
// wrote, with what removes their values.
func (w Want) oldChanges(host string, change func(key string, without func([]string) []string)) {
	change("url.https://"+credential.PushLogin+"@"+host+"/.pushInsteadOf", func(values []string) []string {
		return slices.DeleteFunc(slices.Clone(values), func(v string) bool { return v == "https://"+host+"/" })
	})
	if w.Undo && w.LeastPrivilege {
		return
	}
	urls := []string{"https://" + host, "ssh://" + host, "http://" + host}
	if name := credential.WithoutPort(host); name != host {
		urls = append(urls, "ssh://"+name)
	}
	for i, url := range urls {
		change("credential."+url+".helper", func(values []string) []string { return withoutOld(values, i == 0) })
	}
}

// oldHosts returns the hosts for which files have lines of older versions of setup.
func oldHosts(files []git.Config) []string {
	var hosts []string
	for _, c := range files {
		for _, s := range c {
			text, ok := strings.CutPrefix(s.Section(), "https://")
			name, isPush := strings.CutPrefix(text, credential.PushLogin+"@")
			name = strings.TrimSuffix(name, "/")
			switch {
			case !ok, strings.Contains(name, "/"), slices.Contains(hosts, name):
			case isPush && hasOldPush(git.Config{s}, name), !isPush && strings.HasSuffix(s.Key, ".helper") && isOld(s.Value):
				hosts = append(hosts, name)
			}
		}
	}
	return hosts
}

// hasOldPush reports whether a file has the rule for pushing of an older version
// of setup.
func hasOldPush(c git.Config, host string) bool {
	return slices.Contains(values(c, "url.https://"+credential.PushLogin+"@"+host+"/.pushInsteadOf"), "https://"+host+"/")
}

// wrotePath reports whether an older version of setup wrote useHttpPath of a host
// into a file. Others write it too. It is ours if it comes after the line that
// names the helper: setup wrote that one first.
func wrotePath(has git.Config, host string) bool {
	afterHelper, ours := false, false
	for _, entry := range has {
		switch section := "credential.https://" + host; {
		case entry.Key == section+".helper" && isOld(entry.Value):
			afterHelper = true
		case entry.Key == section+".usehttppath":
			ours = afterHelper
		}
	}
	return ours
}

// values returns those of a key.
func values(has git.Config, key string) []string {
	var list []string
	for _, entry := range has {
		if strings.EqualFold(entry.Key, key) {
			list = append(list, entry.Value)
		}
	}
	return list
}
