package credential

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

const hidden = "s3cr3t of a test, no token"

// verbs returns all verbs that fmt might know, each with every flag.
func verbs() []string {
	var all []string
	for c := 'A'; c <= 'z'; c++ {
		if 'Z' < c && c < 'a' {
			continue
		}
		for _, flag := range []string{"", "+", "#", "-", " ", "0", "40", ".3"} {
			all = append(all, "%"+flag+string(c))
		}
	}
	return all
}

// leak returns the form in which a text contains the hidden secret, or "".
func leak(text string) string {
	start := []byte(hidden[:6])
	decimal := strings.Trim(fmt.Sprint(start), "[]")
	for _, form := range []string{
		hidden[:6],
		decimal,
		strings.ReplaceAll(decimal, " ", ", "),
		hex.EncodeToString(start),
		fmt.Sprintf("% x", start),
		strings.Trim(fmt.Sprintf("%#v", start), "[]byte{}"),
		fmt.Sprintf("%o", start),
		fmt.Sprintf("%b", start),
		fmt.Sprintf("%U", start),
	} {
		form = strings.Trim(form, "[]")
		if strings.Contains(strings.ToLower(text), strings.ToLower(form)) {
			return form
		}
	}
	return ""
}

func TestLeak(t *testing.T) {
	// Check leak itself: it must find a string in an unexported field.
	naked := struct{ s []byte }{[]byte(hidden)}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "% X", "%d", "%o", "%b", "%q", "%U"} {
		if text := fmt.Sprintf(verb, naked); leak(text) == "" {
			t.Errorf("%s: %q counts as no leak", verb, text)
		}
	}
}

func TestSecretVerbs(t *testing.T) {
	secret := NewSecret(hidden)
	for _, verb := range verbs() {
		for _, v := range []any{secret, &secret} {
			got := fmt.Sprintf(verb, v)
			switch verb[len(verb)-1] {
			case 'T', 'p', 'w': // fmt handles these without calling a method
				if form := leak(got); form != "" {
					t.Errorf("%s of %T: %q shows %q", verb, v, got, form)
				}
			default:
				if got != masked {
					t.Errorf("%s of %T: got %q, want %q", verb, v, got, masked)
				}
			}
		}
	}
}

func TestSecretNested(t *testing.T) {
	type open struct{ Token Secret }
	secret := NewSecret(hidden)
	for _, test := range []struct {
		name  string
		value any
		want  string // under %v
	}{
		{"slice", []Secret{secret, secret}, "[*** ***]"},
		{"array", [1]Secret{secret}, "[***]"},
		{"map", map[string]Secret{"a": secret}, "map[a:***]"},
		{"struct", open{secret}, "{***}"},
		{"pointer to a struct", &open{secret}, "&{***}"},
		{"interface", []any{secret, &secret}, "[*** ***]"},
		{"error", fmt.Errorf("login: %v", secret), "login: ***"},
		{"printed", fmt.Sprint("a", secret), "a***"},
	} {
		if got := fmt.Sprintf("%v", test.value); got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
		for _, verb := range verbs() {
			if text := fmt.Sprintf(verb, test.value); leak(text) != "" {
				t.Errorf("%s: %s shows %q", test.name, verb, text)
			}
		}
	}
}

// TestSecretUnexported has the secret in fields on which fmt cannot call
// methods.
func TestSecretUnexported(t *testing.T) {
	type direct struct{ s Secret }
	type pointer struct{ s *Secret }
	type deep struct {
		name  string
		inner direct
		list  []Secret
		table map[string]direct
		any   any
	}
	secret := NewSecret(hidden)
	d := direct{secret}
	for _, value := range []any{
		d, &d, []direct{d}, map[int]direct{1: d},
		pointer{&secret}, &pointer{&secret},
		deep{"name", d, []Secret{secret}, map[string]direct{"a": d}, secret},
		&deep{"name", d, []Secret{secret}, map[string]direct{"a": d}, &d},
	} {
		for _, verb := range verbs() {
			if text := fmt.Sprintf(verb, value); leak(text) != "" {
				t.Errorf("%T: %s shows %q", value, verb, text)
			}
		}
		if text := fmt.Sprintln(value); leak(text) != "" {
			t.Errorf("%T: Sprintln shows %q", value, text)
		}
	}
}

