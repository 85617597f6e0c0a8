// Empty is a Go program that does nothing, so that one can see what the start
// of any costs.
package main

func main() {}
