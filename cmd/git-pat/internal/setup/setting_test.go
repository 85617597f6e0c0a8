package setup

import (
	"fmt"
	"regexp"
	"slices"
	"testing"
)

// gitConfig does to the values of one key what the commands would, as
// git-config(1) has it.
func gitConfig(values []string, commands [][]string) ([]string, error) {
	values = slices.Clone(values)
	for _, c := range commands {
		if len(c) < 4 || c[0] != "config" || c[1] != "--global" {
			return nil, fmt.Errorf("%q is not understood", c)
		}
		matching := func(pattern string) []int {
			var at []int
			for i, value := range values {
				if regexp.MustCompile(pattern).MatchString(value) {
					at = append(at, i)
				}
			}
			return at
		}
		switch args := c[2:]; {
		case args[0] == "--add" && len(args) == 3:
			values = append(values, args[2])
		case args[0] == "--unset" && len(args) == 3:
			at := matching(args[2])
			if len(at) != 1 {
				return nil, fmt.Errorf("%q would find %d values of %q", c, len(at), values)
			}
			values = slices.Delete(values, at[0], at[0]+1)
		case args[0] == "--unset-all" && len(args) == 2:
			if len(values) == 0 {
				return nil, fmt.Errorf("%q would find nothing", c)
			}
			values = nil
		case len(args) == 3:
			at := matching(args[2])
			if len(at) != 1 {
				return nil, fmt.Errorf("%q would find %d values of %q", c, len(at), values)
			}
			values[at[0]] = args[1]
		default:
			return nil, fmt.Errorf("%q is not understood", c)
		}
	}
	return values, nil
}

// Whatever a key had before, setup adds its values to it, once, and undoing
// that gives back what was there.
func TestSettings(t *testing.T) {
	// All lists of up to four of these, which are all that matters.
	words := []string{"", "pat", "pat --save=any", "store", "true", "false"}
	lists := [][]string{nil}
	for from := 0; len(lists[len(lists)-1]) < 4; from++ {
		for _, word := range words {
			lists = append(lists, append(slices.Clone(lists[from]), word))
		}
	}
	for _, line := range []string{"pat", "pat --save=never"} {
		for _, s := range settings("ghes.example:8443", line) {
			for _, before := range lists {
				check := func(what string, old, want []string) {
					t.Helper()
					got, err := gitConfig(old, Change{File{Global: true}, s.key, old, want}.Commands())
					if err != nil {
						t.Fatalf("%s of %s, %q: %v", what, s.key, old, err)
					}
					if !slices.Equal(got, want) {
						t.Fatalf("%s of %s, %q: the commands make %q, want %q", what, s.key, old, got, want)
					}
				}
				after := s.with(before)
				check("setup", before, after)
				if again := s.with(after); !slices.Equal(again, after) {
					t.Fatalf("setup of %s, %q: %q, and then %q", s.key, before, after, again)
				}
				if start := s.find(after); start < 0 || !slices.Equal(after[start:start+len(s.block)], s.block) {
					t.Fatalf("setup of %s, %q: %q without %q", s.key, before, after, s.block)
				}
				undone := s.without(after)
				check("undo", after, undone)
				if s.find(before) < 0 && !slices.Equal(undone, before) {
					t.Fatalf("undo of %s: %q became %q, and then %q", s.key, before, after, undone)
				}
				// What is not ours is there in the same order, also where
				// something of ours was.
				if got, want := others(undone), others(before); s.namesUs() && !slices.Equal(got, want) {
					t.Fatalf("undo of %s: of %q there is left %q", s.key, before, undone)
				}
			}
		}
	}
}

func others(values []string) []string {
	return slices.DeleteFunc(slices.Clone(values), func(value string) bool { return value == "" || IsOurs(value) })
}

func TestIsOurs(t *testing.T) {
	for value, want := range map[string]bool{
		"pat": true, "pat --save=any": true,
		"": false, "patience": false, "pat2": false, "!pat": false, " pat": false, "store": false, "/usr/bin/git-credential-pat": false,
	} {
		if got := IsOurs(value); got != want {
			t.Errorf("%q: got %v", value, got)
		}
	}
}
