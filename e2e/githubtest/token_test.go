package githubtest

import (
	"regexp"
	"strings"
	"testing"
)

// TestChecksums checks the published test vectors. They are split, because
// scanners would report them as tokens.
func TestChecksums(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ body, checksum string }{
		{"zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ", "0mLq17"},
		{"adE7dp8rHP6gUTuPwxLTZjZdtya3sV", "0UQzQM"},
		{"H3xbiBdlzffNx7Y56iNsPw3joObj7U", "2nO29h"},
		{strings.Repeat("A", 30), "0uCPlr"},
		{strings.Repeat("0", 30), "2C8GjS"},
		{"EXAMPLEexampleEXAMPLEexample00", "2dPYoc"},
		{"TESTVECTORtestvector0000000171", "00IxPg"}, // padded
	} {
		if got := checkedSecret("ghp_", test.body); got != "ghp_"+test.body+test.checksum {
			t.Errorf("%s: checksum %s, want %s", test.body, got[len(got)-6:], test.checksum)
		}
	}
	got := fineGrainedSecret("11EXAMPLE0EXAMPLE0EXAM", strings.Repeat("Example", 6)+"0", "")
	if got, want := got[len(got)-8:], "RHQI"+"WUHJ"; got != want {
		t.Errorf("fine-grained: checksum %s, want %s", got, want)
	}
}

func TestMintSecret(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ kind, pattern string }{
		{FineGrained, `^github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{43}[A-Z2-7]{8}[A-Za-z0-9]{8}$`},
		{Classic, `^ghp_[A-Za-z0-9]{30}[0-4][A-Za-z0-9]{5}$`},
		{OAuth, `^gho_[A-Za-z0-9]{30}[0-4][A-Za-z0-9]{5}$`},
		{AppUser, `^ghu_[A-Za-z0-9]{30}[0-4][A-Za-z0-9]{5}$`},
		{AppRefresh, `^ghr_[A-Za-z0-9]{70}[0-4][A-Za-z0-9]{5}$`},
		{AppInstallation, `^ghs_[A-Za-z0-9]{36}$`},
		{AppInstallationStateless, `^ghs_[0-9]+_[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{342}$`},
		{ClassicHex, `^[a-f0-9]{40}$`},
	} {
		seen := make(map[string]bool)
		for range 100 {
			secret, err := MintSecret(test.kind)
			if err != nil {
				t.Fatal(err)
			}
			if !regexp.MustCompile(test.pattern).MatchString(secret) {
				t.Errorf("%s: %d characters that do not match %s", test.kind, len(secret), test.pattern)
			}
			if test.kind == AppInstallationStateless && (len(secret) < 500 || len(secret) > 540) {
				t.Errorf("%s: %d characters, want about 520", test.kind, len(secret))
			}
			if seen[secret] {
				t.Errorf("%s: twice the same", test.kind)
			}
			seen[secret] = true
		}
	}
	if _, err := MintSecret("password"); err == nil {
		t.Error("an unknown kind: no error")
	}
}
