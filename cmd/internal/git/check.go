package git

// CheckPath is a repository that no host has. git pat setup asks Git for a
// credential for it, and git-credential-pat answers with CheckAnswer on standard
// error and no credential. A dot is allowed in no name of an owner at GitHub.
const (
	CheckPath   = "git-pat.invalid/setup"
	CheckAnswer = "git-credential-pat is asked, and the request names the repository"
)
