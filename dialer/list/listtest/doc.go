// Package listtest is the suite that package dialer/list passes on every
// database. Whoever has the databases runs it: [Exercise].
package listtest
