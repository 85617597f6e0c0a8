// Package importer imports tokens from what other programs keep.
package importer
