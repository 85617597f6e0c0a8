package term

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

// hostile is what a server, a repository or a file may have in a name.
const hostile = "a\x1b[2J\x1b]0;title\ab\u202ec\u200bd\u009b1me\u2028f\r\n\tg\x7fh\U000e0041i\xffj"

const hostileShown = `a\x1b[2J\x1b]0;title\ab\u202ec\u200bd\u009b1me\u2028f\r\n\tg\x7fh\U000e0041i\xffj`

func TestVisible(t *testing.T) {
	var out, errOut bytes.Buffer
	u := &Terminal{Out: &out, Err: &errOut, Colours: true, Links: true}
	u.Say("it is %s", hostile)
	u.Hint(hostile, hostile)
	u.Steps([]string{hostile})
	u.Page("at:", "https://github.com/"+hostile)
	u.Progress(hostile, 2).End()
	shown := strings.NewReplacer("H", hostileShown, "^", "\x1b").Replace(
		"git pat: it is H\nhint: H\nhint:   H\nhint: H\nhint: at:\n" +
			"hint:   ^]8;;https://github.com/H^\\https://github.com/H^]8;;^\\\n" +
			"\r^[KH: 0 of 2\r^[K")
	if errOut.String() != shown {
		t.Errorf("got\n%q\nwant\n%q", &errOut, shown)
	}

	u.Line(hostile)
	u.Table(Table{[]Column{{Name: "ONE"}, {Name: "LAST"}}, [][]string{{"x", hostile}, {hostile, "y"}}, func(string) string { return "32" }})
	wide := strings.Repeat(" ", utf8.RuneCountInString(hostileShown))
	shown = strings.NewReplacer("H", hostileShown, "^", "\x1b").Replace(
		"H\n" +
			"ONE" + wide[len("ONE"):] + "   LAST\n" +
			"x" + wide[len("x"):] + "   ^[32mH^[m\n" +
			"H   ^[32my^[m\n")
	if out.String() != shown {
		t.Errorf("got\n%q\nwant\n%q", &out, shown)
	}
}

// In JSON it is the same data.
func TestJSON(t *testing.T) {
	var out bytes.Buffer
	u := &Terminal{Out: &out}
	want := map[string]string{"name": strings.ToValidUTF8(hostile, "?"), "plain": "<b\u00f6b> & \u6771\u4eac \U0001f511 \\u0041"}
	if err := u.JSON(want); err != nil {
		t.Fatal(err)
	}
	if strings.ContainsFunc(strings.ReplaceAll(out.String(), "\n", ""), func(r rune) bool { return !strconv.IsPrint(r) }) {
		t.Errorf("got %q", &out)
	}
	if !strings.Contains(out.String(), `"<b`+"\u00f6b> & \u6771\u4eac \U0001f511 "+`\\u0041"`) {
		t.Errorf("got %s, want what prints as it is", &out)
	}
	var got map[string]string
	if err := json.Unmarshal(out.Bytes(), &got); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
}

// Only in sentences is masked what looks like a token, and only if all of it
// does: the rest is data, or a command that has to work.
func TestMasks(t *testing.T) {
	secret := "ghp" + "_" + strings.Repeat("Z", 36)
	names := []string{"acme/walkthroughs_and_guides", "acme/ghp_tools_and_more_things", "github_pat_of_alices_laptop_at_work"}
	var out, errOut bytes.Buffer
	u := &Terminal{Out: &out, Err: &errOut}
	u.Say("it is %s", secret)
	u.Hint("it is "+secret, "git pat remove "+names[0])
	want := "git pat: it is ghp_***\nhint: it is ghp_***\nhint:   git pat remove " + names[0] + "\n"
	for _, name := range names {
		u.Say("%s", name)
		u.Hint(name)
		want += "git pat: " + name + "\nhint: " + name + "\n"
	}
	if errOut.String() != want {
		t.Errorf("got\n%s\nwant\n%s", &errOut, want)
	}
	data := append(slices.Clone(names), secret)
	for _, text := range data {
		u.Line(text)
	}
	u.Table(Table{[]Column{{Name: "NAME"}}, [][]string{{data[0]}, {data[1]}, {data[2]}, {secret}}, func(string) string { return "" }})
	if want := strings.Join(data, "\n") + "\nNAME\n" + strings.Join(data, "\n") + "\n"; out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", &out, want)
	}
	out.Reset()
	u.JSON(data)
	if got := strings.Count(out.String(), secret) + strings.Count(out.String(), names[0]); got != 2 {
		t.Errorf("got %s, want it as it is", &out)
	}
}
