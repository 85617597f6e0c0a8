package store

import (
	"context"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/git-credential-pat/git-credential-pat/credential"
)

// PushSetting is the setting by which Git says of a host's URLs which requests
// are pushes: it has Git push to URLs with credential.PushLogin in them.
func PushSetting(host string) (key, value string) {
	return "url.https://" + credential.PushLogin + "@" + host + "/.pushInsteadOf", "https://" + host + "/"
}

// SaysPush reports whether PushSetting is in effect where the program stands,
// which in a helper is where Git is at work. Git alone knows all places where
// that may be set, so that this costs a process.
func SaysPush(ctx context.Context, host string) bool {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	key, value := PushSetting(host)
	cmd := exec.CommandContext(ctx, "git", "config", "--get-all", key)
	cmd.Env = WithoutTokens(os.Environ())
	out, err := cmd.Output()
	return err == nil && slices.Contains(strings.Split(string(out), "\n"), value)
}
