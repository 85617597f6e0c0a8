package record

import (
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/credential"
)

// escape makes a segment of a host, path or name fit for the name of a file on
// every system. No two segments that differ by more than the case of ASCII
// letters share a name, and none gets that of a folder above, of another
// segment's mark, or one that Windows keeps for itself.
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

// isReserved reports whether Windows takes a name for a device, with any
// extension: "Naming Files, Paths, and Namespaces" in its documentation.
func isReserved(name string) bool {
	base, _, _ := strings.Cut(strings.ToLower(name), ".")
	switch base {
	case "con", "prn", "aux", "nul":
		return true
	}
	return len(base) == 4 && (strings.HasPrefix(base, "com") || strings.HasPrefix(base, "lpt")) &&
		'0' <= base[3] && base[3] <= '9'
}

// unescape is for showing where a record is whose content cannot be read.
func unescape(name string) string {
	var b strings.Builder
	for i := 0; i < len(name); i++ {
		if name[i] == '%' && i+2 < len(name) {
			if c, err := hex.DecodeString(name[i+1 : i+3]); err == nil {
				b.Write(c)
				i += 2
				continue
			}
		}
		b.WriteByte(name[i])
	}
	return b.String()
}

// folders returns the names of the folders, from the host's down, in which
// records for a path may be. The endings of a repository that GitHub does not
// count are cut off, so that one folder has what is kept for any of its URLs.
func folders(host, path string) []string {
	names := []string{escape(host)}
	path = strings.Trim(path, "/")
	for i := 0; path != "" && i < maxDepth; i++ {
		var segment string
		segment, path, _ = strings.Cut(path, "/")
		if i == 1 {
			segment = trimEnding(trimEnding(segment, ".git"), ".wiki")
		}
		names = append(names, escape(segment))
	}
	return names
}

func trimEnding(s, ending string) string {
	if n := len(s) - len(ending); n > 0 && strings.EqualFold(s[n:], ending) {
		return s[:n]
	}
	return s
}

// isTooLong reports whether no record is in a folder, since its name would be too
// long.
func isTooLong(name string) bool { return len(name) > maxName }

// place returns the folder of a target's records, relative to tokens, with
// slashes. Several repositories of an owner are in the owner's.
func place(target credential.Target) string {
	path := ""
	switch len(target.Paths) {
	case 0:
	case 1:
		path = target.Paths[0]
	default:
		path = target.Owner()
	}
	return strings.Join(append(folders(target.Host, path), here), "/")
}

// Key returns the key of a record.
func Key(r credential.Record) string { return place(r.Target) + "/" + escape(r.Name) }

// isKey reports whether a text could be a key, so that it may be made a path.
func isKey(key string) bool {
	segments := strings.Split(key, "/")
	if len(segments) < 3 || segments[len(segments)-2] != here {
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
