package doctor

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/setup"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
)

const program = "git-credential-" + setup.Helper

// checkPrograms checks Git and the helper. It reports whether Git can be run.
func (d *Doctor) checkPrograms(ctx context.Context, r *report) bool {
	line, err := git.Line(ctx, "version")
	if err != nil {
		r.add(Error, "git-version", "git", GitMissing{err})
		return false
	}
	version := strings.TrimPrefix(line, "git version ")
	r.checkGit(version, func() bool { return passesReturns(ctx) })
	// In a repository Git would run an alias if the helper is missing.
	out, err := git.Call{Args: []string{"credential-" + setup.Helper, "--version"}, Outside: true}.Run(ctx)
	if err != nil {
		r.add(Error, "helper-path", program, HelperMissing{err, besideUs()})
		return true
	}
	line, _, _ = strings.Cut(out, "\n")
	found := HelperFound{Version: strings.TrimPrefix(line, program+" version "), Expected: d.Version}
	folder, _ := git.Line(ctx, "--exec-path")
	for _, folder := range append([]string{folder}, filepath.SplitList(os.Getenv("PATH"))...) {
		if path, err := exec.LookPath(filepath.Join(folder, program)); err == nil {
			found.Path = path
			break
		}
	}
	state := OK
	if found.Version != found.Expected {
		state = Warning
	}
	r.add(state, "helper-path", program, found)
	return true
}

// checkGit checks the version of Git.
func (r *report) checkGit(version string, passesReturns func() bool) {
	fact, state := GitVersion{Version: version}, OK
	switch {
	case !git.IsAtLeast(version, 2, 9): // before, an empty helper did not disable those before it
		fact.TooOld, state = true, Error
	case passesReturns():
		fact.PassesReturns, state = true, Warning
	}
	r.add(state, "git-version", "git", fact)
}

// passesReturns reports whether Git sends helpers a host with a carriage return.
// Distributions fix that without a new version of Git, so it is tried.
func passesReturns(ctx context.Context) bool {
	const helper = "!cat >/dev/null; echo quit=1; :"
	_, said, _ := git.Call{
		In:   "url=https://git-pat.invalid%0d/\n\n",
		Args: []string{"-c", "credential.helper=", "-c", "credential.helper=" + helper, "credential", "fill"},
	}.RunBoth(ctx)
	return strings.Contains(said, "told us to quit")
}

// besideUs returns the folder of this program if the helper is there too.
func besideUs() string {
	self, err := os.Executable()
	folder := filepath.Dir(self)
	if _, missing := exec.LookPath(filepath.Join(folder, program)); err != nil || missing != nil {
		return ""
	}
	return folder
}

// checkEnvironment checks the variables that change what Git does.
func (r *report) checkEnvironment(lookup func(string) (string, bool), config git.Config) {
	if value, ok := lookup("GIT_TRACE_REDACT"); ok {
		switch strings.ToLower(value) {
		case "", "0", "false", "no", "off":
			r.add(Warning, "trace", "GIT_TRACE_REDACT", TraceShowsTokens{})
		}
	}
	value, _ := lookup("GIT_ASKPASS")
	by := "GIT_ASKPASS"
	if value == "" {
		value, by = config.Last("core.askpass"), "core.askPass"
	}
	if value != "" {
		r.add(Warning, "askpass", by, AskPass{by, value})
	}
}
