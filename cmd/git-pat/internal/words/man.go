package words

import (
	"strings"

	"github.com/git-credential-pat/git-credential-pat/cmd/git-pat/internal/manual"
)

// GitPatPage is the page of git-pat.
func GitPatPage(program manual.Program, version string) string {
	p := manual.NewPage("git-pat", version, "keep tokens for Git, one for each owner or repository")
	p.Section("SYNOPSIS", "git pat COMMAND [OPTIONS]")
	p.Section("DESCRIPTION", program.Overview)
	p.Section("COMMANDS", "")
	p.Commands(program)
	p.Section("EXIT STATUS", "")
	p.Item("0", "what was asked is done")
	p.Item("1", "it could not be done")
	p.Item("2", "wrong usage")
	p.Paragraph("git pat exec exits with the status of its command.")
	describeFiles(p)
	p.Item("NO_COLOR", "if it is set, nothing has a colour")
	p.Section("SEE ALSO", "git-credential-pat(1), git-credential(1), gitcredentials(7), git-config(1)")
	return p.String()
}

// HelperPage makes the page of git-credential-pat from what it prints for --help.
func HelperPage(text, version string) string {
	synopsis, description, _ := strings.Cut(text, "\n\n")
	p := manual.NewPage("git-credential-pat", version, "Git credential helper that picks the right token for each repository")
	p.Section("SYNOPSIS", strings.Join(strings.Fields(strings.TrimPrefix(synopsis, "usage: ")), " "))
	p.Section("DESCRIPTION", description)
	p.Section("EXIT STATUS", "")
	p.Item("0", "success, even if there is no answer")
	p.Item("1", "an error")
	p.Item("2", "wrong usage")
	describeFiles(p)
	p.Item("GIT_TERMINAL_PROMPT", "if it is 0, the helper does not wait for a person to unlock a keyring")
	p.Section("SEE ALSO", "git-pat(1), git-credential(1), gitcredentials(7)")
	return p.String()
}

// describeFiles describes what both programs have. More variables may follow.
func describeFiles(p *manual.Page) {
	p.Section("FILES", "")
	p.Item("~/.local/share/git-pat", "what each token is for, in small files without secrets, and the secrets of the store "+
		"called file; on macOS in ~/Library/Application Support/git-pat, on Windows in %LocalAppData%\\git-pat")
	p.Section("ENVIRONMENT", "")
	p.Item("GIT_PAT_DIR", "the folder for these files, instead")
	p.Item("XDG_DATA_HOME", "the folder that has git-pat, instead of ~/.local/share")
}
