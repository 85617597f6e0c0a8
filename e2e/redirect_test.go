package e2e

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"

	"github.com/rogpeppe/go-internal/testscript"
)

// redirect HOST first|login URL puts another server in a host's place, which
// sends every request on to what follows the URL: at once, or those that are
// logged in, as the others are asked to.
func cmdRedirect(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 || args[1] != "first" && args[1] != "login" {
		ts.Fatalf("usage: redirect HOST first|login URL")
	}
	upstream, err := url.Parse(worldOf(ts).server.ProxyURL)
	ts.Check(err)
	impostor := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if args[1] == "login" && r.Header.Get("Authorization") == "" {
			w.Header().Set("WWW-Authenticate", `Basic realm="GitHub"`)
			http.Error(w, "Repository not found.", http.StatusUnauthorized)
			return
		}
		http.Redirect(w, r, args[2]+r.URL.RequestURI(), http.StatusFound)
	}))
	ts.Defer(impostor.Close)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// Only Git's connections for https come this way.
		toImpostor := r.Host == args[0]+":443"
		address := upstream.Host
		if toImpostor {
			address = impostor.Listener.Addr().String()
		}
		there, err := net.Dial("tcp", address)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		defer there.Close()
		here, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer here.Close()
		if toImpostor {
			io.WriteString(here, "HTTP/1.1 200 Connection established\r\n\r\n")
		} else {
			r.Write(there)
		}
		go io.Copy(there, here)
		io.Copy(here, there)
	}))
	ts.Defer(proxy.Close)
	setenv(ts, []string{
		"HTTPS_PROXY=" + proxy.URL,
		"https_proxy=" + proxy.URL,
		"GIT_SSL_NO_VERIFY=1", // the impostor's certificate is nobody's
	})
}
