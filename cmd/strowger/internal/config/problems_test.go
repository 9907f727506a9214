package config

import (
	"slices"
	"strings"
	"testing"
)

// mistake is a text with, for each finding, its line and what it must say.
type mistake struct {
	name, text string
	want       []string
}

// formMistakes are mistakes in the form of the file.
func formMistakes() []mistake {
	return []mistake{
		{"sections that have moved", minimal + "queues:\n  - {id: a, number: 1}\nagents: []\n", []string{":3: queues: queues are kept in the database now", ":5: agents: agents are kept"}},
		{"empty", "", []string{"strowger.yaml: asterisk.ari_password: missing; set it"}},
		{"misspelt key", minimal + "  ari_usr: x\n", []string{":3: asterisk.ari_usr: unknown key; did you mean ari_user?"}},
		{"key that steers a terminal", minimal + "\"\\e[31mx\": 1\n", []string{":3: ?[31mx: unknown key"}},
		{"dash for underscore", minimal + "  rest-in-flight: 3\n", []string{":3: asterisk.rest-in-flight: unknown key; did you mean rest_in_flight?"}},
		{"misspelt section", minimal + "que:\nlimts: {}\n", []string{":3: que: unknown key", ":4: limts: unknown key; did you mean limits?"}},
		{"key not indented", "asterisk:\nari_password: x\n", []string{
			":2: ari_password: unknown key; did you mean asterisk.ari_password? It belongs below `asterisk:`, indented by two spaces",
			":1: asterisk.ari_password: missing",
		}},
		{"tab", "asterisk:\n\tari_password: x\n", []string{":2: the line is indented with a tab; YAML allows spaces only"}},
		{"deeper line", "asterisk:\n  ari_password: x\n    app: y\n", []string{":3: a second `:` in one line, or a line that is indented deeper"}},
		{"shallower line", "asterisk:\n    ari_password: x\n  app: y\n", []string{":3: the line is not indented like its neighbours"}},
		{"no space after colon", "asterisk:foo\n", []string{":1: the file does not begin with a section; write a space after the colon"}},
		{"no space in a section", "asterisk:\n  ari_password:x\n", []string{":1: asterisk: a group of keys is wanted, this is a text"}},
		{"a list as the file", "- a\n", []string{":1: the file does not begin with a section"}},
		{"open quote", "asterisk:\n  app: \"x\n", []string{":2: a quote is not closed"}},
		{"open bracket", "ici:\n  allow: [a, b\nlog:\n", []string{":2: a [ or { is not closed"}},
		{"password with a star", "asterisk:\n  ari_password: *secret1\n", []string{":2: a value begins with *, which YAML reads as an alias; put the value in quotes"}},
		{"password with an at sign", "asterisk:\n  ari_password: @secret1\n", []string{":2: a value begins with a character that has a meaning in YAML; put the value in quotes"}},
		{"password with a bang", "asterisk:\n  ari_password: !secret1 x\n", []string{":2: asterisk.ari_password: a value that begins with & or ! has a special meaning"}},
		{"password with an ampersand", "asterisk:\n  ari_password: &secret1\n", []string{":2: asterisk.ari_password: a value that begins with & or ! has a special meaning"}},
		{"alias", "x: &a 1\nasterisk: {ari_password: p, app: *a}\n", []string{":1: x: a value that begins with & or !", ":2: asterisk.app: YAML aliases are not supported"}},
		{"merge key", "asterisk:\n  <<: {app: x}\n  ari_password: p\n", []string{":2: asterisk: this is not a plain key"}},
		{"twice", minimal + "  app: a\n  app: b\n", []string{":4: asterisk.app: written twice, first in line 3"}},
		{"two documents", minimal + "---\na: 1\n", []string{"the file holds a second YAML document"}},
	}
}

