package git

import "testing"

func TestIsAtLeast(t *testing.T) {
	for _, test := range []struct {
		version string
		want    []int
		is      bool
	}{
		{"2.39.5", []int{2, 9}, true},
		{"2.9", []int{2, 9}, true},
		{"2.9.0", []int{2, 9}, true},
		{"2.8.6", []int{2, 9}, false},
		{"1.10", []int{2, 9}, false},
		{"3.0", []int{2, 9}, true},
		{"2.10.1 (Apple Git-78)", []int{2, 9}, true},
		{"2.8 (Apple Git-99)", []int{2, 9}, false},
		{"2.47.1.windows.1", []int{2, 47, 1}, true},
		{"2.47.rc1", []int{2, 47, 1}, false},
		{"", []int{2, 9}, false},
		{"unknown", []int{2, 9}, false},
	} {
		if got := IsAtLeast(test.version, test.want...); got != test.is {
			t.Errorf("%q, %v: got %v, want %v", test.version, test.want, got, test.is)
		}
	}
}
