package sapphone_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"strowger/cti/ctitest"
	"strowger/cti/sapphone"
	"strowger/switch/fault"
)

// like names parameters as another developer would have: other words, the
// conventions of ABAP, other lengths.
var like = map[string]string{
	"EXT": "EXTENSION", "RETURNCODE": "RETCODE", "HANDLE": "CALL_HANDLE", "CONN_HANDLE": "HANDLE_CONN", "HELD_HANDLE": "HOLD_HANDLE",
	"DIAL_NO": "PHONENUMBER", "DEST_NO": "DESTINATION", "WORKMODE": "E_WORK_MODE", "CALLING_NO": "CALLINGNUMBER", "CALLS": "ET_CALLSTATE", "LINE": "TDLINE",
	"PARTY": "TELNO", "STATE": "CALLSTATE",
}

// foreign is a SAP system's metadata.
func foreign() *sapphone.File {
	f := sapphone.DefaultFile()
	rename := func(p *sapphone.FileParam) {
		if name, ok := like[p.Name]; ok {
			p.Name = name
		}
		if p.ABAP == "CHAR" {
			p.Len += 2
		}
	}
	for i := range f.Functions {
		for j := range f.Functions[i].Params {
			p := &f.Functions[i].Params[j]
			if p.Name == "WORKMODE" && p.Dir == sapphone.Import {
				continue
			}
			rename(p)
		}
	}
	for _, fields := range f.Structures {
		for i := range fields {
			rename(&fields[i])
		}
	}
	f.Structures["SPH_CSTATE"] = append(f.Structures["SPH_CSTATE"], sapphone.FileParam{Name: "ZZ_COLOUR", ABAP: "CHAR", Len: 3})
	return f
}

// fetching reads descriptions of a server.
func fetching(base string) func(context.Context, string) ([]byte, error) {
	return func(ctx context.Context, function string) ([]byte, error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/sap/bc/soap/wsdl11?services="+url.QueryEscape(function), nil)
		if err != nil {
			return nil, err
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return nil, err
		}
		defer func() { _ = resp.Body.Close() }() // it was read to its end
		if resp.StatusCode != http.StatusOK {
			return nil, fault.New(fault.NotFound, "test", function, "the system does not have it")
		}
		return io.ReadAll(resp.Body)
	}
}

// TestImport reads the descriptions of a server that has other names, and
// serves with what came of it.
func TestImport(t *testing.T) {
	t.Parallel()
	sap := newRig(t, func(c *sapphone.Config) { c.Metadata = save(t, foreign()) })
	got, err := sapphone.ImportMetadata(t.Context(), fetching("http://"+sap.srv.Addr()))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range got.Functions {
		out := slices.Contains([]string{"SPS_GET_LINES_PER_SERVER", "SPS_NEW_CALL", "SPS_CALL_ENDED"}, f.Name)
		if f.Found == out || f.Found && (len(f.Missing) > 0 || len(f.Unmapped) > 0 && f.Name != "SPS_GETCALLSTATE") {
			t.Errorf("%+v", f)
		}
		if f.Name == "SPS_GETCALLSTATE" && (len(f.Unmapped) != 1 || f.Unmapped[0] != "ET_CALLSTATE.ZZ_COLOUR") {
			t.Errorf("%+v", f)
		}
	}
	r := newRig(t, func(c *sapphone.Config) { c.Metadata = save(t, got.File) })
	ask := func(function string, params ...string) reply {
		t.Helper()
		out, err := r.try(t.Context(), function, params...)
		if err != nil || out.fault != nil || out.values["RETCODE"] != "000" {
			t.Fatalf("%s: %v %v", function, out, err)
		}
		return out
	}
	ask("SPS_AGENTLOGIN", "EXTENSION="+anna)
	ask("SPS_SETWORKMODE", "EXTENSION="+anna, "WORKMODE=02")
	if m := ask("SPS_GETWORKMODE", "EXTENSION="+anna).values["E_WORK_MODE"]; m != "02" {
		t.Errorf("the work mode is %q", m)
	}
	r.sw.Arrive(ctitest.Queue, ctitest.Caller, "")
	rows := ask("SPS_GETCALLSTATE", "EXTENSION="+anna).tables["ET_CALLSTATE"]
	if len(rows) != 1 || rows[0]["CALLSTATE"] != "01" || rows[0]["TELNO"] != "+"+ctitest.Caller {
		t.Errorf("calls: %v", rows)
	}
	if again, err := sapphone.ImportMetadata(t.Context(), fetching("http://"+r.srv.Addr())); err != nil || text(t, again.File) != text(t, got.File) {
		t.Errorf("an import of the import differs: %v", err)
	}
}

