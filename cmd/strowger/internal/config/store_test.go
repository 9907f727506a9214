package config

import (
	"fmt"
	"strings"
	"testing"
)

// TestPostgresPassword: wherever it is written, it ends up in the one place
// that nothing prints.
func TestPostgresPassword(t *testing.T) {
	const canary = "canary-0815/%"
	for name, store := range map[string]string{
		"in the address": `store: {url: "postgres://me:canary-0815%2F%25@localhost/x"}`,
		"beside it":      `store: {url: "postgres://me@localhost/x", password: "` + canary + `"}`,
		"by variable":    `store: {url: "postgres://me@localhost/x", password: "env:DB"}`,
	} {
		cfg := mustLoad(t, minimal+store+"\n", "DB="+canary)
		if cfg.Store.URL != "postgres://me@localhost/x" || cfg.Store.Password.Reveal() != canary {
			t.Errorf("%s: %s, a password of %d bytes", name, cfg.Store.URL, len(cfg.Store.Password.Reveal()))
		}
		if text := fmt.Sprintf("%v %+v %#v", cfg, cfg.Store, *cfg); strings.Contains(text, "canary") {
			t.Errorf("%s: the password is shown in %s", name, text)
		}
	}
}

func TestPostgresElsewhereWantsTLS(t *testing.T) {
	for url, warned := range map[string]bool{
		"postgres://me@localhost/x": false, "postgres://me@127.0.0.1:5433/x": false, "postgres:///x?host=/run/postgresql": false,
		"postgres://me@db.example.org/x": true, "postgresql://me@10.0.0.1/x?sslmode=prefer": true,
		"postgres://me@10.0.0.1/x?sslmode=require": false, "postgres://me@db.example.org/x?sslmode=verify-full": false,
	} {
		cfg := mustLoad(t, minimal+"store: {url: \""+url+"\"}\n")
		found := false
		for _, w := range cfg.Warnings {
			found = found || w.Key == "store.url"
		}
		if found != warned {
			t.Errorf("%s: warned %v", url, cfg.Warnings)
		}
	}
}
