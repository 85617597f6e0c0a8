package record

import "testing"

func TestFreeName(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		taken []string
		want  string
	}{
		{"laptop", nil, "laptop"},
		{"laptop", []string{"ci"}, "laptop"},
		{"laptop", []string{"laptop"}, "laptop-2"},
		{"laptop", []string{"LAPTOP", "laptop-2", "laptop-4"}, "laptop-3"},
		{"Laptop", []string{"laptop"}, "Laptop-2"},
		{"", []string{""}, "-2"},
	} {
		if got := FreeName(test.name, test.taken); got != test.want {
			t.Errorf("%q of %q: got %q, want %q", test.name, test.taken, got, test.want)
		}
	}
}
