package gitea

import (
	"fmt"
	"os"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// serverKey is the key of a script's server, which start fills in.
type serverKey struct{}

func serverOf(ts *testscript.TestScript) *server { return ts.Value(serverKey{}).(*server) }

// start [PATH] starts a Gitea, below a path if one is named. Two private organizations
// are there: acme of the user alice, and globex of bob. Each has the private
// repositories widgets and gadgets. HOST is the server's host, and BASE the host with
// the path.
func cmdStart(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 1 {
		ts.Fatalf("usage: start [PATH]")
	}
	dir := ts.MkAbs("server")
	s, stop, err := startServer(dir, strings.Join(args, ""))
	ts.Check(err)
	ts.Defer(stop)
	*serverOf(ts) = *s
	ts.Setenv("HOST", s.host)
	ts.Setenv("BASE", s.host+s.path)
	ts.Setenv("GIT_SSL_CAINFO", dir+"/cert.pem")
	ts.Setenv("SSL_CERT_FILE", dir+"/cert.pem")
	for user, organization := range map[string]string{"alice": "acme", "bob": "globex"} {
		ts.Check(s.api("POST", "admin/users", "", fmt.Sprintf(`{"username": %q, "email": "%[1]s@example.com", "password": %q, "must_change_password": false}`, user, s.password), nil))
		ts.Check(s.api("POST", "orgs", user, fmt.Sprintf(`{"username": %q, "visibility": "private"}`, organization), nil))
		for _, name := range []string{"widgets", "gadgets"} {
			ts.Check(s.api("POST", "orgs/"+organization+"/repos", user, fmt.Sprintf(`{"name": %q, "private": true, "auto_init": true}`, name), nil))
		}
	}
}

// token NAME USER SCOPE makes a token of a user and puts it into secret/NAME and
// SECRET_NAME.
func cmdToken(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: token NAME USER SCOPE")
	}
	var made struct{ SHA1 string }
	ts.Check(serverOf(ts).api("POST", "users/"+args[1]+"/tokens", args[1], fmt.Sprintf(`{"name": %q, "scopes": [%q]}`, args[0], args[2]), &made))
	ts.Check(os.WriteFile(ts.MkAbs("secret/"+args[0]), []byte(made.SHA1+"\n"), 0o600))
	ts.Setenv("SECRET_"+args[0], made.SHA1)
}

// api USER METHOD PATH [JSON] calls Gitea's API.
func cmdAPI(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 || len(args) > 4 {
		ts.Fatalf("usage: api USER METHOD PATH [JSON]")
	}
	ts.Check(serverOf(ts).api(args[1], args[2], args[0], strings.Join(args[3:], ""), nil))
}

// fill URL TOKEN [USER] asks git credential fill, and fails unless that token answers,
// with that user name. ! fill URL fails if any token answers.
func cmdFill(ts *testscript.TestScript, neg bool, args []string) {
	if neg != (len(args) == 1) || len(args) < 1 || len(args) > 3 {
		ts.Fatalf("usage: fill URL TOKEN [USER], or ! fill URL")
	}
	ts.Check(os.WriteFile(ts.MkAbs("asked"), []byte("url="+args[0]+"\n\n"), 0o600))
	err := ts.Exec("sh", "-c", "git credential fill <$WORK/asked")
	answer := ts.ReadFile("stdout")
	if neg {
		if err == nil || strings.Contains(answer, "password") {
			ts.Fatalf("there is an answer for %s", args[0])
		}
		return
	}
	user := "x-access-token"
	if len(args) == 3 {
		user = args[2]
	}
	if err != nil || !strings.HasSuffix(answer, "\nusername="+user+"\npassword="+ts.Getenv("SECRET_"+args[1])+"\n") {
		ts.Fatalf("%s does not answer for %s", args[1], args[0])
	}
}
