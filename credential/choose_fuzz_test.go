package credential

import (
	"slices"
	"strings"
	"testing"

	"github.com/git-credential-pat/git-credential-pat/credential/forge"
)

// records returns a candidate for each line of a text. A line has a host, path,
// kind, login and state; each of them may be missing.
func records(text string) []Candidate {
	kinds := []Kind{
		FineGrained, Classic, OAuth, AppUser, AppInstallation, Other,
		forge.GitLabToken, forge.AzureToken, forge.BitbucketAPI, forge.BitbucketHTTP, forge.GiteaToken,
	}
	var all []Candidate
	for line := range strings.SplitSeq(text, "\n") {
		field := append(strings.Split(line, " "), "", "", "", "", "")
		c := Candidate{Record: Record{Target: Target{Host: field[0]}, Username: field[3]}}
		c.Kind = kinds[len(field[2])%len(kinds)]
		if field[1] != "" {
			c.Paths = strings.Split(field[1], ",")
		}
		switch field[4] {
		case "L":
			c = on(forge.GitLab, c)
		case "B":
			c = on(forge.Bitbucket, c)
		case "A":
			c = on(forge.Azure, c)
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
		if target, err := c.Target.On(c.On()); err == nil {
			c.Target = target
		}
		if all = append(all, c); len(all) == 8 {
			break
		}
	}
	return all
}

func FuzzChoose(f *testing.F) {
	for _, seed := range []struct{ host, path, user, records string }{
		{"github.com", "acme/widgets.git", "", "github.com\ngithub.com acme\ngithub.com acme/widgets x octocat e"},
		{"gist.github.com", "octocat/1.git", "octocat", "github.com\ngithub.com octocat\ngist.github.com  x hubot a"},
		{"github.com", "", "x-access-token", "github.com acme/a,acme/b\ngithub.com  xx\ngithub.com octo  d"},
		{"git.example.com", "a/../b c", "u", "git.example.com a/../b xxxxx u f\ngit.example.com"},
		{"github.com", "ACME/%2e%2e/x", "OctoCat", "github.com acme  octocat l\nGitHub.com acme"},
		{"github.com", "acme/w", "git-push", "github.com acme   r\ngithub.com acme   w\ngithub.com acme x  r"},
		{"gitlab.com", "acme/sub/app.git/info/lfs", "", "gitlab.com acme xxxxxx\ngitlab.com acme/sub xxxxxx  a\ngitlab.com acme/sub/app.git xxxxxx alice"},
		{"git.example.com", "gitlab/acme/app/-/tree", "oauth2", "git.example.com gitlab/acme xxxxx oauth2 L\ngit.example.com gitlab xxxxxx"},
		{"dev.azure.com", "acme/_git/_optimized/app", "acme", "dev.azure.com acme xxxxxxx alice\ndev.azure.com acme/app xxxxxxx acme"},
		{"acme.visualstudio.com", "DefaultCollection/My p/_git/a", "", "dev.azure.com acme xxxxxxx\nacme.visualstudio.com p xxxxxxx"},
		{"dev.azure.com", "", "Acme", "dev.azure.com acme xxxxxxx\ndev.azure.com globex xxxxxxx"},
		{"tfs.example.com", "tfs/c/p/_git/_full/a", "", "tfs.example.com tfs/c xxxxxxx\ntfs.example.com tfs/c/p xxxxx  A"},
		{"bitbucket.org", "acme/app.git/wiki", "alice", "bitbucket.org acme xxxxxxxx alice\nbitbucket.org acme xxxxxxxx bob"},
		{"bb.example.com", "scm/~alice/app.git", "alice", "bb.example.com ~alice xxxxxxxxx bob\nbb.example.com scm xxxxx  B"},
		{"bb.example.com", "users/alice/repos/app/browse", "", "bb.example.com ~alice/app xxxxxxxxx"},
		{"git.example.com", "git/acme/app/src/branch/x", "", "git.example.com git/acme xxxxxxxxxx\ngit.example.com git/acme/app xxxxx"},
		{"git.example.com", "acme/app/.git?x", "", "git.example.com acme/app xxxxx"},
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

		_, asked := place(request)
		pathless := asked == ""
		for i, c := range candidates {
			segments, ok := mayAnswer(c.Record, candidates, request)
			fits := d.Considered[i].Level != NoLevel
			if fits != ok {
				t.Fatalf("%+v for %+v: got fits %v, want %v", c.Record, request, fits, ok)
			}
			if d.Outcome != Answer || !ok || pathless {
				continue
			}
			won, _ := mayAnswer(d.Considered[d.Winner].Record, candidates, request)
			if segments > won {
				t.Fatalf("%+v answers %+v, though there is %+v", d.Considered[d.Winner].Record, request, c.Record)
			}
		}
		if d.Outcome != Answer {
			return
		}
		winner := d.Considered[d.Winner]
		if _, ok := mayAnswer(winner.Record, candidates, request); !ok {
			t.Fatalf("%+v answers %+v", winner.Record, request)
		}
		bare, _, _ := strings.Cut(path, "?")
		if strings.ContainsAny(bare, "\x00\t\n\r\x1b\x7f\\") || winner.On() == forge.GitHub && strings.ContainsAny(bare, "% #") {
			t.Fatalf("%+v answers the path %q", winner.Record, path)
		}
	})
}
