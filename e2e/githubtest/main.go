package githubtest

import (
	"fmt"
	"os"
	"strings"
)

// Main runs the tests of a package, m, with a server that plays every host, and returns
// the exit status. It is for TestMain. The server is behind the proxy of the
// environment, which a program reads only once, so all tests share it: each has hosts,
// users or owners of its own.
func Main(m interface{ Run() int }, use func(*Server)) int {
	dir, err := os.MkdirTemp("", "git-pat-server-")
	var server *Server
	if err == nil {
		defer os.RemoveAll(dir)
		server, err = NewServer(dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer server.Close()
	for _, variable := range server.Env() {
		name, value, _ := strings.Cut(variable, "=")
		os.Setenv(name, value)
	}
	use(server)
	return m.Run()
}
