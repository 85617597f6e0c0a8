package e2e

import (
	"crypto/rand"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// forged NAME FORMAT makes a token of another forge and puts it into secret/NAME and
// SECRET_NAME. FORMAT is "azure", "hex" or a prefix.
func cmdForged(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: forged NAME FORMAT")
	}
	secret := args[1] + strings.ToLower(rand.Text()+rand.Text())
	switch args[1] {
	case "azure": // 84 letters and digits
		secret = strings.Repeat("9", 75-len(rand.Text())) + rand.Text() + "AZDO" + rand.Text()[:5]
	case "hex":
		data := make([]byte, 20)
		rand.Read(data)
		secret = hex.EncodeToString(data)
	}
	ts.Check(os.WriteFile(ts.MkAbs(filepath.Join("secret", args[0])), []byte(secret+"\n"), 0o600))
	ts.Setenv("SECRET_"+args[0], secret)
	worldOf(ts).secrets[args[0]] = secret
}

// fills FILE asks git credential fill for each line of a file: a URL, the name of the
// token that answers, and the user name of the answer. The name "-" means no answer.
func cmdFills(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: fills FILE")
	}
	for line := range strings.Lines(ts.ReadFile(args[0])) {
		fields := strings.Fields(line)
		if len(fields) < 2 || fields[0] == "#" {
			continue
		}
		ts.Check(os.WriteFile(ts.MkAbs("asked"), []byte("url="+fields[0]+"\n\n"), 0o600))
		err := ts.Exec("sh", "-c", "git credential fill <asked")
		got := map[string]string{}
		for line := range strings.Lines(ts.ReadFile("stdout")) {
			key, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
			got[key] = value
		}
		if fields[1] == "-" {
			if err == nil || got["password"] != "" {
				ts.Fatalf("%s: there is an answer", fields[0])
			}
			continue
		}
		if err != nil || got["password"] != ts.Getenv("SECRET_"+fields[1]) || got["username"] != fields[2] {
			ts.Fatalf("%s: %v, user name %q, token %s: %v", fields[0], err, got["username"], fields[1], got["password"] == ts.Getenv("SECRET_"+fields[1]))
		}
	}
}
