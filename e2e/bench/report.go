//go:build linux

package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"
)

// A report is all that came of a run.
type report struct {
	Machine machine  `json:"machine"`
	Groups  []*group `json:"groups"`
	Calls   *calls   `json:"calls"`
	Targets []target `json:"targets"`
}

// A machine is where the numbers come from.
type machine struct {
	CPU     string `json:"cpu"`
	Cores   int    `json:"cores"`
	Kernel  string `json:"kernel"`
	Load    string `json:"load"` // the average of the minute before
	Git     string `json:"git"`
	Go      string `json:"go"`
	Version string `json:"version"` // of the helper, which names the commit
	Command string `json:"command"`
}

func (b *bench) machine(ctx context.Context) machine {
	m := machine{CPU: "unknown", Cores: runtime.NumCPU(), Go: runtime.Version()}
	m.Command = fmt.Sprintf("bench -runs %d", b.runs)
	if b.quick {
		m.Command += " -quick"
	}
	if b.only != nil {
		m.Command += " -only '" + b.only.String() + "'"
	}
	// What cannot be read stays empty: the numbers are good without it.
	info, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(info)) {
		if name, value, _ := strings.Cut(line, ":"); strings.TrimSpace(name) == "model name" {
			m.CPU = strings.TrimSpace(value)
			break
		}
	}
	kernel, _ := os.ReadFile("/proc/sys/kernel/osrelease")
	m.Kernel = strings.TrimSpace(string(kernel))
	load, _ := os.ReadFile("/proc/loadavg")
	m.Load, _, _ = strings.Cut(string(load), " ")
	git, _ := b.output(ctx, nil, "", "git", "version")
	m.Git = strings.TrimPrefix(strings.TrimSpace(git), "git version ")
	version, _ := b.output(ctx, nil, "", filepath.Join(b.programs, "git-credential-pat"), "--version")
	m.Version = strings.TrimPrefix(strings.TrimSpace(version), "git-credential-pat version ")
	return m
}

// A target is what the helper is to reach.
type target struct {
	Name    string  `json:"name"`
	Want    float64 `json:"want"`
	AtLeast bool    `json:"at_least"` // else at most
	Got     float64 `json:"got"`
	Missing bool    `json:"missing"` // something it compares with was not measured
	Reached bool    `json:"reached"`
}

// judge compares what was measured with what is to be reached. The ratios are
// within one group, that is, of processes that ran in turn.
func (b *bench) judge(r *report) error {
	rows := map[string]*row{}
	for _, g := range r.Groups {
		for _, t := range g.Tables {
			for _, row := range t.Rows {
				rows[row.Key] = row
			}
		}
	}
	add := func(t target) {
		t.Reached = !t.Missing && (t.AtLeast && t.Got >= t.Want || !t.AtLeast && t.Got <= t.Want)
		r.Targets = append(r.Targets, t)
	}
	ratio := func(t target, above, below string) {
		a, b := rows[above], rows[below]
		if t.Missing = a == nil || b == nil || a.Missing != "" || b.Missing != ""; !t.Missing {
			t.Got = a.Median / b.Median
		}
		add(t)
	}
	file := func(n int) string { return fmt.Sprintf("get file-%d", n) }
	last := func(n int) string { return fmt.Sprintf("get git-store-%d-last", n) }
	ratio(target{Name: "get from file, to git-credential-store with 1 entry", Want: 1.25}, file(1), "get git-store-1")
	ratio(target{Name: "get from " + several(b.most, "token", "tokens") + ", to get from 1", Want: 1.1}, file(b.most), file(1))
	ratio(target{Name: "times faster than git-credential-store with " + several(b.many, "entry", "entries") + ", the last one", Want: 4, AtLeast: true}, last(b.many), file(b.many))
	ratio(target{Name: "times faster than git-credential-store with " + several(b.most, "entry", "entries") + ", the last one", Want: 30, AtLeast: true}, last(b.most), file(b.most))
	ratio(target{Name: "get from keyring, to git-credential-libsecret", Want: 0.55}, "get keyring", "get libsecret")
	ratio(target{Name: "store of a known token in file, to get", Want: 1.2}, "store file-1", file(1))
	peak := 0
	for _, n := range []int{1, b.some, b.many, b.most} {
		if r := rows[file(n)]; r != nil {
			peak = max(peak, r.Peak)
		}
	}
	add(target{Name: "peak memory of a get from file, MiB", Want: 7, Got: float64(peak) / 1024, Missing: peak == 0})
	helper, err := os.Stat(filepath.Join(b.programs, "git-credential-pat"))
	if err != nil {
		return err
	}
	add(target{Name: "size of the helper, MB", Want: 3.5, Got: float64(helper.Size()) / 1e6})
	for _, count := range []struct {
		name      string
		got, want int
	}{
		{"files of ours that a get opens", len(r.Calls.Ours), 10},
		{"writes of a get", len(r.Calls.Writes), 0},
		{"locks of a get", len(r.Calls.Locks), 0},
		{"children of a get", r.Calls.Children, 0},
	} {
		add(target{Name: count.name, Want: float64(count.want), Got: float64(count.got), Missing: r.Calls.Missing != ""})
	}
	return nil
}

