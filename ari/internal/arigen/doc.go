// Command arigen writes the Go types, operations and event decoder of
// Asterisk's REST interface (ARI) from the API description that an installed
// Asterisk ships in DATADIR/rest-api.
//
//	go run ./ari/internal/arigen -api /usr/share/asterisk/rest-api -out ari/arispec
//	go run ./ari/internal/arigen -api DIR -out ari/arispec -check
//
// The first form rewrites the *_gen.go files (and removes those no longer
// produced); the second writes nothing and fails when a file would change.
// The Makefile's gen target runs the first.
//
// It emits names, types and versions only. The description's prose belongs to
// Asterisk and is never copied; comments are composed here.
//
// Where the description departs from its own rules the departure is listed in
// quirks.go. One that is not listed fails the run with its location, so that
// a new Asterisk release is looked at by a person before it is believed. A
// listed departure that no longer occurs is reported and does no harm.
//
// It is not an OpenAPI or Swagger generator, and owns no goroutine.
package main