// valueMistakes are values that one key refuses.
func valueMistakes() []mistake {
	return []mistake{
		{"quoted number", minimal + "  rest_in_flight: \"64\"\n", []string{`:3: asterisk.rest_in_flight: a whole number is wanted, this is a text "64"; write the number alone, without quotes`}},
		{"fraction", minimal + "  rest_in_flight: 1.5\n", []string{":3: asterisk.rest_in_flight: a whole number is wanted, this is a number 1.5"}},
		{"number out of bounds", minimal + "  rest_in_flight: 0\n", []string{":3: asterisk.rest_in_flight: 0 is out of bounds; write a number from 1 to 1024"}},
		{"yes", minimal + "ici: {enabled: yes}\n", []string{`:3: ici.enabled: true or false is wanted, this is a text "yes"; write true or false`}},
		{"true as a text", minimal + "  app: true\n", []string{":3: asterisk.app: a text is wanted, this is true/false true; put the text in quotes"}},
		{"duration without unit", minimal + "  rest_timeout: 3\n", []string{`:3: asterisk.rest_timeout: "3" has no unit: write 3s`}},
		{"duration in words", minimal + "  rest_timeout: three\n", []string{`:3: asterisk.rest_timeout: "three" is not a duration`}},
		{"nobody reaches the ears", minimal + "dialer: {ears_listen: \"0.0.0.0:9092\"}\n", []string{":3: dialer.ears_address: missing: ears_listen is every address"}},
		{"ears at an odd address", minimal + "dialer: {ears_address: \"a b:1\"}\n", []string{":3: dialer.ears_address: write host:port of at most 37 characters"}},
		{"ears at IPv6", minimal + "dialer: {ears_listen: \"[::1]:0\"}\n", []string{":3: dialer.ears_listen: write host:port of at most 37 characters; the host is a name or an IPv4 address"}},
		{"an address of ears that are off", minimal + "dialer: {ears_listen: \"\", ears_address: \"a:1\"}\n", []string{":3: dialer.ears_address: nobody listens there"}},
		{"text for a list", minimal + "ici: {allow: 10.0.0.1}\n", []string{`:3: ici.allow: a list of texts is wanted, this is a text "10.0.0.1"; write it in brackets`}},
	}
}

