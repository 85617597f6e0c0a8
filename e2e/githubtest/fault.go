package githubtest

import (
	"bytes"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
)

type fault struct {
	host, prefix string
	times        int // how often it still applies; no limit if negative

	// strike answers the request. It may call serve, which answers as without
	// the fault, or refuse.
	strike func(w http.ResponseWriter, r *http.Request, refuse refuser, serve http.HandlerFunc)
}

// Fail makes a host answer requests with a status and a text. If the text is
// empty, it is the standard text of the status. The fault applies to the next
// requests whose path begins with pathPrefix, such as "/acme/", as often as
// times says; if times is negative, there is no limit. The requests have no
// effect.
//
// A fault applies only to requests that the host would have accepted. So a 401
// rejects a valid token, and the anonymous request before it does not count.
// If several faults apply, including those of the methods below, the first one
// that was set is used.
//
// The REST API is on the host api.github.com or below the path "/api/v3/" of
// another host. There, the text is the message of the answer, and a 429 has a
// Retry-After header.
func (s *Server) Fail(host, pathPrefix string, status int, text string, times int) {
	if text == "" {
		text = http.StatusText(status)
	}
	s.addFault(host, pathPrefix, times, func(w http.ResponseWriter, _ *http.Request, refuse refuser, _ http.HandlerFunc) {
		refuse(w, &refusal{status, text})
	})
}

// Break ends answers in the middle of the body. The requests have their effect;
// a revoked token, for example, stays revoked. See [Server.Fail] for the
// requests to which it applies.
func (s *Server) Break(host, pathPrefix string, times int) {
	s.addFault(host, pathPrefix, times, func(w http.ResponseWriter, r *http.Request, _ refuser, serve http.HandlerFunc) {
		whole := httptest.NewRecorder()
		serve(whole, r)
		maps.Copy(w.Header(), whole.Header())
		w.WriteHeader(whole.Code)
		w.Write(whole.Body.Bytes()[:whole.Body.Len()/2])
		http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	})
}

// FailAfter answers requests with a status, or cuts the connection if it is 0.
// Unlike with [Server.Fail], the requests have their effect, so the client does not
// know it. See there for the requests to which it applies.
func (s *Server) FailAfter(host, pathPrefix string, status, times int) {
	s.addFault(host, pathPrefix, times, func(w http.ResponseWriter, r *http.Request, refuse refuser, serve http.HandlerFunc) {
		serve(httptest.NewRecorder(), r)
		if status == 0 {
			panic(http.ErrAbortHandler)
		}
		refuse(w, &refusal{status, http.StatusText(status)})
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
	s.addFault(host, pathPrefix, times, func(w http.ResponseWriter, _ *http.Request, _ refuser, _ http.HandlerFunc) {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		io.WriteString(w, text)
	})
}

// Endless answers 200 with JSON whose first value never ends. It stops after
// 256 MiB: much more than a client with a limit reads, and too little to fill
// the memory of a client without one. The requests have no effect. See
// [Server.Fail] for the requests to which it applies.
func (s *Server) Endless(host, pathPrefix string, times int) {
	s.addFault(host, pathPrefix, times, func(w http.ResponseWriter, _ *http.Request, _ refuser, _ http.HandlerFunc) {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		io.WriteString(w, `{"login":"`)
		chunk := bytes.Repeat([]byte("a"), 64<<10)
		for range (256 << 20) / len(chunk) {
			if _, err := w.Write(chunk); err != nil {
				return // the client has stopped reading
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
	s.addFault(host, pathPrefix, times, func(w http.ResponseWriter, r *http.Request, _ refuser, _ http.HandlerFunc) {
		status := http.StatusFound
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			status = http.StatusTemporaryRedirect
		}
		w.Header().Set("Location", target+r.URL.RequestURI())
		w.WriteHeader(status)
	})
}

// Hold delays requests until release is called. Each request sends on held when
// it arrives. Then the next fault applies. See [Server.Fail] for the requests to
// which it applies.
func (s *Server) Hold(host, pathPrefix string) (held <-chan struct{}, release func()) {
	arrived, over := make(chan struct{}), make(chan struct{})
	f := s.addFault(host, pathPrefix, -1, func(w http.ResponseWriter, r *http.Request, refuse refuser, serve http.HandlerFunc) {
		select {
		case arrived <- struct{}{}:
		case <-over:
		case <-r.Context().Done():
		}
		select {
		case <-over:
			s.admit(w, r, nil, refuse, serve)
		case <-r.Context().Done():
		}
	})
	return arrived, sync.OnceFunc(func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		f.times = 0
		close(over)
	})
}

func (s *Server) addFault(host, prefix string, times int, strike func(http.ResponseWriter, *http.Request, refuser, http.HandlerFunc)) *fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := &fault{host, prefix, times, strike}
	s.faults = append(s.faults, f)
	return f
}

// nextFault returns the first fault that applies, and counts it as used once. It
// returns nil if there is none.
func (s *Server) nextFault(host, path string) *fault {
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
