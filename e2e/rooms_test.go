package e2e

import (
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// Who may import whom. What a room must not know of stays out of it for a reason,
// which is said to whoever tries.
func TestRooms(t *testing.T) {
	t.Parallel()
	const module = "github.com/git-credential-pat/git-credential-pat/"
	const rooms = "cmd/git-pat/internal/"
	forbidden := []struct{ from, to, why string }{
		{"protocol", "", "Git's format is read and written without knowing what a token is"},
		{"credential", "cmd/", "which token answers follows from data alone"},
		{"credential", "protocol", "which token answers follows from data alone"},
		{"credential", "store", "which token answers follows from data alone"},
		{"credential", "store/", "which token answers follows from data alone"},
		{"credential/forge", "", "what is true of a forge does not depend on what this program does"},
		{"store", "cmd/", "a library returns data and typed errors, and the programs speak"},
		{"store/disk", "store", "files are below what is kept in them"},
		{"store/disk", "protocol", "files are below what is kept in them"},
		{"store", "store/record", "a store knows the key of a secret and not what it is for"},
		{"store", "store/keeper", "a store does what it is told"},
		{"store", "store/gogit", "only programs that use go-git pay for it"},
		{"store/record", "store", "a record is read without opening a store, which may be locked"},
		{"store/record", "store/keeper", "records do not know what Git asks"},
		{"store/keeper", "store/gogit", "only programs that use go-git pay for it"},
		{"cmd/internal/git", "cmd/", "Git's configuration is below all that is done with it"},
		{"cmd/internal/git", "store/keeper", "Git's configuration is below all that is done with it"},
		{"cmd/internal/advice", rooms, "the words for both programs are below both"},
		{"cmd/internal/advice", "cmd/internal/git", "the words for both programs are below both"},
		{"cmd/internal/shell", "cmd/", "the words for both programs are below both"},
		{rooms + "github", "cmd/", "what only GitHub has is data"},
		{rooms + "github", "store", "what only GitHub has is data"},
		{rooms + "refusal", rooms + "inspect", "a refusal is read, whoever was refused"},
		{rooms + "refusal", rooms + "tokens", "a refusal is read, whatever token was refused"},
		{rooms + "refusal", "cmd/internal/", "the sentences are the program's"},
		{rooms + "refusal", "store", "a refusal is read, whatever token was refused"},
		{rooms + "inspect", rooms + "tokens", "a server is asked about any token, wherever it is stored"},
		{rooms + "inspect", "store", "a server is asked about any token, wherever it is stored"},
		{rooms + "inspect", rooms + "term", "what a server says is data, and the program shows it"},
		{rooms + "inspect", "cmd/internal/", "what a server says does not depend on Git's configuration"},
		{rooms + "term", rooms, "the terminal shows what it is given, whatever that is about"},
		{rooms + "term", "cmd/internal/", "the terminal shows what it is given, whatever that is about"},
		{rooms + "term", "store", "the terminal shows what it is given, and looks nothing up"},
		{rooms + "tokens", rooms, "tokens are below all that is done with them"},
		{rooms + "tokens", "cmd/internal/git", "a token is a record and a secret, whatever Git's configuration says"},
		{rooms + "tokens", "cmd/internal/advice", "the sentences are the program's"},
		{rooms + "resolve", rooms + "term", "the terminal is the program's"},
		{rooms + "resolve", rooms + "inspect", "which token answers does not depend on what a server says"},
		{rooms + "resolve", rooms + "remotes", "a URL is the same wherever it comes from"},
		{rooms + "resolve", rooms + "importer", "the tokens of other programs do not answer"},
		{rooms + "resolve", rooms + "setup", "what Git asks follows from its configuration, whoever wrote it"},
		{rooms + "resolve", rooms + "doctor", "doctor is above the rooms that it checks"},
		{rooms + "resolve", "cmd/internal/advice", "the sentences are the program's"},
		{rooms + "importer", rooms + "doctor", "doctor is above the rooms that it checks"},
		{rooms + "importer/accounts", rooms + "tokens", "accounts are read without knowing what is stored here"},
		{rooms + "importer", rooms + "importer/accounts", "what is planned does not depend on where tokens come from"},
		{rooms + "doctor", rooms + "term", "what is found is data, and the program shows it and asks"},
		{rooms + "doctor", rooms + "inspect", "doctor opens no connection"},
		{rooms + "doctor", "cmd/internal/advice", "the sentences are the program's"},
		{rooms + "remotes", rooms, "the rooms beside it are not its business"},
		{rooms + "remotes/fix", rooms + "term", "the program shows what is changed, and asks"},
		{rooms + "remotes/fix", rooms + "inspect", "remotes are changed without a connection"},
		{rooms + "remotes/fix", "cmd/internal/advice", "the sentences are the program's"},
		{rooms + "remotes", "cmd/internal/advice", "the sentences are the program's"},
		{rooms + "complete", rooms + "term", "the shell shows the words"},
		{rooms + "complete", rooms + "inspect", "while somebody types, no connection is opened"},
		{rooms + "complete", "cmd/internal/advice", "the sentences are the program's"},
		{rooms + "environ", rooms + "tokens", "a program gets the token that it is given, wherever that is stored"},
		{rooms + "environ", rooms + "resolve", "a program gets the token that it is given, whoever chose it"},
		{rooms + "environ", rooms + "term", "the program has the terminal"},
		{rooms + "environ", "cmd/internal/advice", "the sentences are the program's"},
		{rooms + "verify", rooms + "term", "what a server says is data, and the program shows it"},
		{rooms + "verify", rooms + "resolve", "a token is verified, whatever it answers"},
		{rooms + "verify", "cmd/internal/advice", "the sentences are the program's"},
		{rooms + "manual", rooms, "texts come from the declarations of the commands alone"},
		{rooms + "manual", "cmd/internal/", "texts come from the declarations of the commands alone"},
		{rooms + "manual", "store", "texts come from the declarations of the commands alone"},
		{rooms + "homefile", rooms, "a file is read without knowing what is in it"},
		{rooms + "homefile", "store", "a file is read without knowing what is in it"},
		{rooms + "homefile", "credential", "a file is read without knowing what is in it"},
		{rooms + "input", rooms + "term", "what is typed is read from text, wherever that comes from"},
		{rooms + "input", rooms + "resolve", "what is typed means the same, whichever token answers"},
		{rooms + "input", "cmd/internal/", "what is typed means the same, whatever Git's configuration says"},
		{rooms + "words", rooms + "view", "sentences are below the tables and the JSON that have them"},
		{rooms + "words", rooms + "answer", "sentences are below the tables and the JSON that have them"},
		{rooms + "words", rooms + "doctor", "what doctor found is in the sentences of doctor/report"},
		{rooms + "view", rooms + "doctor", "what doctor found is in the sentences of doctor/report"},
		{rooms + "view", rooms + "setup", "a token is shown the same, however Git is set up"},
		{rooms + "answer", rooms + "view", "remotes have a table of their own"},
		{rooms + "answer", rooms + "doctor", "doctor is above the rooms that it checks"},
		{rooms + "answer", rooms + "inspect", "which token answers does not depend on what a server says"},
		{rooms + "doctor", rooms + "words", "what is found is data, and doctor/report has the sentences"},
		{rooms + "doctor/report", rooms + "inspect", "doctor opens no connection"},
		{rooms + "doctor/report", rooms + "resolve", "everything is found before it is put into sentences"},
		{rooms + "importer", rooms + "remotes", "what is imported has no remotes"},
		{rooms + "importer", "cmd/internal/advice", "the sentences are the program's"},
		{rooms + "setup", rooms, "the rooms beside it are not its business"},
		{rooms + "setup/obstacle", rooms + "resolve", "what is in the way follows from Git's configuration alone"},
		{rooms + "setup/obstacle", rooms + "tokens", "what is in the way follows from Git's configuration alone"},
		{rooms + "setup/obstacle", rooms + "term", "the program shows what is in the way, and asks"},
		{rooms + "setup/obstacle", "cmd/internal/advice", "the sentences are the program's"},
		{rooms + "setup", "cmd/internal/advice", "the sentences are the program's"},
		{rooms + "setup", "store", "which settings are written follows from Git's configuration alone"},
		{rooms + "setup", "store/keeper", "which settings are written follows from Git's configuration alone"},
	}
	list := exec.Command("go", "list", "-json=ImportPath,Imports", "./...")
	list.Dir, list.Stderr = "..", os.Stderr
	out, err := list.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := list.Start(); err != nil {
		t.Fatal(err)
	}
	imports := map[string][]string{}
	for decoder := json.NewDecoder(out); decoder.More(); {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := decoder.Decode(&p); err != nil {
			t.Fatal(err)
		}
		imports[strings.TrimPrefix(p.ImportPath, module)] = p.Imports
	}
	if err := list.Wait(); err != nil {
		t.Fatal(err)
	}
	for _, rule := range forbidden {
		if _, ok := imports[rule.from]; !ok {
			t.Errorf("there is no package %s", rule.from)
		}
		for _, path := range imports[rule.from] {
			to, ours := strings.CutPrefix(path, module)
			folder := rule.to == "" || strings.HasSuffix(rule.to, "/")
			if ours && (to == rule.to || folder && strings.HasPrefix(to, rule.to)) {
				t.Errorf("%s imports %s: %s", rule.from, to, rule.why)
			}
		}
	}
}
