// Package inspect asks the forge of a token about the token: whether it is valid,
// when it expires, and what it may do. It also rotates and revokes tokens if the
// forge supports that.
//
// # What each forge says
//
//	GitHub                the login, the expiry, the scopes of a classic token
//	GitLab                the name, the scopes, the expiry, the last use
//	Gitea and Forgejo     the login, if the token has the scope read:user; whether
//	                      the user may push
//	all other servers     nothing
//
// GitLab says nothing about deploy tokens and job tokens, and no forge says anything
// about a password. If a target of the token names a repository, every server also
// gets the two requests with which Git begins to fetch and to push. They change
// nothing. What a forge does not say is unknown in the [Report], and never guessed.
//
// # What it promises
//
// A token is sent only to the host of its record, or to the API of GitHub for that
// host, in a header and over TLS. No redirect is followed. The package returns data
// and typed errors; the sentences for people are in package view.
package inspect

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"time"
)

const (
	maxText   = 64 << 10         // bytes of a text that are read
	callLimit = 20 * time.Second // for one call, with its answer
	dialLimit = 5 * time.Second
	maxBody   = 2 << 20 // bytes of an answer that are read; a hundred repositories are about 700 KiB
)

// A Client asks forges about tokens.
type Client struct {
	http      *http.Client
	userAgent string
}

// NewClient returns a client that trusts the system's certificates and those
// in extra, which may be nil. It uses the proxies that the environment names.
func NewClient(version string, extra []byte) (*Client, error) {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DialContext = (&net.Dialer{Timeout: dialLimit}).DialContext
	transport.TLSHandshakeTimeout = dialLimit
	if len(extra) > 0 {
		roots, err := x509.SystemCertPool()
		if err != nil {
			roots = x509.NewCertPool()
		}
		if !roots.AppendCertsFromPEM(extra) {
			return nil, errors.New("no certificate among those to trust")
		}
		transport.TLSClientConfig = &tls.Config{RootCAs: roots}
	}
	return &Client{
		http: &http.Client{
			Transport:     limitedTransport{transport},
			Timeout:       callLimit,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		userAgent: "git-credential-pat/" + version,
	}, nil
}

// limitedTransport cuts off answers that are longer than any valid answer.
type limitedTransport struct{ http.RoundTripper }

func (l limitedTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := l.RoundTripper.RoundTrip(r)
	if err == nil {
		answer.Body = limitedBody{io.LimitReader(answer.Body, maxBody), answer.Body}
	}
	return answer, err
}

type limitedBody struct {
	io.Reader
	io.Closer
}