func TestSecretEncoded(t *testing.T) {
	type login struct {
		User  string
		Token Secret
		Next  *Secret
		own   Secret
	}
	secret := NewSecret(hidden)
	value := login{"octocat", secret, &secret, secret}
	for _, test := range []struct {
		name  string
		value any
		want  string
	}{
		{"alone", secret, `"***"`},
		{"pointer", &secret, `"***"`},
		{"fields", value, `{"User":"octocat","Token":"***","Next":"***"}`},
		{"slice", []Secret{secret}, `["***"]`},
		{"map", map[string]any{"a": secret}, `{"a":"***"}`},
	} {
		got, err := json.Marshal(test.value)
		if err != nil || string(got) != test.want {
			t.Errorf("%s: got %q and %v, want %q", test.name, got, err, test.want)
		}
	}

	// The masked text must not be read back as a secret.
	var back struct{ Token Secret }
	if err := json.Unmarshal([]byte(`{"Token":"***"}`), &back); err == nil {
		t.Errorf("*** was read as a secret: %q", back.Token.Reveal())
	}

	var b bytes.Buffer
	for _, test := range []struct {
		name    string
		handler slog.Handler
		want    string
	}{
		{"text", slog.NewTextHandler(&b, nil), "direct=*** pointer=*** "},
		{"JSON", slog.NewJSONHandler(&b, nil), `"direct":"***","pointer":"***",`},
	} {
		b.Reset()
		logger := slog.New(test.handler).With("with", secret)
		logger.Info("m", "direct", secret, "pointer", &secret,
			"struct", value, "list", []Secret{secret}, slog.Group("g", "in", secret))
		if got := b.String(); leak(got) != "" || !strings.Contains(got, test.want) {
			t.Errorf("slog %s: got %q, want %q in it", test.name, got, test.want)
		}
	}
}

func TestSecretEqual(t *testing.T) {
	for _, test := range []struct {
		name string
		a, b Secret
		want bool
	}{
		{"same", NewSecret("abc"), NewSecret("abc"), true},
		{"another", NewSecret("abc"), NewSecret("abd"), false},
		{"prefix", NewSecret("abc"), NewSecret("abcd"), false},
		{"case", NewSecret("abc"), NewSecret("ABC"), false},
		{"empty and some", NewSecret(""), NewSecret("a"), false},
		{"both empty", NewSecret(""), NewSecret(""), true},
		{"zero value and empty", Secret{}, NewSecret(""), true},
		{"not UTF-8", NewSecret("\xff"), NewSecret("\xfe"), false},
	} {
		if got := test.a.Equal(test.b); got != test.want {
			t.Errorf("%s: got %v, want %v", test.name, got, test.want)
		}
		if got := test.b.Equal(test.a); got != test.want {
			t.Errorf("%s, the other way round: got %v, want %v", test.name, got, test.want)
		}
	}
}

func TestSecretShape(t *testing.T) {
	long := strings.Repeat("x", 28)
	for _, test := range []struct {
		name, secret, tail string
		printable          bool
	}{
		{"a token's length", long + "Tail", "Tail", true},
		{"one short of it", long[1:] + "Tail", "", true},
		{"a password", "hunter2", "", true},
		{"nothing", "", "", true},
		{"a space in it", long + " Tail", "", false},
		{"a newline at the end", long + "Tail\n", "", false},
		{"an escape", long + "\x1b[2J", "", false},
		{"DEL", long + "abc\x7f", "", false},
		{"beyond ASCII", long + "bär!", "", false},
	} {
		secret := NewSecret(test.secret)
		if got := secret.Tail(); got != test.tail {
			t.Errorf("%s: got the tail %q, want %q", test.name, got, test.tail)
		}
		if got := secret.Printable(); got != test.printable {
			t.Errorf("%s: got printable %v, want %v", test.name, got, test.printable)
		}
		if got, want := secret.Empty(), test.secret == ""; got != want {
			t.Errorf("%s: got empty %v, want %v", test.name, got, want)
		}
		if got := secret.Reveal(); got != test.secret {
			t.Errorf("%s: got %q, want %q", test.name, got, test.secret)
		}
	}
	if zero := (Secret{}); !zero.Empty() || zero.Reveal() != "" || fmt.Sprint(zero) != masked {
		t.Errorf("the zero value: got %q, printed %q", zero.Reveal(), zero)
	}
}
