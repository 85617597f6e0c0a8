package store

import (
	"testing"
	"time"
)

func TestAgo(t *testing.T) {
	day := time.Date(2026, time.November, 22, 12, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		ago  time.Duration
		want string
	}{
		{0, "today"}, {23 * time.Hour, "today"}, {-time.Hour, "today"},
		{25 * time.Hour, "a day ago, on 2026-11-21"}, {49 * time.Hour, "2 days ago, on 2026-11-20"},
	} {
		if got := ago(day.Add(-test.ago), day); got != test.want {
			t.Errorf("%v: got %q, want %q", test.ago, got, test.want)
		}
	}
	if got := ago(time.Time{}, day); got != "some time ago" {
		t.Errorf("never: got %q", got)
	}
}