// crossMistakes are values that contradict each other.
func crossMistakes() []mistake {
	return []mistake{
		{"ari url", minimal + "  ari_url: 127.0.0.1:8088\n", []string{":3: asterisk.ari_url: "}},
		{"ari url with a path", minimal + "  ari_url: http://127.0.0.1:8088/ari\n", []string{":3: asterisk.ari_url: \"http://127.0.0.1:8088/ari\" has more than host and port"}},
		{"ari url with a port", minimal + "  ari_url: http://127.0.0.1:99999\n", []string{":3: asterisk.ari_url: \"99999\" is not a port"}},
		{"stasis context", minimal + "  context: stasis-strowger\n", []string{":3: asterisk.context: Asterisk makes the context stasis-strowger itself"}},
		{"ami without password", minimal + "  ami_user: x\n", []string{":1: asterisk.ami_password: missing, and ami_user is set"}},
		{"ami address", minimal + "  ami_user: x\n  ami_password: y\n  ami_addr: localhost\n", []string{`:5: asterisk.ami_addr: "localhost" is not an address; write host:port`}},
		{"listen port", minimal + "http: {listen: \"127.0.0.1:http\"}\n", []string{`:3: http.listen: "http" is not a port`}},
		{"same address", minimal + "http: {listen: \"127.0.0.1:8181\"}\n", []string{":3: http.listen: ici.listen has the same address"}},
		{"long socket", minimal + "http: {socket: /" + strings.Repeat("x", 120) + "}\n", []string{":3: http.socket: the path is 121 bytes long"}},
		{"allow", minimal + "ici: {allow: [crm, 10.0.0.0/33]}\n", []string{`:3: ici.allow[0]: "crm" is neither`, `:3: ici.allow[1]: "10.0.0.0/33" is neither`}},
		{"certificates", minimal + "ici: {callback_cert_dir: none, callback_cert_subject: x}\n", []string{`:3: ici.callback_cert_dir: there is no folder `}},
		{"no certificates", minimal + "ici: {callback_cert_subject: x}\n", []string{`:3: ici.callback_cert_subject: there is no folder to pick from`}},
		{"callback", minimal + "ici: {callback_allow: [\"http://crm\"]}\n", []string{`:3: ici.callback_allow[0]: "http://crm" is neither a host`}},
		{"open to all", minimal + "ici: {listen: \":8181\", allow: [0.0.0.0/0]}\n", []string{":3: ici.allow: everyone may connect, without a login"}},
		{"outside, inside only", minimal + "ici: {listen: \"0.0.0.0:8181\"}\n", []string{":3: ici.listen: listens on 0.0.0.0:8181, but ici.allow lets only this machine in"}},
		{"half tls", minimal + "ici: {tls_cert: none.pem}\n", []string{":3: ici.tls_key: missing, and tls_cert is set", ":3: ici.tls_cert: there is no file"}},
		{"sapphone servers", minimal + "sapphone: {enabled: true, servers: [\"-aX -xsapgw7\"]}\n", []string{":3: sapphone.servers[0]: \"sapgw7\" is no gateway"}},
		{"sapphone clients", minimal + "sapphone: {enabled: true, clients: [{connection: CLIENT=1}]}\n", []string{":3: sapphone.clients[0].connection: is missing"}},
		{"sapphone and ici", minimal + "sapphone: {enabled: true, listen: \"127.0.0.1:8181\"}\n", []string{":3: sapphone.listen: ici.listen has the same address"}},
		{"sapphone campaign of nobody", minimal + "sapphone: {enabled: true, campaigns: [{id: A}, {id: \"*\", campaign: spring}]}\n", []string{":3: sapphone.campaigns[0].queue: campaign A has neither queue nor campaign", ":3: sapphone.campaigns[1].campaign: the entries of all campaigns would be one list"}},
		{"sapphone campaigns", minimal + "sapphone: {enabled: true, campaigns: [{id: A, queue: sales}, {id: a, queue: sales}]}\n", []string{":3: sapphone.campaigns[1].id: campaign a is there twice"}},
		{"sapphone open to all", minimal + "sapphone: {enabled: true, listen: \":8182\", allow: [0.0.0.0/0]}\n", []string{":3: sapphone.allow: everyone may connect, without a login"}},
		{"classic wire open to all", minimal + "sapphone: {enabled: true, allow: [0.0.0.0/0], servers: [\"-aX -gh -xsapgw00\"]}\n", []string{":3: sapphone.allow: everyone may connect to :3300, which has no login"}},
		{"sapphone metadata", minimal + "sapphone: {enabled: true, metadata: none.json}\n", []string{":3: sapphone.metadata: there is no file"}},
		{"half login", minimal + "ici: {password: hunter2}\n", []string{":3: ici.user: missing, and password is set"}},
		{"other database", minimal + "store: {url: \"mysql://me:hunter2@db/x\"}\n", []string{`:3: store.url: "mysql" is not a database that this version offers`}},
		{"no postgres", minimal + "store: {url: \"postgres://me:hunter2@:x/y\"}\n", []string{`:3: store.url: this cannot be read as an address`}},
		{"postgres without a database", minimal + "store: {url: \"postgres:///?user=hunter2\"}\n", []string{`:3: store.url: the host is missing`, `:3: store.url: the database is missing`}},
		{"two passwords", minimal + "store: {url: \"postgres://me:hunter2@localhost/x\", password: hunter2}\n", []string{`:3: store.url: the password is here and in store.password`}},
		{"password as an option", minimal + "store: {url: \"postgres://me@localhost/x?password=hunter2\"}\n", []string{`:3: store.url: the password stands among the options`}},
		{"secret file", "asterisk: {ari_password: \"file:nowhere\"}\n", []string{":1: asterisk.ari_password: nowhere: there is no such file"}},
		{"secret variable", "asterisk: {ari_password: \"env:NOWHERE\"}\n", []string{":1: asterisk.ari_password: the environment variable NOWHERE is not set"}},
		{"secret with a line break", "asterisk: {ari_password: \"a\\nb\"}\n", []string{":1: asterisk.ari_password: the password holds control characters"}},
		{"half of talk-notify", minimal + "  talk_notify: {user: n}\n", []string{":3: asterisk.talk_notify.secret: missing, and talk_notify.user is set"}},
		{"talk-notify without a user", minimal + "  talk_notify: {secret: hunter2}\n", []string{":3: asterisk.talk_notify.user: missing, and talk_notify.secret is set"}},
		{"talk-notify with the other account", minimal + "  ami_user: a\n  ami_password: b\n  talk_notify: {user: a, secret: c}\n", []string{":5: asterisk.talk_notify.user: ami_user is the same account"}},
		{"talk-notify address", minimal + "  talk_notify: {user: n, secret: c}\n  ami_addr: x\n", []string{`:4: asterisk.ami_addr: "x" is not an address`}},
		{"tone zone", minimal + "  tone_zone: Germany\n", []string{":3: asterisk.tone_zone: \"Germany\" is not allowed here; write up to four small letters"}},
		{"several sections at once", "asterisk: {app: \"a b\"}\nlog: {level: loud}\nlimits: {calls: 0}\n", []string{
			":1: asterisk.app", ":1: asterisk.ari_password: missing", ":2: log.level", ":3: limits.calls",
		}},
	}
}

