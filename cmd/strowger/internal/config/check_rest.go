package config

import (
	"strconv"
	"strings"

	"strowger/switch/objects/schema"
)

// The bounds of a token, as the interface has them.
const (
	minToken = 16
	maxToken = 512
)

// roleAgent is the one role that acts for an agent.
const roleAgent = "agent"

// checkREST judges the tokens. What it says of a secret never shows it.
func checkREST(cfg *Config, r *schema.Report) {
	names, secrets := map[string]bool{}, map[string]bool{}
	for i, t := range cfg.REST.Tokens {
		path := func(key string) []string { return []string{"rest", "tokens", strconv.Itoa(i), key} }
		if names[t.Name] {
			r.Errorf(path("name"), "give each token a name of its own", "another token is called %q", t.Name)
		}
		switch {
		case t.Role == roleAgent && t.Agent == "":
			r.Errorf(path("agent"), "name the agent, or choose the role integrator, which acts for all agents", "missing, and the role is agent")
		case t.Role != roleAgent && t.Agent != "":
			r.Errorf(path("agent"), "remove it, or choose the role agent", "only a token with the role agent acts for one agent")
		}
		switch secret := t.Secret.Reveal(); {
		case secret == "": // what is wrong was said when it was read
		case len(secret) < minToken || len(secret) > maxToken || strings.TrimSpace(secret) != secret:
			r.Errorf(path("secret"), "write a long random word, for example from: openssl rand -hex 24", "it needs %d to %d characters, without spaces around them", minToken, maxToken)
		case secrets[secret]:
			r.Errorf(path("secret"), "give each token a secret of its own", "another token has the same secret")
		}
		names[t.Name], secrets[t.Secret.Reveal()] = true, true
	}
	if host, ok := hostOf(cfg.HTTP.Listen); ok && len(cfg.REST.Tokens) > 0 && !loopback(host) && !r.Broken("http") {
		r.Warnf([]string{"rest", "tokens"}, "listen on 127.0.0.1 behind a proxy with TLS", "http.listen is %s: tokens cross the network unprotected", cfg.HTTP.Listen)
	}
}
