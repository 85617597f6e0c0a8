package credential

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/git-credential-pat/git-credential-pat/credential/forge"
)

// The rules of matching once more, written without code of the packages, so that
// FuzzChoose can compare.

// lower is like forge.Fold, written independently.
func lower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if strings.IndexByte("ABCDEFGHIJKLMNOPQRSTUVWXYZ", c) >= 0 {
			b[i] = c | 0x20
		}
	}
	return string(b)
}

// oracleForge returns the forge of a record.
func oracleForge(r Record) forge.Forge {
	for pattern, f := range map[string]forge.Forge{
		`(gist\.)?github\.com|.*\.ghe\.com`: forge.GitHub,
		`gitlab\.com`:                       forge.GitLab,
		`dev\.azure\.com|` + oracleOrganization + `\.visualstudio\.com`: forge.Azure,
		`bitbucket\.org`: forge.Bitbucket,
		`codeberg\.org`:  forge.Gitea,
	} {
		if matches(pattern, r.Host) && r.Host != "vs-ssh.visualstudio.com" {
			return f
		}
	}
	switch r.Kind {
	case FineGrained, Classic, OAuth, AppUser, AppInstallation:
		return forge.GitHub
	case forge.GitLabToken:
		return forge.GitLab
	case forge.AzureToken:
		return forge.Azure
	case forge.BitbucketAPI, forge.BitbucketHTTP:
		return forge.Bitbucket
	case forge.GiteaToken:
		return forge.Gitea
	}
	return r.Forge
}

const oracleOrganization = `[a-z0-9-]{1,50}`

func matches(pattern, s string) bool {
	return regexp.MustCompile(`\A(?s:` + pattern + `)\z`).MatchString(s)
}

// place returns the host and path that records are for.
func place(request Request) (host, path string) {
	host, path = request.Host, strings.Trim(request.Path, "/")
	name, older := strings.CutSuffix(host, ".visualstudio.com")
	switch {
	case older && matches(oracleOrganization, name) && name != "vs-ssh":
		return "dev.azure.com", strings.Trim(name+"/"+strings.TrimLeft(request.Path, "/"), "/")
	case host == "dev.azure.com" && path == "" && matches(oracleOrganization, lower(request.Username)) && !standsForAll(request.Username):
		return host, request.Username
	}
	return host, path
}

func standsForAll(user string) bool {
	return matches(`|x-access-token|git|oauth2|x-oauth-basic|x-token-auth|x-bitbucket-api-token-auth|gitlab-ci-token|git-push`, user)
}

// read returns the segments of a path that name the repository, or nil if the forge
// cannot have the path.
func read(f forge.Forge, host, path string) []string {
	path, _, _ = strings.Cut(path, "?")
	asked := strings.Split(strings.Trim(lower(path), "/"), "/")
	for _, s := range asked {
		name := `[a-z0-9._-]+`
		switch f {
		case forge.Bitbucket:
			name = `~?[a-z0-9._-]+`
		case forge.Azure:
			name = `[^\x00-\x1f\x7f\\/:*?"<>|;#${},+=\[\]% .]([^\x00-\x1f\x7f\\/:*?"<>|;#${},+=\[\]%]*[^\x00-\x1f\x7f\\/:*?"<>|;#${},+=\[\]% .])?`
		case forge.Other:
			name = `[^\x00-\x1f\x7f\\]+`
		}
		if !utf8.ValidString(s) && f != forge.Azure {
			s = strings.ToValidUTF8(s, "?") // a pattern matches no invalid bytes
		}
		if !matches(name, s) || matches(`~?\.{1,2}`, s) && (f == forge.Bitbucket || s[0] == '.') || f == forge.Other && matches(`.*%(2f|2e|5c).*|\.{1,2};.*`, s) || !utf8.ValidString(s) {
			return nil
		}
	}
	end := len(asked) // of the repository, which is the last
	service := func(i int, words string) bool {
		return matches(words, strings.Join(asked[i:min(i+2, len(asked))], "/"))
	}
	own := matches(`(gist\.)?github\.com|.*\.ghe\.com|gitlab\.com|dev\.azure\.com|bitbucket\.org|codeberg\.org`, host)
	scm := slices.Index(asked, "scm")
	pages := slices.IndexFunc(asked, func(s string) bool { return s == "projects" || s == "users" })
	switch {
	case f == forge.GitHub, own && (f == forge.Bitbucket || f == forge.Gitea):
		if end = min(2, end); end == 1 {
			return asked[:1]
		}
	case f == forge.Azure:
		return readAzure(asked, own)
	case f == forge.Bitbucket && pages >= 0 && (scm < 0 || pages < scm) && len(asked) > pages+3 && asked[pages+2] == "repos":
		project := asked[pages+1]
		if asked[pages] == "users" {
			project = "~" + project
		}
		asked = append(append(slices.Clone(asked[:pages]), "scm", project), asked[pages+3])
		end = len(asked)
	case f == forge.Bitbucket && pages >= 0 && scm < 0 && len(asked) > pages+1:
		project := asked[pages+1]
		if asked[pages] == "users" {
			project = "~" + project
		}
		if strings.HasPrefix(project, "~~") {
			return nil
		}
		return append(slices.Clone(asked[:pages]), "scm", project)
	case f == forge.Bitbucket && scm >= 0:
		if end = min(scm+3, end); end < scm+3 {
			return asked[:end]
		}
	default:
		for i := range asked {
			if f == forge.Other && i > 0 && asked[i] == ".git" {
				return asked[:i]
			}
			if strings.HasSuffix(asked[i], ".git") {
				end = i + 1
				break
			}
			if i > 0 && (service(i, `git-(upload|receive)-pack(/.*)?|info/(refs|lfs)`) || f == forge.GitLab && asked[i] == "-") ||
				i > 1 && f == forge.GitLab && matches(`badges|blame|blob|builds|commits|create_dir|find_file|raw|refs|tree|wikis`, asked[i]) ||
				i > 1 && f == forge.Gitea && service(i, `(src|raw)/(branch|commit|tag)`) {
				end = i
				break
			}
		}
	}
	return ending(asked[:end], f)
}

