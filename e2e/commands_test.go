package e2e

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// log FILE writes down what the server was asked so far, a line a request, as
// githubtest.Server.WriteLog has it.
func cmdLog(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: log FILE")
	}
	ts.Check(worldOf(ts).server.WriteLog(ts.MkAbs(args[0])))
}

// atmost N PATTERN FILE fails if more than N lines of a file match, or none:
// then the pattern is most likely wrong.
func cmdAtMost(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: atmost N PATTERN FILE")
	}
	limit, err := strconv.Atoi(args[0])
	ts.Check(err)
	pattern, err := regexp.Compile(args[1])
	ts.Check(err)
	found := 0
	for line := range strings.Lines(ts.ReadFile(args[2])) {
		if pattern.MatchString(strings.TrimSuffix(line, "\n")) {
			found++
		}
	}
	if found == 0 || found > limit {
		ts.Fatalf("%d lines match %q, want 1 to %d", found, args[1], limit)
	}
}

// snapshot FILE FOLDER writes down all that is in a folder, so that cmp shows
// whether anything was written, made or removed there meanwhile.
func cmdSnapshot(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: snapshot FILE FOLDER")
	}
	var text strings.Builder
	root := ts.MkAbs(args[1])
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		content := "-"
		if info.Mode().IsRegular() {
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			// A secret may be in it.
			sum := sha256.Sum256(data)
			content = hex.EncodeToString(sum[:4])
		}
		fmt.Fprintln(&text, path, info.Mode(), info.ModTime().UTC().Format("15:04:05.000000000"), content)
		return nil
	})
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text.String()), 0o600))
}

// earlier DURATION FILE makes a token be refused, and offered again, earlier than
// its mark says.
func cmdEarlier(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: earlier DURATION FILE")
	}
	d, err := time.ParseDuration(args[0])
	ts.Check(err)
	moments := regexp.MustCompile(`(?m)^(time|offered)=(.*)$`)
	text := ts.ReadFile(args[1])
	if !moments.MatchString(text) {
		ts.Fatalf("%s is no mark", args[1])
	}
	text = moments.ReplaceAllStringFunc(text, func(line string) string {
		key, value, _ := strings.Cut(line, "=")
		t, err := time.Parse(time.RFC3339Nano, value)
		ts.Check(err)
		return key + "=" + t.Add(-d).Format(time.RFC3339Nano)
	})
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(text), 0o600))
}

// password NAME makes a password for another forge, which looks like no token
// of GitHub's, and puts it into secret/NAME and SECRET_NAME.
func cmdPassword(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: password NAME")
	}
	secret := "pass " + rand.Text() // a space, as people have in theirs
	ts.Check(os.WriteFile(ts.MkAbs(filepath.Join("secret", args[0])), []byte(secret+"\n"), 0o600))
	ts.Setenv("SECRET_"+args[0], secret)
}

// expired KEY changes a record that has an expiry date: it was long ago.
func cmdExpired(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: expired KEY")
	}
	ts.Check(expire(filepath.Join(ts.Getenv("XDG_DATA_HOME"), "git-pat"), args[0]))
}

// expire changes the expiry date in a record below a folder, as time does.
func expire(dir, key string) error {
	path := filepath.Join(dir, "tokens", filepath.FromSlash(key)+".record")
	record, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	changed := regexp.MustCompile(`(?m)^expires=.*$`).ReplaceAll(record, []byte("expires=2020-01-31T23:59:59Z"))
	if bytes.Equal(changed, record) {
		return fmt.Errorf("%s has no expiry date", path)
	}
	return os.WriteFile(path, changed, 0o600)
}

// expireNamed is expire for the token with a name, wherever its record is.
func expireNamed(dir, name string) error {
	tokens := filepath.Join(dir, "tokens")
	return filepath.WalkDir(tokens, func(path string, d fs.DirEntry, err error) error {
		key, isRecord := strings.CutSuffix(path, ".record")
		if err != nil || !isRecord {
			return err
		}
		record, err := os.ReadFile(path)
		if err != nil || !bytes.Contains(record, []byte("\nname="+name+"\n")) {
			return err
		}
		key, err = filepath.Rel(tokens, key)
		if err != nil {
			return err
		}
		return expire(dir, key)
	})
}

func setenv(ts *testscript.TestScript, variables []string) {
	for _, variable := range variables {
		name, value, _ := strings.Cut(variable, "=")
		ts.Setenv(name, value)
	}
}
