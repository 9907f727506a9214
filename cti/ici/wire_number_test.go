package ici

import (
	"strings"
	"testing"
)

// TestWritersSanitise proves that no illegal number leaves, whatever the
// caller put in.
func TestWritersSanitise(t *testing.T) {
	t.Parallel()
	call := sampleCall()
	call.LineNumber, call.DialedNumber, call.RemoteNumbers = "/1234", "sip:555@example.com", []string{"anonymous", "bob", ""}
	user := sampleUser()
	user.Addresses = []Address{{"PJSIP/129", "1"}, {"a/b@example.com", "2"}}
	got, err := EncodeEvent(&PhoneCallChanged{[]string{"a"}, call}, false)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"<lineNumber>+1234<", "<dialedNumber>+555<", "<item>+0</item><item>+0</item><item>+0</item>"} {
		if !strings.Contains(string(got), want) {
			t.Errorf("no %s in\n%s", want, got)
		}
	}
	got, err = EncodeEvent(&UserChanged{[]string{"a"}, user}, false)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"<address>+0</address><channel>1<", "<address>a/b@example.com</address><channel>2<"} {
		if !strings.Contains(string(got), want) {
			t.Errorf("no %s in\n%s", want, got)
		}
	}
}

func TestNumber(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"sip:555@example.com": "+555", "bob": "+0", "/1234": "+1234", "anonymous": "+0", "": "+0", "+49301000129": "+49301000129",
		"SIPS:+49 (30) 1000-129@h;x=1": "+49301000129", `"A" <sip:12@h>`: "+12", "tel:12;ext=3": "+12", "12+3": "+0", "*97": "+0",
		"١٢": "+0", "+": "+0", "sip:alice@1.2.3.4": "+0", strings.Repeat("1", 33): "+0", strings.Repeat("1", 32): "+" + strings.Repeat("1", 32),
	} {
		got := Number(in)
		if got != want {
			t.Errorf("Number(%q) = %q, want %q", in, got, want)
		}
		if Number(got) != got || CheckNumber(got) != nil {
			t.Errorf("Number(%q) = %q is not stable or not legal", in, got)
		}
	}
}

func FuzzNumber(f *testing.F) {
	for _, s := range []string{"sip:555@x", "bob", "/1234", "+1", "1;2", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n := Number(s)
		if err := CheckNumber(n); err != nil || Number(n) != n {
			t.Fatalf("Number(%q) = %q: %v", s, n, err)
		}
	})
}
