package store_test

import (
	"testing"

	"strowger/switch/store"
	"strowger/switch/store/pgtest"
	"strowger/switch/store/storetest"
)

func openPostgres(t *testing.T, url string, o store.Options) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), url, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestPostgres(t *testing.T) {
	server := pgtest.Shared(t)
	storetest.Exercise(t, func(t *testing.T) storetest.Open {
		name := server.Database(t)
		return func(t *testing.T) *store.Store { return openPostgres(t, server.URL(name), store.Options{}) }
	})
}
