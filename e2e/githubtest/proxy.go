package githubtest

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
)

// serveProxy answers requests to the proxy. For a CONNECT it opens no
// connection, but gives the client's connection to the TLS server. All other
// requests are plain HTTP.
func (s *Server) serveProxy(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodConnect {
		s.serveConnect(w, r)
		return
	}
	host := canonicalHost(r.Host)
	if _, _, err := net.SplitHostPort(host); err != nil {
		host += ":80" // marks requests without TLS in the log
	}
	rec := s.record(w, r, host, nil)
	if !r.URL.IsAbs() {
		writeText(rec, http.StatusBadRequest, "This is a proxy.")
		return
	}
	rec.Header().Set("Location", "https://"+strings.TrimSuffix(r.Host, ":80")+r.URL.RequestURI())
	rec.WriteHeader(http.StatusMovedPermanently)
}

func (s *Server) serveConnect(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Proxy-Authorization") != "" || r.Header.Get("Authorization") != "" {
		// The proxy requires no login. A CONNECT is worth logging only if it
		// contains a secret.
		s.record(w, r, canonicalHost(r.Host), nil).sent(http.StatusOK)
	}
	conn, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		writeText(w, http.StatusInternalServerError, err.Error())
		return
	}
	if _, err := io.WriteString(conn, "HTTP/1.1 200 Connection established\r\n\r\n"); err != nil {
		conn.Close()
		return
	}
	s.tunnels.deliver(&tunnel{
		Conn:   conn,
		reader: buffered.Reader,
		target: canonicalHost(r.Host),
	})
}

// A tunnel is a connection that the client wanted to open to target.
type tunnel struct {
	net.Conn
	reader *bufio.Reader // the bytes that net/http has already read, then Conn
	target string
}

func (t *tunnel) Read(p []byte) (int, error) { return t.reader.Read(p) }

// tunnels is a listener that accepts the connections from the proxy.
type tunnels struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func newTunnels() *tunnels {
	return &tunnels{conns: make(chan net.Conn), done: make(chan struct{})}
}

func (t *tunnels) deliver(c net.Conn) {
	select {
	case t.conns <- c:
	case <-t.done:
		c.Close()
	}
}

func (t *tunnels) Accept() (net.Conn, error) {
	select {
	case c := <-t.conns:
		return c, nil
	case <-t.done:
		return nil, net.ErrClosed
	}
}

func (t *tunnels) Close() error {
	t.once.Do(func() { close(t.done) })
	return nil
}

func (t *tunnels) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)} }
