package words

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/setup"
	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/setup/obstacle"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/git"
	"github.com/git-credential-pat/git-credential-pat/cmd/internal/shell"
	"github.com/git-credential-pat/git-credential-pat/credential"
)

// DisabledBy names the setting that disables our helper, if there is one.
func DisabledBy(key, place string) string {
	if key == "" {
		return ""
	}
	return fmt.Sprintf(": an empty %s disables it (%s)", key, place)
}

// SettingIn says where a setting is.
func SettingIn(s git.Setting) string {
	file, ok := s.File()
	if !ok {
		file = ""
	}
	return PlaceOf(file)
}

// PlaceOf says which file a setting is in.
func PlaceOf(file string) string {
	if file == "" {
		return "set with -c or by the environment"
	}
	return Plain(file)
}

// RemoveThere is what to do about a setting that is in no file.
const RemoveThere = "it is set with -c, GIT_CONFIG_PARAMETERS or GIT_CONFIG_COUNT; remove it there"

// PutAfter is said before the command that puts our settings after another one.
const PutAfter = "to put the settings of git pat after it:"

// WhereSetUp says where all settings come from, if setup did not write them.
func WhereSetUp(plan setup.Plan) string {
	switch {
	case !plan.InEffect:
		return ""
	case plan.Origin == "":
		return ", in the environment"
	}
	return ", in " + plan.Origin
}

// SetupHost says how to write a host.
func SetupHost(err error) error {
	var host *setup.HostError
	switch {
	case !errors.As(err, &host):
		return &Error{Text: err.Error(), Status: ExitUsage}
	case host.Owner:
		return &Error{
			Text:     host.Error(),
			Status:   ExitUsage,
			Hint:     "run git pat setup without an owner; to add a token afterwards:",
			Commands: []string{"git pat add " + shell.Own().Word(host.Text)},
		}
	}
	command := "git pat setup"
	if host.Host != credential.GitHubHost && host.Host != credential.GistHost {
		command += " " + shell.Own().Word(host.Host)
	}
	return &Error{Text: host.Error(), Status: ExitUsage, Hint: "name only the host:", Commands: []string{command}}
}

// ErrNoHelper says that the other program is missing.
var ErrNoHelper = &Error{
	Text: setup.Program + " is not in a folder that PATH names",
	Hint: "install it there, beside git-pat",
}

// Unwritten says which files cannot be written.
func Unwritten(files []setup.File) string {
	if len(files) > 1 {
		return "neither " + PathOf(files[0]) + " nor " + PathOf(files[1]) + " can be written"
	}
	return PathOf(files[0]) + " cannot be written"
}

// PathOf returns the path of a file, or what to say if it has none.
func PathOf(f setup.File) string {
	if f.Path == "" {
		return "your Git configuration"
	}
	return f.Path
}

// OthersSettings says how to change by hand what no command may change.
func OthersSettings(err error) error {
	var others *setup.OthersError
	if !errors.As(err, &others) {
		return err
	}
	return &Error{
		Text:     fmt.Sprintf("%s has values that git pat did not write and that may hold a secret; a command would show them, so nothing was changed", others.Change.Key),
		Hint:     "change it by hand:",
		Commands: []string{GitLine(others.Change.File.Config("--edit"))},
	}
}

// OwnFile is what writes or removes the file of our own in a shell. Its folder may
// be missing.
func OwnFile(c *setup.OwnChange, folderMissing bool) string {
	if c.Text == "" {
		return "rm " + credential.ShellWord(c.Path)
	}
	text := "cat >" + credential.ShellWord(c.Path) + " <<'EOF'\n" + c.Text + "EOF\n"
	if folderMissing {
		text = "mkdir -p -m 700 " + credential.ShellWord(filepath.Dir(c.Path)) + "\n" + text
	}
	return text
}

// WroteOwnFile says in the manner of a shell what was done to the file of our own.
func WroteOwnFile(c *setup.OwnChange) string {
	if c.Text == "" {
		return "rm " + credential.ShellWord(c.Path)
	}
	return "# wrote " + credential.ShellWord(c.Path)
}

// InTheWay says which setting is in the way, and which commands change that. If
// there are several, all does what they do without a question.
func InTheWay(o obstacle.Obstacle, commands [][]string, all string) *Error {
	key := o.Setting.ShownKey()
	place := SettingIn(o.Setting)
	shown, _ := git.HideArguments(o.Setting.Value)
	fault := &Error{Hint: "to change that:", Commands: GitLines(commands)}
	switch o.Problem {
	case obstacle.NotAsked:
		fault.Text = "Git does not ask git-credential-pat for " + o.Host + DisabledBy(key, place)
	case obstacle.NotFirst:
		fault.Text = fmt.Sprintf("Git asks another helper for %s first: %s (%s)", o.Host, credential.Quote(shown), place)
	case obstacle.NoPath:
		fault.Text = fmt.Sprintf("Git does not name the repository of %s: %s is %s (%s)", o.Host, key, credential.Quote(o.Setting.Value), place)
	case obstacle.AlsoAsked:
		fault.Text = fmt.Sprintf("Git also asks the helper %s for %s, and tells it each token that works (%s)", credential.Quote(shown), o.Host, place)
	case obstacle.NoPush:
		fault.Text = fmt.Sprintf("Git does not say which requests to %s are pushes: %s comes first (%s)", o.Host, key, place)
	case obstacle.NamesUser:
		fault.Text = fmt.Sprintf("Git sends a user name to %s, so it does not say which requests are fetches: %s (%s)", o.Host, key, place)
	}
	if o.Setting.Key == "" {
		fault.Text = "Git does not read the settings for " + o.Host
	}
	switch {
	case len(commands) > 1:
		fault.Hint, fault.Commands = PutAfter, []string{all}
		return fault
	case len(commands) > 0:
		return fault
	}
	fault.Hint, fault.Commands = "to see how to change that:", []string{"git pat doctor"}
	if _, inFile := o.Setting.File(); !inFile && o.Setting.Key != "" {
		fault.Hint, fault.Commands = RemoveThere, nil
	} else if git.HoldsSecret(o.Setting.Key) {
		fault.Hint, fault.Commands = ChangeByHand, []string{"git config --file " + place + " --edit"}
	}
	return fault
}

// NotReached says that Git's configuration is right and that Git does not reach the
// helper all the same.
func NotReached(err error) error {
	var notAsked *obstacle.NotAskedError
	if !errors.As(err, &notAsked) {
		return err
	}
	fault := &Error{Text: notAsked.Error(), Hint: "to see why:", Commands: []string{"git pat doctor"}}
	if notAsked.Err != nil {
		fault.Text += ": " + notAsked.Err.Error()
	}
	return fault
}