// serverMistakes are mistakes in asterisk.nodes.
func serverMistakes() []mistake {
	second := func(entry string) string { return minimal + "  nodes:\n    - {" + entry + "}\n" }
	const good = "ari_url: \"http://127.0.0.1:8089\", ari_password: hunter2"
	return []mistake{
		{"empty server", second(""), []string{":4: asterisk.nodes[0].node: missing", ":4: asterisk.nodes[0].ari_url: missing", ":4: asterisk.nodes[0].ari_password: missing"}},
		{"same name", second("node: asterisk-1, " + good), []string{":4: asterisk.nodes[0].node: two servers have the name asterisk-1"}},
		{"same address", second("node: b, ari_url: \"http://127.0.0.1:8088\", ari_password: x"), []string{":4: asterisk.nodes[0].ari_url: two servers have the address"}},
		{"no endpoint", second("node: pbx.2, " + good), []string{`:4: asterisk.nodes[0].peer: "pbx.2" cannot be the name of a PJSIP endpoint`}},
		{"same endpoint", second("node: b, peer: asterisk-1, " + good), []string{":4: asterisk.nodes[0].peer: two servers have the endpoint asterisk-1"}},
		{"name of our own", second("node: sw-2, " + good), []string{":4: asterisk.nodes[0].node: sw-2 begins as the controller's own channels do"}},
		{"half of its talk-notify", second("node: b, talk_notify_user: n, " + good), []string{":4: asterisk.nodes[0].talk_notify_secret: missing", ":4: asterisk.nodes[0].ami_addr: \"\" is not an address"}},
		{"its AMI address", second("node: b, ami_user: a, ami_password: c, " + good), []string{`:4: asterisk.nodes[0].ami_addr: "" is not an address`}},
	}
}

