package input

import (
	"errors"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // for machines without

	"github.com/git-credential-pat/git-credential-pat/credential"
)

// A token is not a target, whether it comes first or last.
func TestParseTargetsSecret(t *testing.T) {
	for _, text := range []string{"ghp_A", "github_pat_A", " gho_A ", "ghs_A"} {
		for _, texts := range [][]string{{text}, {"acme/a", text}, {text, "acme"}} {
			var secret *SecretError
			if _, err := ParseTargets(texts); !errors.As(err, &secret) {
				t.Errorf("%q: got %v", texts, err)
			}
		}
	}
	if _, err := ParseTargets([]string{"acme/ghp_tools"}); err != nil {
		t.Error(err)
	}
}

func TestParseTargets(t *testing.T) {
	for _, test := range []struct {
		texts, want string // by spaces; "" for wrong usage
	}{
		{"acme", "github.com/acme"},
		{"acme/widgets acme/gadgets", "github.com/acme/{widgets,gadgets}"},
		{"acme/{a,b} acme/c", "github.com/acme/{a,b,c}"},
		{"github.com/acme/a git@github.com:Acme/b.git https://github.com/acme/c", "github.com/acme/{a,Acme/b.git,c}"},
		{"ghes.example/acme/a ghes.example/acme/b", "ghes.example/acme/{a,b}"},

		{"acme/a globex/b", ""},
		{"acme/a github.com", ""},
		{"github.com acme/a", ""},
		{"github.com github.com", ""},
		{"acme/a ghes.example/acme/b", ""},
		{"acme/a ..", ""},
		{"https://www.github.com/acme", ""},
		{"api.github.com/repos/acme/a", ""},
		{strings.Repeat("a", 64<<10), ""},
		{"forge.example/" + strings.Repeat("a", 256), ""},
	} {
		got, err := ParseTargets(strings.Fields(test.texts))
		if test.want == "" {
			var bad *TargetError
			if !errors.As(err, &bad) {
				t.Errorf("%s: got %v, %v, want a *TargetError", test.texts, got, err)
			}
		} else if err != nil || got.String() != test.want {
			t.Errorf("%s: got %v, %v, want %s", test.texts, got, err, test.want)
		}
	}
}

func TestParseExpiry(t *testing.T) {
	now := time.Date(2026, 11, 28, 20, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		zone, text string
		want       string // in UTC, or "" for wrong usage
	}{
		// A day is the last on which a token works, where its owner is.
		{"UTC", "2027-01-31", "2027-01-31T23:59:59Z"},
		{"Asia/Tokyo", "2027-01-31", "2027-01-31T14:59:59Z"},
		{"America/Los_Angeles", "2027-01-31", "2027-02-01T07:59:59Z"},
		{"America/New_York", "2027-11-07", "2027-11-08T04:59:59Z"}, // 25 hours long
		{"UTC", "2026-11-28", "2026-11-28T23:59:59Z"},              // today
		{"UTC", "2028-02-29", "2028-02-29T23:59:59Z"},
		{"UTC", "2026-12-31", "2026-12-31T23:59:59Z"},

		{"UTC", "2027-01-31T12:00:00Z", "2027-01-31T12:00:00Z"},
		{"Asia/Tokyo", "2027-01-31T12:00:00+02:00", "2027-01-31T10:00:00Z"},

		{"UTC", "90d", "2027-02-26T20:00:00Z"},
		{"Asia/Tokyo", "1d", "2026-11-29T20:00:00Z"},
		{"UTC", "9999-12-31", "9999-12-31T23:59:59Z"},

		{"UTC", "2026-11-27", ""},
		{"UTC", "2026-11-28T20:00:00Z", ""},
		{"UTC", "0d", ""},
		{"UTC", "-1d", ""},
		{"UTC", "90", ""},
		{"UTC", "d", ""},
		{"UTC", "99999999d", ""},
		{"UTC", "10000-01-01", ""},
		{"UTC", "9999-12-31T23:00:00-02:00", ""},
		{"America/New_York", "9999-12-31", ""},
		{"UTC", "2027-02-29", ""},
		{"UTC", "2027-13-01", ""},
		{"UTC", "31.01.2027", ""},
		{"UTC", "2027-1-31", ""},
		{"UTC", "2027-01-31 12:00", ""},
		{"UTC", "2027-01-31T12:00", ""},
		{"UTC", "tomorrow", ""},
		{"UTC", "1801440000", ""},
		{"UTC", " ", ""},
	} {
		t.Run(test.zone+" "+test.text, func(t *testing.T) {
			setZone(t, test.zone)
			got, err := ParseExpiry(test.text, now)
			if test.want == "" {
				var bad *ExpiryError
				if !errors.As(err, &bad) || bad.Text != test.text {
					t.Fatalf("got %v, %v, want an *ExpiryError", got, err)
				}
				return
			}
			if err != nil || got.Format(time.RFC3339) != test.want {
				t.Errorf("got %v, %v, want %s", got, err, test.want)
			}
		})
	}
	if got, err := ParseExpiry("", now); err != nil || !got.IsZero() {
		t.Errorf("nothing: got %v, %v", got, err)
	}
	// The error names the option that a person gave.
	for option, parse := range map[string]func(string) (time.Time, error){
		"--expires":  func(text string) (time.Time, error) { return ParseExpiry(text, now) },
		"--expiring": func(text string) (time.Time, error) { return ParseTime(text, "--expiring", now) },
	} {
		want := `"soon" is not a date, a time or a number of days for ` + option
		if _, err := parse("soon"); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// setZone sets the local time zone. Tests that call it are not parallel.
func setZone(t *testing.T, name string) {
	t.Helper()
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	old := time.Local
	time.Local = zone
	t.Cleanup(func() { time.Local = old })
}

func TestCheckWords(t *testing.T) {
	for _, test := range []struct {
		name, username string
		ok             bool
	}{
		{"laptop", "alice", true},
		{"my old laptop / 2nd", "alice-b[bot]", true},
		{strings.Repeat("n", 100), "", true},
		{strings.Repeat("n", 101), "", false},
		{"a\nb", "", false},
		{"a\x7f", "", false},
		{"", "alice smith", false},
		{"", "alice@example.com", false},
		{"", "alice:password", false},
		{"", "acme/alice", false},
	} {
		err := CheckWords(credential.Record{Name: test.name, Username: test.username})
		var bad *WordError
		if (err == nil) != test.ok || err != nil && !errors.As(err, &bad) {
			t.Errorf("%q, %q: got %v", test.name, test.username, err)
		}
	}
}
