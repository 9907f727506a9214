// Package pgtest starts a private PostgreSQL for tests: postgres.sh, which can
// also be run by hand, with Go around it. The server belongs to the test
// process and ends with it, however that ends.
package pgtest
