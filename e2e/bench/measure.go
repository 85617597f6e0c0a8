//go:build linux

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// A group is a list of rows that are measured together.
type group struct {
	Name   string  `json:"name"`
	Tables []table `json:"tables"`
	runs   int
}

// A table is a part of a group that is shown by itself.
type table struct {
	Name string `json:"name"`
	Base string `json:"base"` // the key of the row that the ratios are to, in any table of the group
	Rows []*row `json:"rows"`
}

// A row is one thing that is measured.
type row struct {
	Key     string   `json:"key"`  // does not change
	Name    string   `json:"name"` // for people
	Command string   `json:"command,omitempty"`
	Missing string   `json:"missing,omitempty"` // how to install what it needs; there are no numbers then
	Runs    int      `json:"runs"`
	Median  float64  `json:"median_ms"`
	Least   float64  `json:"min_ms"`
	Most    float64  `json:"max_ms"`
	Ratio   float64  `json:"ratio"` // of the medians
	Peak    int      `json:"peak_kib"`
	argv    []string // with the whole path of the program
	env     []string
	input   string
	check   func(out string) error // also whatever is to be put back
	took    []time.Duration
}

// keep leaves out the rows whose key an expression does not match, if there is
// one, and the tables that are empty then.
func (g *group) keep(only *regexp.Regexp) {
	if only == nil {
		return
	}
	for i := range g.Tables {
		g.Tables[i].Rows = slices.DeleteFunc(g.Tables[i].Rows, func(r *row) bool { return !only.MatchString(r.Key) })
	}
	g.Tables = slices.DeleteFunc(g.Tables, func(t table) bool { return len(t.Rows) == 0 })
}

// measure runs all rows of a group in turn, each round in another order, so
// that none has always the same one before it.
func (b *bench) measure(ctx context.Context, g *group) error {
	var rows []*row
	for _, t := range g.Tables {
		for _, r := range t.Rows {
			if r.Missing == "" {
				rows = append(rows, r)
			}
		}
	}
	for round := range b.warmUps() + g.runs {
		rand.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		for _, r := range rows {
			took, peak, err := b.once(ctx, r)
			if err != nil {
				return fmt.Errorf("%s: %w", r.Key, err)
			}
			if round >= b.warmUps() {
				r.took = append(r.took, took)
				r.Peak = max(r.Peak, peak)
			}
		}
	}
	byKey := map[string]*row{}
	for _, r := range rows {
		slices.Sort(r.took)
		r.Runs = len(r.took)
		r.Median, r.Least, r.Most = ms(median(r.took)), ms(r.took[0]), ms(r.took[len(r.took)-1])
		byKey[r.Key] = r
	}
	for _, t := range g.Tables {
		for _, r := range t.Rows {
			if base := byKey[t.Base]; base != nil && r.Missing == "" {
				r.Ratio = r.Median / base.Median
			}
		}
	}
	return nil
}

func median(sorted []time.Duration) time.Duration {
	half := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[half]
	}
	return (sorted[half-1] + sorted[half]) / 2
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// once runs a row's program through the launcher, and checks what it wrote.
// Its input waits in a pipe, as Git's does.
func (b *bench) once(ctx context.Context, r *row) (took time.Duration, peak int, err error) {
	in, request, err := os.Pipe()
	if err != nil {
		return 0, 0, err
	}
	defer in.Close()
	_, err = request.WriteString(r.input) // which fits into a pipe
	if err := errors.Join(err, request.Close()); err != nil {
		return 0, 0, err
	}
	results, writeResults, err := os.Pipe()
	if err != nil {
		return 0, 0, err
	}
	defer results.Close()
	var out, errOut bytes.Buffer
	cmd := exec.CommandContext(ctx, b.launcher, r.argv...)
	cmd.Dir = filepath.Join(b.dir, "home")
	cmd.Env = b.environ(r.env...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = in, &out, &errOut
	cmd.ExtraFiles = []*os.File{writeResults}
	err = cmd.Run()
	writeResults.Close()
	if err != nil {
		return 0, 0, fmt.Errorf("%w: %s", err, strings.TrimSpace(errOut.String()))
	}
	var nanoseconds int64
	if _, err := fmt.Fscan(results, &nanoseconds, &peak); err != nil {
		return 0, 0, err
	}
	return time.Duration(nanoseconds), peak, r.check(out.String())
}
