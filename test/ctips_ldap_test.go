package test

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"strowger/cti/ctips"
	"strowger/cti/ctips/directory"
	"strowger/switch/fault"
)

// slapdConf is a server of OpenLDAP with one database. People may sign in, and
// only who has done so may read.
const slapdConf = `include SCHEMA/core.schema
include SCHEMA/cosine.schema
include SCHEMA/inetorgperson.schema
pidfile DIR/pid
modulepath /usr/lib/ldap
moduleload back_mdb
database mdb
maxsize 10485760
suffix "dc=example"
directory DIR/db
access to attrs=userPassword by anonymous auth by * none
access to * by users read
`

// slapdEntries are anna, who is in the group, and carla, who is not.
const slapdEntries = `dn: dc=example
objectClass: dcObject
objectClass: organization
o: Example
dc: example

dn: ou=people,dc=example
objectClass: organizationalUnit
ou: people

dn: ou=groups,dc=example
objectClass: organizationalUnit
ou: groups

dn: uid=anna,ou=people,dc=example
objectClass: inetOrgPerson
cn: Anna
sn: A
uid: anna
userPassword: Anna-1

dn: uid=carla,ou=people,dc=example
objectClass: inetOrgPerson
cn: Carla
sn: C
uid: carla
userPassword: Carla-1

dn: cn=cti,ou=groups,dc=example
objectClass: groupOfNames
cn: cti
member: uid=anna,ou=people,dc=example
`

// slapd runs OpenLDAP's server until the test ends, and returns its address.
func slapd(t *testing.T) string {
	t.Helper()
	const schema = "/etc/ldap/schema"
	for _, tool := range []string{"slapd", "slapadd"} {
		if _, err := exec.LookPath(tool); err != nil {
			skipLayer(t, "OpenLDAP, a real directory", "no "+tool+": apt-get install slapd")
		}
	}
	if _, err := os.Stat(schema + "/inetorgperson.schema"); err != nil {
		skipLayer(t, "OpenLDAP, a real directory", err.Error())
	}
	dir := t.TempDir()
	conf, entries := filepath.Join(dir, "slapd.conf"), filepath.Join(dir, "entries.ldif")
	if err := os.Mkdir(filepath.Join(dir, "db"), 0o700); err != nil {
		t.Fatal(err)
	}
	for file, text := range map[string]string{conf: strings.NewReplacer("SCHEMA", schema, "DIR", dir).Replace(slapdConf), entries: slapdEntries} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := exec.CommandContext(t.Context(), "slapadd", "-f", conf, "-l", entries).CombinedOutput(); err != nil {
		t.Fatalf("slapadd: %v\n%s", err, out)
	}
	addr := fmt.Sprintf("127.0.0.1:%d", freePort(t))
	cmd := exec.Command("slapd", "-f", conf, "-h", "ldap://"+addr, "-d", "0")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may have ended by itself
		_ = cmd.Wait()         // that it was killed is known
	})
	eventually(t, "slapd listens", func() bool {
		conn, err := net.Dial("tcp", addr)
		if err == nil {
			_ = conn.Close() // that it is there was all
		}
		return err == nil
	})
	return "ldap://" + addr
}

// TestCTIPSDirectory asks OpenLDAP who may open sessions.
func TestCTIPSDirectory(t *testing.T) {
	t.Parallel()
	cfg := directory.Config{
		URL: slapd(t), Bind: "uid=%s,ou=people,dc=example",
		Groups: []directory.Group{{DN: "cn=cti,ou=groups,dc=example", Rights: []ctips.Right{ctips.RightMonitor, ctips.RightCall}}},
	}
	found := cfg
	found.Base, found.Filter = "ou=people,dc=example", "(uid=%s)"
	for name, c := range map[string]directory.Config{"by DN": cfg, "by search": found} {
		d, err := directory.New(c)
		if err != nil {
			t.Fatal(err)
		}
		rights, err := d.Login(t.Context(), "anna", "Anna-1")
		if err != nil || !slices.Equal(rights, []ctips.Right{ctips.RightCall, ctips.RightMonitor}) {
			t.Errorf("%s: anna has %v, %v", name, rights, err)
		}
		for user, password := range map[string]string{"anna": "Anna-2", "carla": "Carla-1", "nobody": "x", "anna,ou=people": "Anna-1", "*": "Anna-1"} {
			if rights, err := d.Login(t.Context(), user, password); !fault.Is(err, fault.Denied) || len(rights) != 0 {
				t.Errorf("%s: %s has %v, %v", name, user, rights, err)
			}
		}
	}
}
