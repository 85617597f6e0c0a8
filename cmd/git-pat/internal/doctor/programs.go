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
		missing := HelperMissing{Err: err}
		if path, err := setup.Beside(); err == nil {
			missing.Beside = filepath.Dir(path)
		}
		r.add(Error, "helper-path", setup.Program, missing)
		return true
	}
	line, _, _ = strings.Cut(out, "\n")
	found := HelperFound{Version: strings.TrimPrefix(line, setup.Program+" version "), Expected: d.Version}
	folder, _ := git.Line(ctx, "--exec-path")
	for _, folder := range append([]string{folder}, filepath.SplitList(os.Getenv("PATH"))...) {
		if path, err := exec.LookPath(filepath.Join(folder, setup.Program)); err == nil {
			found.Path = path
			break
		}
	}
	state := OK
	if found.Version != found.Expected {
		state = Warning
	}
	r.add(state, "helper-path", setup.Program, found)
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