func text(t *testing.T, f *sapphone.File) string {
	t.Helper()
	data, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// sapStyle is a description as SAP's own tools write it: types inline and by
// name, the answer's element with and without the dot.
const sapStyle = `<?xml version="1.0" encoding="utf-8"?>
<wsdl:definitions targetNamespace="urn:sap-com:document:sap:rfc:functions" xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:s0="urn:sap-com:document:sap:rfc:functions">
<wsdl:types><xsd:schema targetNamespace="urn:sap-com:document:sap:rfc:functions">
<xsd:complexType name="SPH_CSTATE"><xsd:sequence>
 <xsd:element name="HANDLE"><xsd:simpleType><xsd:restriction base="xsd:string"><xsd:maxLength value="32"/></xsd:restriction></xsd:simpleType></xsd:element>
 <xsd:element name="STATE"><xsd:simpleType><xsd:restriction base="xsd:string"><xsd:maxLength value="2"/><xsd:pattern value="\d*"/></xsd:restriction></xsd:simpleType></xsd:element>
</xsd:sequence></xsd:complexType>
<xsd:element name="SPS_GETCALLSTATE"><xsd:complexType><xsd:all>
 <xsd:element name="EXTENSION"><xsd:simpleType><xsd:restriction base="xsd:string"><xsd:maxLength value="24"/></xsd:restriction></xsd:simpleType></xsd:element>
 <xsd:element name="SINCE" minOccurs="0"><xsd:simpleType><xsd:restriction base="xsd:string"><xsd:pattern value="\d\d\d\d-\d\d-\d\d"/></xsd:restriction></xsd:simpleType></xsd:element>
 <xsd:element name="EXTCALLS" minOccurs="0"><xsd:complexType><xsd:sequence><xsd:element name="item" type="s0:SPH_CSTATE" minOccurs="0" maxOccurs="unbounded"/></xsd:sequence></xsd:complexType></xsd:element>
</xsd:all></xsd:complexType></xsd:element>
<xsd:element name="SPS_GETCALLSTATE.Response"><xsd:complexType><xsd:all>
 <xsd:element name="RC" type="xsd:int"/>
 <xsd:element name="EXTCALLS" minOccurs="0"><xsd:complexType><xsd:sequence><xsd:element name="item" type="s0:SPH_CSTATE" minOccurs="0" maxOccurs="unbounded"/></xsd:sequence></xsd:complexType></xsd:element>
</xsd:all></xsd:complexType></xsd:element>
</xsd:schema></wsdl:types></wsdl:definitions>`

func TestImportOfSAPsForm(t *testing.T) {
	t.Parallel()
	got, err := sapphone.ImportMetadata(t.Context(), func(_ context.Context, function string) ([]byte, error) {
		switch function {
		case "SPS_GETCALLSTATE":
			return []byte(sapStyle), nil
		case "SPS_HOLD":
			return []byte("<!DOCTYPE x><x/>"), nil
		case "SPS_UNHOLD":
			return []byte(strings.Replace(sapStyle, `"HANDLE"`, `"a b"`, 1)), nil
		}
		return nil, fault.New(fault.NotFound, "test", function, "it is not there")
	})
	if err != nil {
		t.Fatal(err)
	}
	byName := map[string]sapphone.ImportedFunction{}
	for _, f := range got.Functions {
		byName[f.Name] = f
	}
	if f := byName["SPS_GETCALLSTATE"]; !f.Found || !slices.Equal(f.Unmapped, []string{"SINCE"}) || f.Mapped != 5 {
		t.Errorf("%+v", f)
	}
	for _, name := range []string{"SPS_HOLD", "SPS_UNHOLD", "SPS_MAKECALL"} {
		if f := byName[name]; f.Found || f.Problem == "" {
			t.Errorf("%+v", f)
		}
	}
	want := []sapphone.FileParam{
		{Name: "EXTENSION", Dir: "I", ABAP: "CHAR", Len: 24, Sem: "ext"},
		{Name: "SINCE", Dir: "I", ABAP: "DATS", Len: 8, Optional: true},
		{Name: "EXTCALLS", Dir: "T", ABAP: "SPS_GETCALLSTATE.SPH_CSTATE", Optional: true, Sem: "calls"},
		{Name: "RC", Dir: "E", ABAP: "INT4", Len: 4, Sem: "rc"},
	}
	if p := got.File.Functions[0].Params; !slices.Equal(p, want) {
		t.Errorf("got %+v", p)
	}
	_, err = sapphone.ImportMetadata(t.Context(), func(context.Context, string) ([]byte, error) {
		return nil, fault.New(fault.Unavailable, "test", "", "no contact")
	})
	if !fault.Is(err, fault.Unavailable) {
		t.Errorf("a system that is not there: %v", err)
	}
}