// ending removes .git and .wiki from the last segment.
func ending(segments []string, f forge.Forge) []string {
	segments = slices.Clone(segments)
	last := &segments[len(segments)-1]
	*last = regexp.MustCompile(`(?s)\A(.*?)(\.wiki)?(\.git)?\z`).ReplaceAllString(*last, "$1")
	if matches(`\.{0,2}`, *last) || f == forge.Bitbucket && matches(`~\.{0,2}`, *last) || f == forge.Azure && strings.Trim(*last, " .") != *last {
		return nil
	}
	return segments
}

func readAzure(asked []string, own bool) []string {
	marker := len(asked)
	for i, s := range asked {
		if s[0] == '_' {
			marker = i
			break
		}
	}
	names, rest := slices.Clone(asked[:marker]), asked[marker:]
	if own && len(names) > 1 && names[1] == "defaultcollection" {
		names = slices.Delete(names, 1, 2)
	}
	repository := ""
	if len(rest) > 1 && rest[0] == "_git" {
		repository = rest[1]
		if matches(`_optimized|_full`, repository) {
			if repository = ""; len(rest) > 2 {
				repository = rest[2]
			}
		}
		if strings.HasPrefix(repository, "_") {
			return nil
		}
	} else if own && len(names) == 3 {
		names, repository = names[:2], names[2]
	}
	switch {
	case len(names) == 0, own && len(names) > 2:
		return nil
	case repository == "":
		return names
	case own && len(names) == 1:
		if names = ending([]string{names[0], repository}, forge.Azure); names == nil {
			return nil
		}
	}
	return ending(append(names, "_git", repository), forge.Azure)
}

// fits returns how many segments of a path a record covers, or -1 if it is for
// another host and may be used. The login does not matter.
func fits(r Record, request Request) (segments int, ok bool) {
	host, path := place(request)
	alias := host == "gist.github.com" && r.Host == "github.com" && len(r.Paths) == 0 && (r.Kind != Other || r.Forge != forge.Other)
	switch {
	case r.Host != host && !alias:
		return 0, false
	case path == "":
		return 0, true
	}
	asked := read(oracleForge(r), host, path)
	switch {
	case asked == nil:
		return 0, false
	case alias:
		return -1, true
	case len(r.Paths) == 0:
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

// mayAnswer reports whether a record among others may answer a request.
func mayAnswer(r Record, others []Candidate, request Request) (segments int, ok bool) {
	if segments, ok = fits(r, request); !ok {
		return 0, false
	}
	_, path := place(request)
	if request.Username == "git-push" && r.Access == ReadAccess && path != "" {
		return 0, false
	}
	known := slices.ContainsFunc(others, func(c Candidate) bool {
		_, ok := fits(c.Record, request)
		return ok && c.Username != "" && lower(c.Username) == lower(request.Username)
	})
	host := oracleForge(Record{Target: Target{Host: request.Host}})
	if carried := host == forge.Azure || host == forge.Bitbucket; known || !carried && !standsForAll(request.Username) {
		if r.Username == "" && r.Form != "" || r.Username != "" && lower(r.Username) != lower(request.Username) {
			return 0, false
		}
	}
	return segments, true
}
