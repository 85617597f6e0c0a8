//go:build !linux

package e2e

import "github.com/rogpeppe/go-internal/testscript"

// Commands that only Linux has. Scripts say so and skip themselves.

func cmdTerminal(ts *testscript.TestScript, _ bool, _ []string)   { ts.Fatalf("only on Linux") }
func cmdKeyring(ts *testscript.TestScript, _ bool, _ []string)    { ts.Fatalf("only on Linux") }
func cmdAlone(ts *testscript.TestScript, _ bool, _ []string)      { ts.Fatalf("only on Linux") }
func cmdRestrained(ts *testscript.TestScript, _ bool, _ []string) { ts.Fatalf("only on Linux") }
