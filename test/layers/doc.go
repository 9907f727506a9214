// Package layers checks which package may import which: DESIGN.md section 2 as
// a table, and a pure function over a list of packages. It runs no program and
// reads no file; the test beside the end-to-end tests feeds it from go list.
package layers
