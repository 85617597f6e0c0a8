package git

import (
	"context"
	"errors"
	"slices"
	"strings"
)

// A Setting is one value of Git's configuration.
type Setting struct {
	Key     string // as Git prints it: section and name in lower case
	Value   string // "true" for a setting without a value
	Scope   string // system, global, local, worktree or command; "" before Git 2.26
	NoValue bool   // the setting has no value
	Origin  string // such as "file:/home/alice/.gitconfig" or "command line:"
}

// File returns the file of the setting. ok is false if it is not in a file.
func (s Setting) File() (path string, ok bool) { return strings.CutPrefix(s.Origin, "file:") }

// Section returns the subsection of the key, such as the URL in
// credential.https://github.com.helper. It may contain a token.
func (s Setting) Section() string {
	first, last := strings.IndexByte(s.Key, '.'), strings.LastIndexByte(s.Key, '.')
	if first == last {
		return ""
	}
	return s.Key[first+1 : last]
}

// hasSection reports whether the key has a subsection. It may be empty.
func (s Setting) hasSection() bool { return strings.Count(s.Key, ".") > 1 }

// name returns the last part of the key, in lower case.
func (s Setting) name() string { return s.Key[strings.LastIndexByte(s.Key, '.')+1:] }

// A Config is Git's configuration, in the order in which Git applies it.
type Config []Setting

// ReadConfig reads the configuration for a folder. The folder "" is the current
// one.
func ReadConfig(ctx context.Context, folder string) (Config, error) {
	return readConfig(ctx, Call{Folder: folder})
}

// ReadOwnConfig reads the configuration without that of the repository.
func ReadOwnConfig(ctx context.Context) (Config, error) {
	return readConfig(ctx, Call{Outside: true})
}

// ReadFile reads one configuration file, given by options of git config such as
// "--global", or "--file" and a path. A missing file is empty.
func ReadFile(ctx context.Context, folder string, options ...string) (Config, error) {
	return readConfig(ctx, Call{Folder: folder, Args: options})
}

func readConfig(ctx context.Context, call Call) (Config, error) {
	options := call.Args
	call.Args = slices.Concat([]string{"config"}, options, []string{"--list", "--null", "--show-origin", "--show-scope"})
	out, err := call.Run(ctx)
	fields := 3
	if said := new(Error); errors.As(err, &said) && strings.Contains(said.Text, "show-scope") { // before Git 2.26
		call.Args = call.Args[:len(call.Args)-1]
		out, err = call.Run(ctx)
		fields = 2
	}
	if said := new(Error); errors.As(err, &said) && len(options) > 0 && strings.Contains(said.Text, "unable to read config file") {
		return nil, nil // the file is missing
	}
	if err != nil {
		return nil, err
	}
	return parseConfig(out, fields), nil
}

// parseConfig parses the output of git config --list --null. For each setting, it
// has the scope if there are three fields, then the origin, and then the key and
// the value with a newline between them.
func parseConfig(out string, fields int) Config {
	parts := strings.Split(strings.TrimSuffix(out, "\x00"), "\x00")
	var c Config
	for i := 0; i+fields <= len(parts); i += fields {
		key, value, ok := strings.Cut(parts[i+fields-1], "\n")
		if !ok {
			value = "true"
		}
		s := Setting{Key: key, Value: value, NoValue: !ok, Origin: parts[i+fields-2]}
		if fields == 3 {
			s.Scope = parts[i]
		}
		if !s.isSafeOption() {
			c = append(c, s)
		}
	}
	return c
}

// isSafeOption reports whether a setting comes from safeOptions.
func (s Setting) isSafeOption() bool {
	if _, inFile := s.File(); inFile {
		return false
	}
	for i := 1; i < len(safeOptions); i += 2 {
		if key, value, ok := strings.Cut(safeOptions[i+1], "="); ok && strings.EqualFold(key, s.Key) && value == s.Value {
			return true
		}
	}
	return false
}

// Get returns the settings of a key. Its section and name must be in lower case.
func (c Config) Get(key string) Config {
	return c.filter(func(s Setting) bool { return s.Key == key })
}

// Last returns the value that is in effect for a key, or "".
func (c Config) Last(key string) string {
	if values := c.Get(key); len(values) > 0 {
		return values[len(values)-1].Value
	}
	return ""
}

// List returns the settings of a key after the last empty value. An empty value
// resets the list.
func (c Config) List(key string) Config {
	values := c.Get(key)
	for i := len(values) - 1; i >= 0; i-- {
		if values[i].Value == "" {
			return values[i+1:]
		}
	}
	return values
}

// Under returns the settings of a section, such as "url", with a name, such as
// "insteadof", for any subsection.
func (c Config) Under(section, name string) Config {
	return c.filter(func(s Setting) bool {
		return strings.HasPrefix(s.Key, section+".") && strings.HasSuffix(s.Key, "."+name)
	})
}

func (c Config) filter(keep func(Setting) bool) Config {
	var kept Config
	for _, s := range c {
		if keep(s) {
			kept = append(kept, s)
		}
	}
	return kept
}