// tokenMistakes are mistakes in rest.tokens.
func tokenMistakes() []mistake {
	list := func(entries ...string) string {
		return minimal + "rest:\n  tokens:\n    - " + strings.Join(entries, "\n    - ") + "\n"
	}
	const good = "{name: a, role: reader, secret: 0123456789abcdef-hunter2}"
	return []mistake{
		{"empty token", list("{}"), []string{":5: rest.tokens[0].name: missing", ":5: rest.tokens[0].role: missing", ":5: rest.tokens[0].secret: missing"}},
		{"role", list("{name: a, role: root, secret: 0123456789abcdef}"), []string{`:5: rest.tokens[0].role: "root" is not a value of this key`}},
		{"too short", list("{name: a, role: admin, secret: hunter2}"), []string{":5: rest.tokens[0].secret: it needs 16 to 512 characters"}},
		{"spaces around", list("{name: a, role: admin, secret: \" 0123456789abcdef-hunter2\"}"), []string{":5: rest.tokens[0].secret: it needs"}},
		{"no agent", list("{name: a, role: agent, secret: 0123456789abcdef-hunter2}"), []string{":5: rest.tokens[0].agent: missing, and the role is agent"}},
		{"agent of another role", list("{name: a, role: supervisor, agent: anna, secret: 0123456789abcdef-hunter2}"), []string{":5: rest.tokens[0].agent: only a token with the role agent"}},
		{"same name", list(good, "{name: a, role: admin, secret: 0123456789abcdef-geheim}"), []string{`:6: rest.tokens[1].name: another token is called "a"`}},
		{"twice the same", list(good, "{name: b, role: admin, secret: 0123456789abcdef-hunter2}"), []string{":6: rest.tokens[1].secret: another token has the same secret"}},
		{"variable", list("{name: a, role: admin, secret: \"env:NOWHERE\"}"), []string{":5: rest.tokens[0].secret: the environment variable NOWHERE is not set"}},
		{"unknown key", list("{name: a, rolle: admin, role: admin, secret: 0123456789abcdef-hunter2}"), []string{":5: rest.tokens[0].rolle: unknown key; did you mean role?"}},
	}
}

func TestProblems(t *testing.T) {
	for _, tt := range slices.Concat(formMistakes(), valueMistakes(), crossMistakes(), serverMistakes(), tokenMistakes()) {
		t.Run(tt.name, func(t *testing.T) {
			cfg, err := load(t, tt.text)
			if err == nil {
				t.Fatalf("want an error, got %+v", cfg)
			}
			ps := problemsOf(t, err)
			text := ps.Error()
			errorCount := 0
			for _, p := range ps {
				if p.Severity == SeverityError {
					errorCount++
				}
			}
			if errorCount != len(tt.want) {
				t.Errorf("want %d errors, got %d:\n%s", len(tt.want), errorCount, text)
			}
			for _, want := range tt.want {
				if !strings.Contains(text, want) {
					t.Errorf("missing %q in:\n%s", want, text)
				}
			}
			for _, secret := range []string{"secret1", "hunter2", "geheim"} {
				if strings.Contains(text, secret) {
					t.Errorf("the password %s is shown:\n%s", secret, text)
				}
			}
		})
	}
}

func TestWarnings(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"example password", "asterisk: {ari_password: change-me}\n", "this is the password of the example"},
		{"password with a comment sign", "asterisk:\n  ari_password: abc #def\n", "what follows the # is a comment"},
		{"remote ari", minimal + "  ari_url: http://10.0.0.1:8088\n", "the ARI password crosses the network unprotected"},
		{"remote ami", minimal + "  ami_user: a\n  ami_password: b\n  ami_addr: 10.0.0.1:5038\n", "AMI sends its password unprotected"},
		{"open status page", minimal + "http: {listen: \":8080\"}\n", "the status page and metrics have no login"},
		{"ici without tls", minimal + "ici: {listen: \":8181\", allow: [10.0.0.5]}\n", "reachable from outside without TLS"},
		{"ici for everyone with a login", minimal + "ici: {listen: \":8181\", allow: [0.0.0.0/0], user: crm, password: x}\n", "reachable from outside without TLS"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cfg := mustLoad(t, tt.text)
			if len(cfg.Warnings) != 1 || !strings.Contains(cfg.Warnings[0].String(), tt.want) || cfg.Warnings[0].Line == 0 {
				t.Errorf("want one warning %q with a line, got %v", tt.want, cfg.Warnings)
			}
		})
	}
}

func TestProblemCarriesTheDocumentation(t *testing.T) {
	_, err := load(t, minimal+"limits: {calls: x}\n")
	p := problemsOf(t, err)[0]
	if p.Line != 3 || p.Column != 10 || p.Doc != "Calls at the same time. One more is refused as busy." {
		t.Errorf("got %+v", p)
	}
	if !strings.HasSuffix(p.Text(), "\n    "+p.Doc) {
		t.Errorf("text = %q", p.Text())
	}
}
