package record

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/credential"
)

// escape returns the name of the file for a segment of a host, path or name. The
// name is valid on every system. Two segments get the same name only if they
// differ in nothing but the case of ASCII letters. The name is never empty, ".",
// "..", "@", a temporary file or a name that Windows reserves.
func escape(segment string) string {
	var b strings.Builder
	for i := 0; i < len(segment); i++ {
		c := segment[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		plain := 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '_' || c == '-' ||
			c == '.' && i > 0 && i < len(segment)-1
		if plain && !(i == 0 && isReserved(segment)) {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	if b.Len() == 0 {
		return "%"
	}
	return b.String()
}

// isReserved reports whether a name is a device on Windows, with any extension:
// "Naming Files, Paths, and Namespaces" in the documentation of Windows.
func isReserved(name string) bool {
	base, _, _ := strings.Cut(strings.ToLower(name), ".")
	switch base {
	case "con", "prn", "aux", "nul":
		return true
	}
	return len(base) == 4 && (strings.HasPrefix(base, "com") || strings.HasPrefix(base, "lpt")) &&
		'0' <= base[3] && base[3] <= '9'
}

// unescape reverses escape, apart from the case. It returns other names
// unchanged. Use it only to show a name.
func unescape(name string) string {
	if text, err := url.PathUnescape(name); err == nil {
		return text
	}
	return name
}

// folders returns the names of the folders that may contain records for a path,
// starting with the host. It removes ".git" and ".wiki" from every segment, because
// only the forge knows which one is the repository. So all URLs of a repository have
// the same folders.
func folders(host, path string) []string {
	names := []string{escape(host)}
	path = strings.Trim(path, "/")
	for i := 0; path != "" && i < maxDepth; i++ {
		var segment string
		segment, path, _ = strings.Cut(path, "/")
		names = append(names, escape(trimEnding(trimEnding(segment, ".git"), ".wiki")))
	}
	return names
}

func trimEnding(s, ending string) string {
	if n := len(s) - len(ending); n > 0 && strings.EqualFold(s[n:], ending) {
		return s[:n]
	}
	return s
}

// isTooLong reports whether a folder name is too long to exist.
func isTooLong(name string) bool { return len(name) > maxName }

// Key returns the key of a record: the path of its file below tokens, with
// slashes and without the ending. The record of a token for several repositories
// is in the folder of their owner.
func Key(r credential.Record) string {
	path := r.Owner()
	if len(r.Paths) == 1 {
		path = r.Paths[0]
	}
	return strings.Join(append(folders(r.Host, path), own, escape(r.Name)), "/")
}

// isKey reports whether a text has the form of a key. Only then is it safe to use
// it as a path.
func isKey(key string) bool {
	segments := strings.Split(key, "/")
	if len(segments) < 3 || segments[len(segments)-2] != own {
		return false
	}
	for i, segment := range segments {
		if i == len(segments)-2 {
			continue
		}
		if segment == "" || len(segment) > maxName || strings.HasPrefix(segment, ".") ||
			strings.Trim(segment, "abcdefghijklmnopqrstuvwxyzABCDEF0123456789._-%") != "" {
			return false
		}
	}
	return true
}
