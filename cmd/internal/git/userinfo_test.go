package git

import "testing"

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
