package sapphone_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"strowger/cti/ctitest"
	"strowger/cti/sapphone"
	"strowger/switch/fault"
)

// renamed is the default metadata with every name changed: functions,
// parameters, tables, fields, structures, return codes and constants, and
// other types and lengths.
func renamed(t *testing.T) *sapphone.File {
	t.Helper()
	f := sapphone.DefaultFile()
	for i := range f.Functions {
		fn := &f.Functions[i]
		fn.Sem = fn.Name
		fn.Name, fn.Aliases = "Z_"+strings.TrimPrefix(fn.Name, "SPS_"), nil
		for j := range fn.Params {
			p := &fn.Params[j]
			p.Name = "P_" + p.Name
			if _, structured := f.Structures[p.ABAP]; structured {
				p.ABAP = "Z" + p.ABAP
			}
			if p.Sem == "handle" && p.ABAP == "CHAR" {
				p.Len = 40
			}
		}
	}
	structures := map[string][]sapphone.FileParam{}
	for name, fields := range f.Structures {
		var out []sapphone.FileParam
		for _, c := range fields {
			c.Name = "F_" + c.Name
			out = append(out, c)
		}
		// A field that means nothing to us stays initial.
		out = append(out, sapphone.FileParam{Name: "MORE", ABAP: "CHAR", Len: 3})
		structures["Z"+name] = out
	}
	f.Structures = structures
	f.ReturnCodes["handle_invalid"], f.ReturnCodes["ok"] = "107", "001"
	f.Constants["workmode"]["ready"], f.Constants["state"]["alerting"] = "77", "71"
	return f
}

func save(t *testing.T, f *sapphone.File) string {
	t.Helper()
	data, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "metadata.json")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestRenamedMetadata runs a call with metadata in which nothing is called as
// in the default, without a change of code.
func TestRenamedMetadata(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(c *sapphone.Config) { c.Metadata = save(t, renamed(t)) })
	ask := func(want, function string, params ...string) reply {
		t.Helper()
		out, err := r.try(t.Context(), function, params...)
		if err != nil || out.fault != nil || out.values["P_RETURNCODE"] != want {
			t.Fatalf("%s: %v %v, want %s", function, out, err, want)
		}
		return out
	}
	ask("001", "Z_AGENTLOGIN", "P_EXT="+anna)
	ask("001", "Z_SETWORKMODE", "P_EXT="+anna, "P_WORKMODE=77")
	if m := ask("001", "Z_GETWORKMODE", "P_EXT="+anna).values["P_WORKMODE"]; m != "77" {
		t.Errorf("ready is %s", m)
	}
	r.sw.Arrive(ctitest.Queue, ctitest.Caller, "")
	rows := ask("001", "Z_GETCALLSTATE", "P_EXT="+anna).tables["P_CALLS"]
	if len(rows) != 1 || rows[0]["F_STATE"] != "71" || rows[0]["F_PARTY"] != "+"+ctitest.Caller || len(rows[0]["F_HANDLE"]) != 32 {
		t.Fatalf("calls: %v", rows)
	}
	if _, there := rows[0]["MORE"]; !there {
		t.Error("a field without meaning is not sent")
	}
	ask("107", "Z_HOLD", "P_HANDLE=1")
	if w := ask("001", "Z_WAITFORCALL", "P_EXT="+anna); w.values["P_HANDLE"] != rows[0]["F_HANDLE"] || len(w.tables["P_CALLDATA"]) == 0 || w.tables["P_CALLDATA"][0]["F_LINE"] == "" {
		t.Errorf("a wait: %v", w)
	}
	old, err := r.try(t.Context(), "SPS_HOLD", "HANDLE=1")
	if err != nil || old.fault == nil || old.fault.Text != "FU_NOT_FOUND" {
		t.Errorf("the old name: %v %v", old, err)
	}
}

