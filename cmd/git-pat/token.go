package main

type tokenCommand struct {
	URL  string `arg:"" optional:"" name:"url-or-target" help:"the URL of a repository, or a target; else the repository you are in"`
	Push bool   `help:"print the token that answers a push, not a fetch"`
	Show bool   `help:"print it on a terminal too"`
}

func (tokenCommand) Help() string {
	return `The token that git-credential-pat would hand to Git is printed, alone on a line,
for a script that cannot use git pat exec. It does not go to a terminal, where
others may see it and it stays to be read, unless --show is given.

A URL or target means exactly that, whatever Git's configuration makes of it:
see git pat help explain. A remote over SSH has its token chosen as if it were
over https. If no token answers, nothing is printed and the exit status is 1.

    curl --config - https://api.github.com/user <<EOF
    header = "Authorization: Bearer $(git pat token)"
    EOF`
}

func (c *tokenCommand) Run(a *app) error {
	if a.ui.screen && !c.Show {
		return &hintError{text: "the token would be seen on the terminal", hint: "to have it printed there all the same, add --show"}
	}
	_, secret, err := a.tokenFor(c.URL, "git pat token", c.Push)
	if err != nil {
		return err
	}
	return a.ui.text(secret.Reveal() + "\n")
}
