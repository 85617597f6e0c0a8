package term

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"

	"github.com/git-credential-pat/git-credential-pat/credential"
)

// A Column is a column of a table.
type Column struct {
	Name string
	Rank int  // in a narrow window the column with the highest rank is left out first; one with rank 0 stays
	Omit bool // the column has nothing to say in this table
}

// A Table has rows below the names of its columns.
type Table struct {
	Columns []Column
	Rows    [][]string
	Colour  func(cell string) string // the colour of a cell of the last column, or ""
}

const (
	gap      = 3 // cells between two columns
	narrow   = 8 // cells; no column is made narrower than this
	ellipsis = "…"
)

// Table prints a table. If it is wider than the window, it loses columns by their
// rank. If that is not enough, long cells lose their middle, but not in the last
// column.
func (t *Terminal) Table(table Table) error {
	columns, rows := table.Columns, table.Rows
	names := make([]string, len(columns))
	for i, column := range columns {
		names[i] = column.Name
	}
	lines := [][]string{names}
	for _, row := range rows {
		line := make([]string, len(row))
		for i, cell := range row {
			line[i] = credential.Visible(cell)
		}
		lines = append(lines, line)
	}
	widths := make([]int, len(columns))
	for i := range columns {
		for _, line := range lines {
			widths[i] = max(widths[i], cells(line[i]))
		}
	}
	shown := t.fit(columns, widths)
	last := shown[len(shown)-1]
	var b strings.Builder
	for n, line := range lines {
		for _, i := range shown[:len(shown)-1] {
			cell := shorten(line[i], widths[i])
			b.WriteString(cell + strings.Repeat(" ", widths[i]-cells(cell)+gap))
		}
		cell := line[last]
		if n > 0 {
			cell = t.Painted(cell, table.Colour(rows[n-1][last]))
		}
		b.WriteString(cell + "\n")
	}
	return t.Text(b.String())
}

// fit returns the columns that are shown, and makes widths smaller until these
// fit the window.
func (t *Terminal) fit(columns []Column, widths []int) (shown []int) {
	over := -gap - t.Width
	for i, column := range columns {
		if !column.Omit {
			shown = append(shown, i)
			over += widths[i] + gap
		}
	}
	if t.Width == 0 {
		return shown
	}
	for over > 0 {
		least := 0 // in shown
		for n, i := range shown {
			if columns[i].Rank > columns[shown[least]].Rank {
				least = n
			}
		}
		if columns[shown[least]].Rank == 0 {
			break
		}
		over -= widths[shown[least]] + gap
		shown = append(shown[:least], shown[least+1:]...)
	}
	for ; over > 0; over-- {
		widest := shown[0]
		for _, i := range shown[:len(shown)-1] {
			if widths[i] > widths[widest] {
				widest = i
			}
		}
		if widths[widest] <= narrow {
			break
		}
		widths[widest]--
	}
	return shown
}

// shorten cuts out the middle of a text that has more cells than fit.
func shorten(text string, limit int) string {
	if cells(text) <= limit {
		return text
	}
	head, tail := 0, len(text)
	for room := limit - cells(ellipsis); ; {
		r, size := utf8.DecodeRuneInString(text[head:])
		if room -= runeCells(r); room < 0 {
			break
		}
		head += size
		r, size = utf8.DecodeLastRuneInString(text[head:tail])
		if room -= runeCells(r); room < 0 {
			break
		}
		tail -= size
	}
	return text[:head] + ellipsis + text[tail:]
}

// cells returns how many cells of a terminal a text fills.
func cells(text string) int {
	n := 0
	for _, r := range text {
		n += runeCells(r)
	}
	return n
}

func runeCells(r rune) int {
	if r < 0x7f {
		return 1
	}
	if unicode.In(r, unicode.Mn, unicode.Me) { // they share the cell of the character before
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}
