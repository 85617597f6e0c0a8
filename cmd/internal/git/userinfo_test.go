package git

import (
	"strings"
	"testing"
)

func TestCutUserinfo(t *testing.T) {
	for _, test := range []struct{ url, before, info, after string }{
		{"https://github.com/a", "", "", "https://github.com/a"},
		{"https://alice@github.com/a", "https://", "alice", "github.com/a"},
		{"https://alice:a@b@github.com/a", "https://", "alice:a@b", "github.com/a"},
		{"https://github.com/a@b", "", "", "https://github.com/a@b"},
		{"https://github.com?a@b", "", "", "https://github.com?a@b"},
		{"https://@github.com", "https://", "", "github.com"},
		{"git@github.com:a/b", "", "", "git@github.com:a/b"},
	} {
		before, info, after, ok := CutUserinfo(test.url)
		if before != test.before || info != test.info || after != test.after || ok != (before != "") {
			t.Errorf("%s: got %q, %q, %q and %v", test.url, before, info, after, ok)
		}
	}
}

func TestShownKey(t *testing.T) {
	classic := "ghp" + "_" + strings.Repeat("x", 36)
	for key, want := range map[string]string{
		"credential.helper":                                          "credential.helper",
		"credential.https://github.com.helper":                       "credential.https://github.com.helper",
		"credential.https://alice@github.com.helper":                 "credential.https://***@github.com.helper",
		"credential.https://alice:secret@github.com/acme.helper":     "credential.https://***@github.com/acme.helper",
		"credential.https://" + classic + "@github.com.helper":       "credential.https://***@github.com.helper",
		"http.https://x:" + classic + "@ghes.example/.extraheader":   "http.https://***@ghes.example/.extraheader",
		"url.https://" + classic + "@github.com/.insteadof":          "url.https://***@github.com/.insteadof",
		"url.git@github.com:.insteadof":                              "url.git@github.com:.insteadof",
		"remote.https://" + classic + "@github.com/acme/a.pushurl":   "remote.https://***@github.com/acme/a.pushurl",
		"credential.https://github.com/acme/ghp_tools_and_more.help": "credential.https://github.com/acme/ghp_tools_and_more.help",
	} {
		if got := (Setting{Key: key}).ShownKey(); got != want {
			t.Errorf("%s: got %q, want %q", key, got, want)
		}
	}
}
