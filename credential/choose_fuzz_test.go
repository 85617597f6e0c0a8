package credential

import (
	"slices"
	"strings"
	"testing"
)

// records returns a candidate for each line of a text. A line has a host, path,
// kind, login and state; each of them may be missing.
func records(text string) []Candidate {
	kinds := []Kind{FineGrained, Classic, OAuth, AppUser, AppInstallation, Other}
	var all []Candidate
	for line := range strings.SplitSeq(text, "\n") {
		field := append(strings.Split(line, " "), "", "", "", "", "")
		c := Candidate{Record: Record{Target: Target{Host: field[0]}, Username: field[3]}}
		c.Kind = kinds[len(field[2])%len(kinds)]
		if field[1] != "" {
			c.Paths = strings.Split(field[1], ",")
		}
		if target, err := c.Target.For(c.Kind); err == nil {
			c.Target = target
		}
		switch field[4] {
		case "e":
			c = expired(c)
		case "a":
			c = aside(c)
		case "l":
			c = lost(c)
		case "d":
			c = damaged(c)
		case "f":
			c = attributes(c)
		case "r":
			c = reads(c)
		case "w":
			c = writes(c)
		}
		if all = append(all, c); len(all) == 8 {
			break
		}
	}
	return all
}

// lower is like fold, written independently.
func lower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if strings.IndexByte("ABCDEFGHIJKLMNOPQRSTUVWXYZ", c) >= 0 {
			b[i] = c | 0x20
		}
	}
	return string(b)
}

// mayAnswer reports whether a record may answer a request. It implements the
// rules again, without code of the package. segments is the number of path
// segments that the record covers, or -1 for another host.
func mayAnswer(r Record, request Request) (segments int, ok bool) {
	alias := request.Host == "gist.github.com" && r.Host == "github.com" && len(r.Paths) == 0 && r.Kind != Other
	if r.Host != request.Host && !alias {
		return 0, false
	}
	if request.Username == "git-push" && r.Access == ReadAccess && strings.Trim(request.Path, "/") != "" {
		return 0, false
	}
	if user := request.Username; user != "" && user != "x-access-token" && user != "git-push" {
		if r.Username == "" && r.Form != "" || r.Username != "" && lower(r.Username) != lower(user) {
			return 0, false
		}
	}
	path := strings.Trim(request.Path, "/")
	if path == "" {
		return 0, true
	}
	if r.Kind == Other {
		if len(r.Paths) == 0 {
			return 0, true
		}
		return 2, slices.Contains(r.Paths, path)
	}
	asked := strings.Split(lower(path), "/")
	for _, segment := range asked {
		if segment == "" || segment == "." || segment == ".." ||
			strings.Trim(segment, "abcdefghijklmnopqrstuvwxyz0123456789._-") != "" {
			return 0, false
		}
	}
	if len(asked) > 1 {
		name, _ := strings.CutSuffix(asked[1], ".git")
		name, _ = strings.CutSuffix(name, ".wiki")
		if asked[1] = name; name == "" || name == "." || name == ".." {
			return 0, false
		}
		asked = asked[:2]
	}
	if alias {
		return -1, true
	}
	if len(r.Paths) == 0 {
		return 0, true
	}
	for _, p := range r.Paths {
		own := strings.Split(p, "/")
		if len(own) <= len(asked) && slices.Equal(own, asked[:len(own)]) {
			segments, ok = max(segments, len(own)), true
		}
	}
	return segments, ok
}

func FuzzChoose(f *testing.F) {
	for _, seed := range []struct{ host, path, user, records string }{
		{"github.com", "acme/widgets.git", "", "github.com\ngithub.com acme\ngithub.com acme/widgets x octocat e"},
		{"gist.github.com", "octocat/1.git", "octocat", "github.com\ngithub.com octocat\ngist.github.com  x hubot a"},
		{"github.com", "", "x-access-token", "github.com acme/a,acme/b\ngithub.com  xx\ngithub.com octo  d"},
		{"git.example.com", "a/../b c", "u", "git.example.com a/../b xxxxx u f\ngit.example.com"},
		{"github.com", "ACME/%2e%2e/x", "OctoCat", "github.com acme  octocat l\nGitHub.com acme"},
		{"github.com", "acme/w", "git-push", "github.com acme   r\ngithub.com acme   w\ngithub.com acme x  r"},
		{"github.com", "acme/w.wiki.git/info/lfs", "", "github.com acme/w xxx\ngithub.com acme/w x\ngithub.com acme/w"},
	} {
		f.Add(seed.host, seed.path, seed.user, seed.records)
	}
	f.Fuzz(func(t *testing.T, host, path, user, text string) {
		candidates := records(text)
		for i := range candidates {
			candidates[i].Key = string(rune('a' + i))
		}
		request := Request{Host: host, Path: path, Username: user}
		d := Choose(request, candidates, now)
		checkDecision(t, d, candidates)

		turned := slices.Clone(candidates)
		slices.Reverse(turned)
		back := Choose(request, turned, now)
		slices.Reverse(back.Considered)
		if verdicts(back) != verdicts(d) || back.Outcome != d.Outcome {
			t.Fatalf("the order matters: %q and %q", verdicts(d), verdicts(back))
		}

		pathless := strings.Trim(path, "/") == ""
		for i, c := range candidates {
			segments, ok := mayAnswer(c.Record, request)
			fits := d.Considered[i].Level != NoLevel
			if fits != ok {
				t.Fatalf("%+v for %+v: got fits %v, want %v", c.Record, request, fits, ok)
			}
			if d.Outcome != Answer || !ok || pathless {
				continue
			}
			won, _ := mayAnswer(d.Considered[d.Winner].Record, request)
			if segments > won {
				t.Fatalf("%+v answers %+v, though there is %+v", d.Considered[d.Winner].Record, request, c.Record)
			}
		}
		if d.Outcome != Answer {
			return
		}
		winner := d.Considered[d.Winner]
		if _, ok := mayAnswer(winner.Record, request); !ok {
			t.Fatalf("%+v answers %+v", winner.Record, request)
		}
		if winner.Kind != Other && strings.ContainsAny(strings.Trim(path, "/"), "%\x00\t\n\r\x1b\x7f \\?#") {
			t.Fatalf("%+v answers the path %q", winner.Record, path)
		}
	})
}
