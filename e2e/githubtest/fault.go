package githubtest

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

// A refuser writes a refusal in the form of what was asked: text for Git, JSON
// for others.
type refuser func(http.ResponseWriter, *refusal)

type fault struct {
	host, prefix string
	times        int // left; negative: for ever

	// strike does the damage. It reports whether the request is answered
	// with that; else it goes on to be served.
	strike func(w http.ResponseWriter, r *http.Request, refuse refuser) (answered bool)
}

type delay struct {
	host, prefix string
	duration     time.Duration
}

// Fail makes the next requests that a host would have let in be answered with a
// status and a text instead; an empty text means the status's own. Which ones
// is said by the beginning of the path, as in "/acme/", and by how many times;
// a negative number is no limit. A 401 thus meets a good token, and the
// anonymous request before it does not use the fault up. Of several that
// apply, be they of Fail, [Server.Break], [Server.Garbage], [Server.Endless],
// [Server.Redirect] or [Server.Hold], the first set counts.
//
// The REST API has its own host, api.github.com, or the host's own path
// "/api/v3/"; there the text is the message, and a 429 has a Retry-After. What
// fails has had no effect.
func (s *Server) Fail(host, pathPrefix string, status int, text string, times int) {
	if text == "" {
		text = http.StatusText(status)
	}
	s.addFault(host, pathPrefix, times, func(w http.ResponseWriter, _ *http.Request, refuse refuser) bool {
		refuse(w, &refusal{status, text})
		return true
	})
}

// Break cuts answers short in the middle of their body, or before their
// beginning if they have none. Over HTTP/2 it is the stream that ends, not the
// connection. What the request asked for has been done: a token revoked stays
// so. Requests are chosen as by [Server.Fail].
func (s *Server) Break(host, pathPrefix string, times int) {
	s.addFault(host, pathPrefix, times, func(w http.ResponseWriter, _ *http.Request, _ refuser) bool {
		if rec, ok := w.(*recorder); ok {
			rec.cut = true
		}
		return false
	})
}

// Garbage answers 200 with a page of HTML that calls itself JSON, as proxies
// and portals do. The request has no effect. Requests are chosen as by
// [Server.Fail].
func (s *Server) Garbage(host, pathPrefix string, times int) {
	s.Answer(host, pathPrefix, "<!DOCTYPE html>\n<title>Welcome to the guest network</title>\n", times)
}

// Answer answers 200 with a text that calls itself JSON, such as a server
// controlled by somebody else may send. The request has no effect. Requests are
// chosen as by [Server.Fail].
func (s *Server) Answer(host, pathPrefix, text string, times int) {
	s.addFault(host, pathPrefix, times, func(w http.ResponseWriter, _ *http.Request, _ refuser) bool {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.WriteHeader(http.StatusOK)
		io.WriteString(w, text)
		return true
	})
}

// endlessBody is where an endless body ends after all: far beyond what a
// client that has a limit reads, and before the memory of one that has none is
// full.
const endlessBody = 256 << 20

// Endless answers 200 with JSON whose first value does not end as long as the
// client reads. It is cut off after 256 MiB. The request has no effect. Requests
// are chosen as by [Server.Fail].
func (s *Server) Endless(host, pathPrefix string, times int) {
	s.addFault(host, pathPrefix, times, func(w http.ResponseWriter, _ *http.Request, _ refuser) bool {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.WriteHeader(http.StatusOK)
		io.WriteString(w, `{"login":"`)
		chunk := bytes.Repeat([]byte("a"), 64<<10)
		for range endlessBody / len(chunk) {
			if _, err := w.Write(chunk); err != nil {
				return true // the client has seen enough
			}
		}
		panic(http.ErrAbortHandler)
	})
}

// Redirect sends requests to the same path of another host, named alone or with
// its scheme, as in "http://github.com". GET and HEAD get a 302, others a 307,
// by which a client that follows sends the body too. Whether a token went along
// is told by [Server.SecretsSeenBy] of the other host. The request has no effect.
// Requests are chosen as by [Server.Fail].
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

// Hold holds requests that are let in up until release is called, and then
// answers them. Each of them sends on held. Requests are chosen as by
// [Server.Fail].
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

// meetFault lets the first fault that applies strike a request that is let in,
// and reports whether it is answered by that.
func (s *Server) meetFault(w http.ResponseWriter, r *http.Request, host string, refuse refuser) bool {
	f := s.takeFault(host, r.URL.Path)
	return f != nil && f.strike(w, r, refuse)
}

// takeFault uses up one time of the first fault that applies, or returns nil.
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

// Delay holds every request to a host whose path has the prefix up for as long
// as d before it is answered, registered host or not. The last one set
// counts, and zero ends it, for those that wait too. The log has the request
// from its beginning.
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
