package githubtest

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

// A refuser writes a refusal in the format of the request: text for Git, JSON
// for the REST API and Git LFS.
type refuser func(http.ResponseWriter, *refusal)

type fault struct {
	host, prefix string
	times        int // how often it still applies; no limit if negative

	// strike applies the fault. It reports whether it has answered the request;
	// otherwise the server does.
	strike func(w http.ResponseWriter, r *http.Request, refuse refuser) (answered bool)
}

type delay struct {
	host, prefix string
	duration     time.Duration
}

// Fail makes a host answer requests with a status and a text. If the text is
// empty, it is the standard text of the status. The fault applies to the next
// requests whose path begins with pathPrefix, such as "/acme/", as often as
// times says; if times is negative, there is no limit. The requests have no
// effect.
//
// A fault applies only to requests that the host would have accepted. So a 401
// rejects a valid token, and the anonymous request before it does not count.
// If several faults apply, including those of [Server.Break], [Server.Garbage],
// [Server.Answer], [Server.Endless], [Server.Redirect] and [Server.Hold], the
// first one that was set is used.
//
// The REST API is on the host api.github.com or below the path "/api/v3/" of
// another host. There, the text is the message of the answer, and a 429 has a
// Retry-After header.
func (s *Server) Fail(host, pathPrefix string, status int, text string, times int) {
	if text == "" {
		text = http.StatusText(status)
	}
	s.addFault(host, pathPrefix, times, func(w http.ResponseWriter, _ *http.Request, refuse refuser) bool {
		refuse(w, &refusal{status, text})
		return true
	})
}

// Break ends answers in the middle of the body, or before the status if there
// is no body. With HTTP/2, it ends the stream and not the connection. The
// requests have their effect; a revoked token, for example, stays revoked. See
// [Server.Fail] for the requests to which it applies.
func (s *Server) Break(host, pathPrefix string, times int) {
	s.addFault(host, pathPrefix, times, func(w http.ResponseWriter, _ *http.Request, _ refuser) bool {
		if rec, ok := w.(*recorder); ok {
			rec.cut = true
		}
		return false
	})
}

// Garbage answers 200 with an HTML page whose type is JSON, as some proxies and
// portals do. The requests have no effect. See [Server.Fail] for the requests
// to which it applies.
func (s *Server) Garbage(host, pathPrefix string, times int) {
	s.Answer(host, pathPrefix, "<!DOCTYPE html>\n<title>Welcome to the guest network</title>\n", times)
}

// Answer answers 200 with a text whose type is JSON, as a hostile server might.
// The requests have no effect. See [Server.Fail] for the requests to which it
// applies.
func (s *Server) Answer(host, pathPrefix, text string, times int) {
	s.addFault(host, pathPrefix, times, func(w http.ResponseWriter, _ *http.Request, _ refuser) bool {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.WriteHeader(http.StatusOK)
		io.WriteString(w, text)
		return true
	})
}

// endlessBody is the size, in bytes, at which an endless body ends. It is much
// more than a client with a limit reads, and does not fill the memory of a
// client without one.
const endlessBody = 256 << 20

// Endless answers 200 with JSON whose first value never ends. It stops after
// 256 MiB. The requests have no effect. See [Server.Fail] for the requests to
// which it applies.
func (s *Server) Endless(host, pathPrefix string, times int) {
	s.addFault(host, pathPrefix, times, func(w http.ResponseWriter, _ *http.Request, _ refuser) bool {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.WriteHeader(http.StatusOK)
		io.WriteString(w, `{"login":"`)
		chunk := bytes.Repeat([]byte("a"), 64<<10)
		for range endlessBody / len(chunk) {
			if _, err := w.Write(chunk); err != nil {
				return true // the client has stopped reading
			}
		}
		panic(http.ErrAbortHandler)
	})
}

// Redirect redirects requests to the same path of another host. target is a
// host, or a scheme and a host, as in "http://github.com". GET and HEAD get a
// 302. Other requests get a 307, so a client that follows sends the body too.
// Call [Server.SecretsSeenBy] for the other host to see whether it received a
// token. The requests have no effect. See [Server.Fail] for the requests to
// which it applies.
func (s *Server) Redirect(host, pathPrefix, target string, times int) {
	if !strings.Contains(target, "://") {
		target = "https://" + target
	}
	target = strings.TrimSuffix(target, "/")
	s.addFault(host, pathPrefix, times, func(w http.ResponseWriter, r *http.Request, _ refuser) bool {
		status := http.StatusFound
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			status = http.StatusTemporaryRedirect
		}
		w.Header().Set("Location", target+r.URL.RequestURI())
		w.WriteHeader(status)
		return true
	})
}

// Hold delays requests until release is called. Each request sends on held when
// it arrives. See [Server.Fail] for the requests to which it applies.
func (s *Server) Hold(host, pathPrefix string) (held <-chan struct{}, release func()) {
	arrived, over := make(chan struct{}), make(chan struct{})
	f := s.addFault(host, pathPrefix, -1, func(_ http.ResponseWriter, r *http.Request, _ refuser) bool {
		select {
		case arrived <- struct{}{}:
		case <-over:
		case <-r.Context().Done():
		}
		select {
		case <-over:
		case <-r.Context().Done():
		}
		return false
	})
	return arrived, sync.OnceFunc(func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		f.times = 0
		close(over)
	})
}

func (s *Server) addFault(host, prefix string, times int, strike func(http.ResponseWriter, *http.Request, refuser) bool) *fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := &fault{canonicalHost(host), prefix, times, strike}
	s.faults = append(s.faults, f)
	return f
}

// meetFault applies the first matching fault to a request that was accepted. It
// reports whether the fault has answered the request.
func (s *Server) meetFault(w http.ResponseWriter, r *http.Request, host string, refuse refuser) bool {
	f := s.takeFault(host, r.URL.Path)
	return f != nil && f.strike(w, r, refuse)
}

// takeFault returns the first fault that matches, and counts it as used once.
// It returns nil if there is none.
func (s *Server) takeFault(host, path string) *fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.faults {
		if f.times == 0 || f.host != host || !strings.HasPrefix(path, f.prefix) {
			continue
		}
		if f.times > 0 {
			f.times--
		}
		return f
	}
	return nil
}

// Delay delays the answer to every request whose path begins with pathPrefix by
// d. The host need not be registered. The last call for a path counts. A zero d
// ends the delay, also for requests that are waiting. The request is in the log
// when it arrives.
func (s *Server) Delay(host, pathPrefix string, d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.delays = append(s.delays, delay{canonicalHost(host), pathPrefix, d})
}

func (s *Server) delayFor(host, path string) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := len(s.delays) - 1; i >= 0; i-- {
		if d := s.delays[i]; d.host == host && strings.HasPrefix(path, d.prefix) {
			return d.duration
		}
	}
	return 0
}