func (r *report) writeJSON(file string) error {
	data, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(data, '\n'), 0o666)
}

func (r *report) print(out io.Writer) error {
	m := r.Machine
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "%s, %d cores, Linux %s, load %s, Git %s, %s\n", m.CPU, m.Cores, m.Kernel, m.Load, m.Git, m.Go)
	fmt.Fprintf(w, "git-credential-pat %s, %s\n", m.Version, m.Command)
	var missing []string
	for _, g := range r.Groups {
		for _, t := range g.Tables {
			fmt.Fprintf(w, "\n%s\tmedian\tmin\tmax\tratio\tpeak\n", strings.ToUpper(t.Name))
			for _, row := range t.Rows {
				if row.Missing != "" {
					fmt.Fprintf(w, "%s\tnot installed\n", row.Name)
					if line := row.Name + ":\n    " + row.Missing; !slices.Contains(missing, line) {
						missing = append(missing, line)
					}
					continue
				}
				fmt.Fprintf(w, "%s\t%.2f ms\t%.2f ms\t%.2f ms\t%.2f\t%.1f MiB\n",
					row.Name, row.Median, row.Least, row.Most, row.Ratio, float64(row.Peak)/1024)
			}
		}
	}
	fmt.Fprintf(w, "\nTO REACH\t\tgot\t\n")
	for _, t := range r.Targets {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", t.Name, t.wanted(), t.got(), t.verdict())
	}
	if err := w.Flush(); err != nil {
		return err
	}
	c := r.Calls
	if c.Missing != "" {
		missing = append(missing, "strace:\n    "+c.Missing)
	} else {
		fmt.Fprintf(out, "\nA get from file: %d calls of the system, %d threads more; opens of ours: %d, writes: %d, locks: %d, children: %d\n",
			c.All, c.Threads, len(c.Ours), len(c.Writes), len(c.Locks), c.Children)
		for _, line := range append(append(c.Ours, c.Writes...), c.Locks...) {
			fmt.Fprintln(out, "    "+cmp.Or(line, "."))
		}
	}
	for i, line := range missing {
		if i == 0 {
			fmt.Fprintln(out, "\nTo have all rows:")
		}
		fmt.Fprintln(out, line)
	}
	return nil
}

func (t target) wanted() string {
	if t.AtLeast {
		return fmt.Sprintf("at least %.4g", t.Want)
	}
	return fmt.Sprintf("at most %.4g", t.Want)
}

func (t target) got() string {
	if t.Missing {
		return "-"
	}
	return fmt.Sprintf("%.4g", t.Got)
}

func (t target) verdict() string {
	switch {
	case t.Missing:
		return "not measured"
	case t.Reached:
		return "reached"
	}
	return "not reached"
}
