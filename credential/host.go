package credential

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/git-credential-pat/git-credential-pat/credential/forge"
)

// A HostError says why a text is not a host that a token can be for.
type HostError struct {
	Host   string
	Reason string

	// Foreign is true for a well-formed name that is not ASCII. The sender made
	// no mistake, but there are no tokens for such hosts.
	Foreign bool
}

func (e *HostError) Error() string {
	return fmt.Sprintf("%s is not a host name: %s", Quote(e.Host), e.Reason)
}

// ParseHost reads NAME[:PORT] or [IPV6][:PORT]. It converts ASCII letters to
// lower case and removes the port of https, 443. It changes nothing else. The
// error is a *HostError.
func ParseHost(s string) (string, error) {
	name := WithoutPort(s)
	port, hasPort := strings.CutPrefix(s[len(name):], ":")
	if hasPort && !isPort(port) {
		return "", &HostError{Host: s, Reason: "the port must be a number from 1 to 65535"}
	}
	if address, ok := strings.CutPrefix(name, "["); ok {
		if address, ok = strings.CutSuffix(address, "]"); !ok || !isIPv6(address) {
			return "", &HostError{Host: s, Reason: "brackets must contain an IPv6 address"}
		}
	} else if reason, foreign := checkName(name); reason != "" {
		return "", &HostError{s, reason, foreign}
	}
	if hasPort && port != "443" {
		name += ":" + port
	}
	return forge.Fold(name), nil
}

// WithoutPort removes the port from a host.
func WithoutPort(host string) string {
	if i := strings.LastIndexByte(host, ':'); i > strings.LastIndexByte(host, ']') {
		return host[:i]
	}
	return host
}

// isIPv6 reports whether a text is an IPv6 address, RFC 4291 section 2.2,
// without a zone.
func isIPv6(s string) bool {
	address, err := netip.ParseAddr(s)
	return err == nil && address.Is6() && address.Zone() == ""
}

func isPort(s string) bool {
	n, err := strconv.ParseUint(s, 10, 16)
	return err == nil && n > 0 && len(s) <= len("65535")
}

func isNumber(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

const alphanumeric = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

// maxName is the maximum length of a host name with a trailing dot, in bytes,
// RFC 1035 section 2.3.4.
const maxName = 254

// checkName returns what is wrong with a host name, or "". foreign is true if
// the only problem is that the name is not ASCII.
func checkName(name string) (reason string, foreign bool) {
	const allowed = alphanumeric + "-_."
	invalid := func(r rune) bool { return r < utf8.RuneSelf && !strings.ContainsRune(allowed, r) }
	switch {
	case len(name) > maxName:
		return "it is too long", false
	case slices.Contains(strings.Split(strings.TrimSuffix(name, "."), "."), ""):
		return "a part of it is empty", false
	case strings.Trim(name, allowed) == "":
		return "", false
	case !utf8.ValidString(name) || strings.ContainsFunc(name, invalid):
		return "it contains an invalid character", false
	}
	return "it contains letters that are not ASCII", true
}
