package credential

import (
	"fmt"
	"time"
)

// InDays says how many days from now a time is, by the calendar in the time zone of
// now: "yesterday", "today", "in 3 days".
func InDays(t, now time.Time) string {
	date := func(t time.Time) time.Time {
		t = t.In(now.Location())
		return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
	}
	switch days := int(date(t).Sub(date(now)) / (24 * time.Hour)); {
	case days == 0:
		return "today"
	case days == 1:
		return "tomorrow"
	case days == -1:
		return "yesterday"
	case days > 0:
		return fmt.Sprintf("in %d days", days)
	default:
		return fmt.Sprintf("%d days ago", -days)
	}
}
