package config

import (
	"strings"
	"testing"

	"strowger/cti/ctitest"
)

// TestCTIPSMistakes: what would open the interface to everybody, or to nobody,
// is found before it does.
func TestCTIPSMistakes(t *testing.T) {
	t.Parallel()
	hash := ctitest.StoredPassword("x")
	user := "users: [{name: a, rights: [monitor], password_hash: '" + hash + "'}]"
	for _, tt := range []struct{ name, keys, want string }{
		{"nobody listed", "allow: [10.0.0.0/8]", "nobody is listed, and ctips.allow lets 10.0.0.0/8 in"},
		{"nobody listed, listening", "listen: 10.0.0.5:8731, allow: [10.0.0.0/8]", "every name and password would be taken"},
		{"outside without allow", "listen: 10.0.0.5:8731, " + user, "ctips.allow lets only this machine in"},
		{"no TLS", "listen: 10.0.0.5:8731, allow: [10.0.0.0/8], " + user, "reachable from outside without TLS"},
		{"a password as a hash", "users: [{name: a, rights: [monitor], password_hash: secret}]", "make one by strowger ctips password; write what it prints"},
		{"twice", "users: [{name: a, rights: [monitor], password_hash: '" + hash + "'}, {name: a, rights: [call], password_hash: '" + hash + "'}]", "user a is there twice"},
		{"without monitor", "users: [{name: a, rights: [call], password_hash: '" + hash + "'}]", "the sessions of a cannot go online"},
		{"no tenant", "users: [{name: a, rights: [monitor], tenants: ['2'], password_hash: '" + hash + "'}]", "there is no tenant 2"},
		{"a right that there is not", "users: [{name: a, rights: [root], password_hash: '" + hash + "'}]", "root"},
		{"queue of two", "tenants: [{id: 1, queues: [q]}, {id: 2, queues: [q]}]", "queue q is tenant 1's already"},
		{"agent of two", "tenants: [{id: 1, agents: [a]}, {id: 2, agents: [a]}]", "agent a is tenant 1's already"},
		{"tenant twice", "tenants: [{id: 1}, {id: 1}]", "tenant 1 is there twice"},
		{"names alone", "callback_allow: [crm.example]", "there are names alone"},
		{"data name twice", "user_data_names: [a, a]", "another field's"},
		{"ldap in the clear", "ldap: {url: 'ldap://dc1.example', bind: 'uid=%s,dc=x', groups: [{dn: 'cn=a,dc=x', rights: [monitor]}]}", "must begin with ldaps://"},
		{"ldap without groups", "ldap: {url: 'ldaps://dc1.example', bind: 'uid=%s,dc=x'}", "groups"},
		{"the same address twice", "listeners: [{listen: '127.0.0.1:8731'}]", "has the same address"},
		{"ICI's address", "listen: 127.0.0.1:8181", "ici.listen has the same address"},
		{"no certificate", "tls_key: /none.key", "tls_cert"},
		{"order", "member_order: mixed", "strict"},
		{"heartbeats", "missed_heartbeats: 1000", "999"},
	} {
		text := minimal + "ctips: {enabled: true, " + tt.keys + "}\n"
		cfg, err := load(t, text)
		found := ""
		if err != nil {
			found = err.Error()
		} else {
			for _, w := range cfg.Warnings {
				found += w.Text()
			}
		}
		if !strings.Contains(found, tt.want) {
			t.Errorf("%s: %s\n%q", tt.name, tt.want, found)
		}
	}
	cfg, err := load(t, minimal+"ctips: {enabled: true, listen: '10.0.0.5:8731', allow: [10.0.0.0/8], "+user+"}\n")
	if err != nil || len(cfg.CTIPS.Users) != 1 || strings.Contains(cfg.CTIPS.Users[0].PasswordHash.String(), "pbkdf2") {
		t.Errorf("%+v, %v", cfg, err)
	}
}
