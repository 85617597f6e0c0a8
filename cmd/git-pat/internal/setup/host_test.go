package setup

import (
	"errors"
	"slices"
	"testing"
)

func TestParseHosts(t *testing.T) {
	for _, test := range []struct {
		text, want string // the host; empty for an error
		meant      string // the host of the error
		owner      bool
	}{
		{text: "github.com", want: "github.com"},
		{text: "https://GHES.example/", want: "ghes.example"},
		{text: "ghes.example:8443", want: "ghes.example:8443"},
		{text: "https://git/", want: "git"},
		{text: "git:8443", want: "git:8443"},
		{text: "localhost", want: "localhost"},
		{text: "[::1]:8443", want: "[::1]:8443"},
		{text: "acme", owner: true},
		{text: "acme/widgets", owner: true},
		{text: "github.com/acme", meant: "github.com"},
		{text: "https://github.com/acme/widgets/blob/main/a.go?plain=1#L3", meant: "github.com"},
		{text: "http://ghes.example", meant: "ghes.example"},
		{text: "git@ghes.example:acme/widgets.git", meant: "ghes.example"},
		{text: "ssh://git@ssh.github.com:443/acme/widgets", meant: "github.com"},
		{text: "www.github.com", meant: "github.com"},
		{text: "https://api.github.com/user", meant: "github.com"},
		{text: ""},
		{text: ".."},
		{text: "alice@github.com"},
		{text: "ftp://github.com/"},
		{text: "github.com;x"},
		{text: "b\u00fccher.example"},
		{text: "a\x1b.example"},
	} {
		got, err := ParseHosts([]string{test.text, test.text})
		if test.want != "" {
			if err != nil || !slices.Equal(got, []string{test.want}) {
				t.Errorf("%q: got %q, %v, want %q", test.text, got, err, test.want)
			}
			continue
		}
		var host *HostError
		if errors.As(err, &host); err == nil || (host != nil) != (test.owner || test.meant != "") {
			t.Errorf("%q: got %q, %v", test.text, got, err)
		} else if host != nil && (host.Host != test.meant || host.Owner != test.owner) {
			t.Errorf("%q: got %+v, want the host %q", test.text, host, test.meant)
		}
	}
}

func TestWithAzure(t *testing.T) {
	const dev, acme, globex = "dev.azure.com", "acme.visualstudio.com", "globex.visualstudio.com"
	for _, test := range []struct{ hosts, older, want []string }{
		{nil, []string{acme}, nil},
		{[]string{"github.com"}, []string{acme}, []string{"github.com"}},
		{[]string{dev}, nil, []string{dev}},
		{[]string{acme}, nil, []string{dev, acme}},
		{[]string{"github.com", dev}, []string{acme, globex}, []string{"github.com", dev, acme, globex}},
		{[]string{globex, dev, globex}, []string{acme}, []string{dev, globex, acme}},
	} {
		if got := WithAzure(test.hosts, test.older...); !slices.Equal(got, test.want) {
			t.Errorf("%q and %q: got %q, want %q", test.hosts, test.older, got, test.want)
		}
	}
}
