package githubtest

import (
	"net/http"
	"strings"
	"time"
)

type fault struct {
	host, prefix string
	refusal      refusal
	times        int // left; negative: for ever
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
// apply the first set counts.
func (s *Server) Fail(host, pathPrefix string, status int, text string, times int) {
	if text == "" {
		text = http.StatusText(status)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, &fault{canonicalHost(host), pathPrefix, refusal{status, text}, times})
}

// takeFault uses up one time of the first fault that applies, or returns nil.
func (s *Server) takeFault(host, path string) *refusal {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.faults {
		if f.times == 0 || f.host != host || !strings.HasPrefix(path, f.prefix) {
			continue
		}
		if f.times > 0 {
			f.times--
		}
		return &f.refusal
	}
	return nil
}

// Delay holds every request to a host whose path has the prefix up for as long
// as d before it is answered, registered host or not. The last one set
// counts, and zero ends it. The log has the request from its beginning.
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
