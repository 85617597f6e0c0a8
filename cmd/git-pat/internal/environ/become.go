package environ

import "fmt"

// An EndedError says how a program ended that Become ran as a child.
type EndedError struct{ Status int }

func (e *EndedError) Error() string { return fmt.Sprintf("the command ended with status %d", e.Status) }
