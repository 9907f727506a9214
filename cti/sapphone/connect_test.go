package sapphone_test

import (
	"testing"

	"strowger/cti/sapphone"
	"strowger/switch/fault"
)

// The strings of the reference, chapters 4.3 and 8, are read as they stand.
func TestServerStrings(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct {
		program, address string
		conversations    int
	}{
		"-aBCM_VU1 -g1.2.3.4 -xSAPGW20":                                    {"BCM_VU1", ":3320", 0},
		"-aSAPphoneBCM -g1.2.3.4 -xsapgw76 REG_COUNT=20":                   {"SAPphoneBCM", ":3376", 20},
		"PROGRAM_ID=SAPphoneBCM GWHOST=uxciq0m GWSERV=sapgw76":             {"SAPphoneBCM", ":3376", 0},
		"program_id=X gwhost=h gwserv=3388 REG_COUNT=20 MAX_REG_COUNT=100": {"X", ":3388", 100},
		"-aX -gh -xsapgw00 LISTEN=127.0.0.1:3399":                          {"X", "127.0.0.1:3399", 0},
		" -aSAPphoneBCM   -guscq7d\t-xsapgw20 ":                            {"SAPphoneBCM", ":3320", 0},
	} {
		s, err := sapphone.ParseServer(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if a, err := s.Address(); err != nil || a != want.address || s.Program != want.program || s.Conversations() != want.conversations {
			t.Errorf("%q is read as %+v, %s, %v", text, s, a, err)
		}
	}
	for _, text := range []string{
		"", "-aX -gh", "-gh -xsapgw00", "-aX -gh -xsapgw7", "-aX -xsapgwAB", "-aX -x99999", "-aX -xsapgw00 -aY", "-aX -xsapgw00 -zfoo",
		"-aX -xsapgw00 REG_COUNT=0", "-aX -xsapgw00 REG_COUNT=many", "-aX -xsapgw00 REG_COUNT=30 MAX_REG_COUNT=20", "-aX -xsapgw00 COLOUR=red",
		"-aX -xsapgw00 LISTEN=nowhere", "-aX -xsapgw00 REG_COUNT=", "-a -xsapgw00", "-",
	} {
		if s, err := sapphone.ParseServer(text); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q is read as %+v, %v", text, s, err)
		}
	}
}

func TestClientStrings(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct {
		url  string
		pool int
	}{
		"CLIENT=506 USER=bcm1 PASSWD=bcm1 LANG=EN ASHOST=1.2.3.4 SYSNR=20":                   {"http://1.2.3.4:8020/sap/bc/soap/rfc?sap-client=506&sap-language=EN", 10},
		"CLIENT=506 USER=bcm1 PASSWD=bcm1 LANG=EN ASHOST=1.2.3.4 SYSNR=20 MAX_POOL_SIZE=100": {"http://1.2.3.4:8020/sap/bc/soap/rfc?sap-client=506&sap-language=EN", 100},
		"CLIENT=100 POOL_SIZE=3 SOAPURL=https://crm.example:44300":                           {"https://crm.example:44300/sap/bc/soap/rfc?sap-client=100", 3},
		"SOAPURL=http://crm.example/other?x=1":                                               {"http://crm.example/other?x=1", 10},
	} {
		c, err := sapphone.ParseClient(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if u, err := c.URL(); err != nil || u != want.url || c.Pool() != want.pool {
			t.Errorf("%q is read as %s, %d, %v", text, u, c.Pool(), err)
		}
	}
	for _, text := range []string{
		"", "CLIENT=1", "ASHOST=h", "ASHOST=h SYSNR=7", "ASHOST=h SYSNR=xx", "ASHOST=a/b SYSNR=00", "ASHOST=u@h SYSNR=00",
		"SOAPURL=ftp://h", "SOAPURL=http://u:p@h/", "ASHOST=h SYSNR=00 POOL_SIZE=0", "ASHOST=h SYSNR=00 MAX_POOL_SIZE=100000", "GWHOST=h",
	} {
		if c, err := sapphone.ParseClient(text); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q is read as %+v, %v", text, c, err)
		}
	}
}