// Values may be in structures instead of parameters of their own.
func TestStructuredMetadata(t *testing.T) {
	t.Parallel()
	file := &sapphone.File{
		Functions: []sapphone.FileFunction{{
			Name: "SPS_GETWORKMODE", Direction: "in", Supported: true, Params: []sapphone.FileParam{
				{Name: "LINE", Dir: sapphone.Import, ABAP: "TELNO"},
				{Name: "RESULT", Dir: sapphone.Export, ABAP: "RESULT"},
			},
		}},
		Structures: map[string][]sapphone.FileParam{
			"TELNO":  {{Name: "NUMBER", ABAP: "CHAR", Len: 30, Sem: "ext"}, {Name: "DESCR", ABAP: "CHAR", Len: 80}},
			"RESULT": {{Name: "RC", ABAP: "NUMC", Len: 3, Sem: "rc"}, {Name: "MODE", ABAP: "NUMC", Len: 2, Sem: "workmode"}},
		},
	}
	r := newRig(t, func(c *sapphone.Config) { c.Metadata = save(t, file) })
	body := strings.Replace(envelope("SPS_GETWORKMODE", "LINE=x"), "<LINE>x</LINE>", "<LINE><NUMBER>"+anna+"</NUMBER></LINE>", 1)
	status, answer, err := r.send(t.Context(), body)
	if err != nil || status != 200 || !strings.Contains(string(answer), "<RESULT><RC>000</RC><MODE>01</MODE></RESULT>") {
		t.Errorf("%d %s %v", status, answer, err)
	}
	r.must("SPS_AGENTLOGIN", "EXT="+anna) // what the file does not have is as before
}

func TestMetadataIsChecked(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"no JSON":            `{`,
		"more than one":      `{} {}`,
		"unknown key":        `{"function":[]}`,
		"unknown function":   `{"functions":[{"name":"Z_NEW","direction":"in","params":[]}]}`,
		"bad name":           `{"functions":[{"name":"a b","sem":"SPS_HOLD","direction":"in","params":[]}]}`,
		"bad direction":      `{"functions":[{"name":"SPS_HOLD","direction":"up","params":[]}]}`,
		"unknown meaning":    `{"functions":[{"name":"SPS_HOLD","direction":"in","params":[{"name":"A","dir":"I","abap":"CHAR","len":1,"sem":"colour"}]}]}`,
		"meaning twice":      `{"functions":[{"name":"SPS_HOLD","direction":"in","params":[{"name":"A","dir":"I","abap":"CHAR","len":1,"sem":"ext"},{"name":"B","dir":"I","abap":"CHAR","len":1,"sem":"ext"}]}]}`,
		"parameter twice":    `{"functions":[{"name":"SPS_HOLD","direction":"in","params":[{"name":"A","dir":"I","abap":"CHAR","len":1},{"name":"A","dir":"I","abap":"CHAR","len":1}]}]}`,
		"bad type":           `{"functions":[{"name":"SPS_HOLD","direction":"in","params":[{"name":"A","dir":"I","abap":"FLTP"}]}]}`,
		"bad length":         `{"functions":[{"name":"SPS_HOLD","direction":"in","params":[{"name":"A","dir":"I","abap":"CHAR","len":70000}]}]}`,
		"table of no lines":  `{"functions":[{"name":"SPS_HOLD","direction":"in","params":[{"name":"A","dir":"T","abap":"CHAR","len":5}]}]}`,
		"empty structure":    `{"structures":{"S":[]},"functions":[{"name":"SPS_HOLD","direction":"in","params":[{"name":"A","dir":"T","abap":"S"}]}]}`,
		"nested structure":   `{"structures":{"S":[{"name":"A","abap":"S"}]},"functions":[{"name":"SPS_HOLD","direction":"in","params":[{"name":"A","dir":"T","abap":"S"}]}]}`,
		"name used twice":    `{"functions":[{"name":"SPS_HOLD","aliases":["SPS_UNHOLD"],"direction":"in","params":[]}]}`,
		"unknown code":       `{"returnCodes":{"maybe":"555"}}`,
		"code of two digits": `{"returnCodes":{"ok":"00"}}`,
		"unknown constant":   `{"constants":{"workmode":{"asleep":"09"}}}`,
		"constants alike":    `{"constants":{"workmode":{"ready":"01"}}}`,
	} {
		if _, err := sapphone.ParseMetadata([]byte(text)); !fault.Is(err, fault.Invalid) || fault.ReasonOf(err) == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := sapphone.LoadMetadata(filepath.Join(t.TempDir(), "none")); !fault.Is(err, fault.Invalid) {
		t.Errorf("no file: %v", err)
	}
}
