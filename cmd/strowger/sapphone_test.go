package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"strowger/cti/sapphone"
)

// describingSystem is a SAP system that describes the functions of the default
// metadata, with a parameter of its own in one, and without one function.
func describingSystem(t *testing.T) *httptest.Server {
	t.Helper()
	m, err := sapphone.LoadMetadata("")
	if err != nil {
		t.Fatal(err)
	}
	byName := map[string]*sapphone.Function{}
	for _, direction := range []string{"in", "out"} {
		for _, f := range m.Functions(direction) {
			byName[f.Name] = f
		}
	}
	own := *byName["SPS_MAKECALL"]
	own.Params = append(own.Params[:len(own.Params):len(own.Params)], sapphone.Param{Name: "ZZ_COLOUR", Dir: sapphone.Import, Type: sapphone.Char, Len: 7})
	byName["SPS_MAKECALL"] = &own
	delete(byName, "SPS_GENERIC")
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		f := byName[r.URL.Query().Get("services")]
		if r.URL.Path != "/sap/bc/soap/wsdl11" || user != "STROWGER" || password != "geheim" || r.URL.Query().Get("sap-client") != "506" {
			http.Error(w, "who are you?", http.StatusUnauthorized)
			return
		}
		if f == nil {
			http.Error(w, "no such function", http.StatusInternalServerError)
			return
		}
		doc, err := sapphone.WSDL([]*sapphone.Function{f}, "http://crm/sap/bc/soap/rfc")
		if err != nil {
			t.Error(err)
		}
		_, _ = w.Write(doc)
	}))
	t.Cleanup(srv.Close)
	return srv
}

// sapphoneRun runs a command line with the SAP user's password in the environment.
func sapphoneRun(t *testing.T, args ...string) (code int, out, errs string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	a := &app{stdout: &stdout, stderr: &stderr, env: []string{"STROWGER_SAP_PASSWORD=geheim"}}
	code = runApp(t.Context(), a, append([]string{"sapphone", "metadata"}, args...))
	return code, stdout.String(), stderr.String()
}

func TestMetadataImport(t *testing.T) {
	t.Parallel()
	sap := describingSystem(t)
	file := filepath.Join(t.TempDir(), "m.json")
	args := []string{"import", "--sap", sap.URL, "--sap-client", "506", "--user", "STROWGER", "--file", file}
	code, out, errs := sapphoneRun(t, args...)
	if code != exitFindings || !strings.Contains(out, "SPS_MAKECALL: without meaning here: ZZ_COLOUR") || !strings.Contains(out, "46 of 47 functions") {
		t.Fatalf("%d\n%s\n%s", code, out, errs)
	}
	if m, err := sapphone.LoadMetadata(file); err != nil || len(m.Functions("in")) != 44 {
		t.Errorf("the file: %v", err)
	}
	if code, _, errs := sapphoneRun(t, args...); code != exitFailure || !strings.Contains(errs, "--force") {
		t.Errorf("again: %d %s", code, errs)
	}
	code, out, errs = sapphoneRun(t, append(args, "--force", "--output", "json")...)
	var report metadataReport
	if err := json.Unmarshal([]byte(out), &report); err != nil || code != exitFindings || report.Found != 46 || report.File != file {
		t.Errorf("%d %v %s %s", code, err, out, errs)
	}
	if code, out, _ := sapphoneRun(t, "show", file); code != exitOK || !strings.Contains(out, "SPS_WAITFORCALL") {
		t.Errorf("show: %d %s", code, out)
	}
	if code, out, _ := sapphoneRun(t, "show", "--output", "json"); code != exitOK || !json.Valid([]byte(out)) {
		t.Errorf("show: %d %s", code, out)
	}
}

func TestMetadataImportFails(t *testing.T) {
	t.Parallel()
	sap := describingSystem(t)
	dir := t.TempDir()
	secret := filepath.Join(dir, "secret")
	if err := os.WriteFile(secret, []byte("wrong\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	other := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(other.Close)
	for name, c := range map[string]struct {
		args []string
		code int
		says string
	}{
		"no URL":        {nil, exitFailure, "sap"},
		"bad URL":       {[]string{"--sap", "crm"}, exitUsage, "http://host:port"},
		"wrong login":   {[]string{"--sap", sap.URL, "--sap-client", "506", "--user", "STROWGER", "--password-file", secret}, exitFailure, "Unauthorized"},
		"no file":       {[]string{"--sap", sap.URL, "--password-file", secret + "x"}, exitFailure, "no such file"},
		"nobody there":  {[]string{"--sap", "http://127.0.0.1:1"}, exitFailure, "cannot be reached"},
		"other service": {[]string{"--sap", other.URL}, exitFailure, "S_RFC"},
	} {
		code, _, errs := sapphoneRun(t, append([]string{"import", "--file", filepath.Join(dir, "m.json")}, c.args...)...)
		if code != c.code || !strings.Contains(errs, c.says) {
			t.Errorf("%s: %d %s", name, code, errs)
		}
	}
}
