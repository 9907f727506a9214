package main

import (
	"flag"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite testdata/golden")

func testQuirks() quirks {
	return quirks{
		stringCodes:       []string{"gadgets.addPartWithId/409"},
		extraKeys:         []string{"gadgets.addPartWithId.offset_ms/descriptioni"},
		pathNotRequired:   []string{"gadgets.addPartWithId.part"},
		noMultiple:        []string{"gadgets.addPartWithId.offset_ms"},
		optionalByDefault: []string{"Gadget.extras"},
		bodies:            map[string]body{"gadgets.addPartWithId.variables": {Type: "Vars", Wrap: true}},
		objects:           map[string]string{"Gadget.extras": "Vars"},
		names:             map[string]string{"gadgets.rpart": "RemovePart"},
		byHand:            []string{"events.watch"},
		notEvents:         []string{"Place"},
	}
}

func TestGolden(t *testing.T) {
	s, stale, err := load(os.DirFS("testdata/api"), testQuirks())
	if err != nil {
		t.Fatal(err)
	}
	if len(stale) > 0 {
		t.Errorf("stale quirks: %v", stale)
	}
	files, err := emit(s)
	if err != nil {
		t.Fatal(err)
	}
	want, err := filepath.Glob("testdata/golden/*.golden")
	if err != nil {
		t.Fatal(err)
	}
	if len(want) != len(files) && !*update {
		t.Errorf("%d files generated, %d goldens", len(files), len(want))
	}
	for name, text := range files {
		path := filepath.Join("testdata/golden", name+".golden")
		if *update {
			if err := os.WriteFile(path, text, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		golden, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(string(golden), string(text)); d != "" {
			t.Errorf("%s (-golden +generated):\n%s", name, d)
		}
		if strings.Contains(string(text), "prose") {
			t.Errorf("%s carries the description's prose", name)
		}
	}
}

// TestUnlistedFails changes one thing of the small description at a time, or
// takes one line out of the table: each must stop the generator and say where.
func TestUnlistedFails(t *testing.T) {
	const gadgets, events = "gadgets.json", "events.json"
	cases := []struct {
		name, file, old, new string
		quirk                func(*quirks)
		want                 string
	}{
		{name: "top key", file: gadgets, old: `"apiVersion"`, new: `"surprise"`, want: `unknown key "surprise"`},
		{name: "swagger version", file: gadgets, old: `"1.1"`, new: `"2.0"`, want: `swaggerVersion "2.0" is unknown`},
		{name: "operation key", file: gadgets, old: `"notes"`, new: `"consumes"`, want: `gadgets.addPartWithId: unknown key "consumes"`},
		{name: "method", file: gadgets, old: `"DELETE"`, new: `"PATCH"`, want: `gadgets.rpart: method "PATCH" is unknown`},
		{name: "since", file: gadgets, old: `"2.0.1"`, new: `"soon"`, want: `since "soon" is not a version`},
		{name: "since shape", file: gadgets, old: `["1.2.0", "2.0.1"]`, new: `"1.2.0"`, want: `key "since" has an unexpected shape`},
		{name: "response class", file: gadgets, old: `"List[Gadget]"`, new: `"Map[Gadget]"`, want: `responseClass "Map[Gadget]" is unknown`},
		{name: "query type", file: gadgets, old: `"boolean", "defaultValue"`, new: `"float", "defaultValue"`, want: `gadgets.rpart.how: query parameter of unknown type "float"`},
		{name: "param type", file: gadgets, old: `"paramType": "body"`, new: `"paramType": "header"`, want: `paramType "header" is unknown`},
		{name: "path mismatch", file: gadgets, old: `/parts/{part}`, new: `/parts/{piece}`, want: `names {piece}`},
		{name: "path not used", file: gadgets, old: `/parts/{part}`, new: `/parts`, want: `path parameter "part" is not in the path`},
		{name: "value type", file: gadgets, old: `"RANGE"`, new: `"REGEX"`, want: `allowableValues of unknown type "REGEX"`},
		{name: "error code", file: gadgets, old: `"code": 404`, new: `"code": true`, want: `error code true has an unknown type`},
		{name: "property type", file: gadgets, old: `"type": "Date"`, new: `"type": "Duration"`, want: `Gadget.made: property of unknown type "Duration"`},
		{name: "property key", file: gadgets, old: `"type": "Date"`, new: `"nullable": true, "type": "Date"`, want: `Gadget.made: unknown key "nullable"`},
		{name: "model id", file: gadgets, old: `"id": "Gadget"`, new: `"id": "Gizmo"`, want: `model Gadget calls itself Gizmo`},
		{name: "new header member", file: events, old: `"asterisk_id": {`, new: `"node": {"type": "string", "required": false}, "asterisk_id": {`, want: `hand-written event header`},
		{name: "sub type without model", file: events, old: `"Idle"]`, new: `"Idle", "Ghost"]`, want: `subType Ghost has no model`},
		{name: "sub types elsewhere", file: events, old: `"id": "Place",`, new: `"id": "Place", "subTypes": ["Idle"],`, want: `model Place has subTypes`},
		{name: "model twice", file: events, old: `"Place": {"id": "Place"`, new: `"Gadget": {"id": "Gadget"`, want: `defined twice`},
		{name: "name clash", file: gadgets, old: `"nickname": "list"`, new: `"nickname": "removePart"`, want: `rename one in quirks.go`},

		{name: "string code", quirk: func(q *quirks) { q.stringCodes = nil }, want: `error code "409" is a string`},
		{name: "extra key", quirk: func(q *quirks) { q.extraKeys = nil }, want: `unknown key "descriptioni"`},
		{name: "path not required", quirk: func(q *quirks) { q.pathNotRequired = nil }, want: `gadgets.addPartWithId.part: path parameter without "required"`},
		{name: "no multiple", quirk: func(q *quirks) { q.noMultiple = nil }, want: `without "allowMultiple"`},
		{name: "optional", quirk: func(q *quirks) { q.optionalByDefault = nil }, want: `Gadget.extras: property without "required"`},
		{name: "body", quirk: func(q *quirks) { q.bodies = nil }, want: `not in the bodies table`},
		{name: "object", quirk: func(q *quirks) { q.objects = nil }, want: `not in the objects table`},
		{name: "by hand", quirk: func(q *quirks) { q.byHand = nil }, want: `responseClass "Message" is unknown`},
		{name: "not an event", quirk: func(q *quirks) { q.notEvents = nil }, want: `model Place is no event`},
		{name: "empty model", file: events, old: `{"rest_uri": {"type": "string", "required": true}}`, new: `{}`, want: `not listed in emptyModels`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			files := readAPI(t)
			if c.file != "" {
				text := string(files[c.file].Data)
				if !strings.Contains(text, c.old) {
					t.Fatalf("%s has no %s", c.file, c.old)
				}
				files[c.file].Data = []byte(strings.Replace(text, c.old, c.new, 1))
			}
			q := testQuirks()
			if c.quirk != nil {
				c.quirk(&q)
			}
			_, _, err := load(files, q)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
		})
	}
}

func readAPI(t *testing.T) fstest.MapFS {
	t.Helper()
	out := fstest.MapFS{}
	root := os.DirFS("testdata/api")
	names, err := fs.Glob(root, "*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		b, err := fs.ReadFile(root, name)
		if err != nil {
			t.Fatal(err)
		}
		out[name] = &fstest.MapFile{Data: b}
	}
	return out
}

func TestStaleQuirkIsReported(t *testing.T) {
	q := testQuirks()
	q.extraKeys = append(q.extraKeys, "gadgets.list.gone/x")
	_, stale, err := load(os.DirFS("testdata/api"), q)
	if err != nil || !slices.Equal(stale, []string{"extraKeys gadgets.list.gone/x"}) {
		t.Errorf("stale %v, error %v", stale, err)
	}
}

func TestNoFiles(t *testing.T) {
	if _, _, err := load(fstest.MapFS{}, testQuirks()); err == nil || !strings.Contains(err.Error(), "rest-api") {
		t.Errorf("error %v", err)
	}
}

func TestRunArguments(t *testing.T) {
	for _, args := range [][]string{nil, {"-api", "x"}, {"-api", "x", "-out", "y", "more"}, {"-bogus"}} {
		if err := run(args, io.Discard); err == nil {
			t.Errorf("run(%v) succeeded", args)
		}
	}
}

func TestWriteAndCompare(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "old_gen.go"), []byte("package x\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{"a_gen.go": []byte("package x\n")}
	if err := compare(dir, files); err == nil || !strings.Contains(err.Error(), "a_gen.go, old_gen.go (no longer generated)") {
		t.Errorf("compare before: %v", err)
	}
	if err := write(dir, files); err != nil {
		t.Fatal(err)
	}
	if err := compare(dir, files); err != nil {
		t.Errorf("compare after: %v", err)
	}
	files["a_gen.go"] = []byte("package y\n")
	if err := compare(dir, files); err == nil {
		t.Error("compare does not see a changed file")
	}
}

func TestNames(t *testing.T) {
	for in, want := range map[string]string{
		"originateWithId": "OriginateWithID", "transfer_progress": "TransferProgress", "sendDTMF": "SendDTMF",
		"RESTRequest": "RESTRequest", "channel_ids": "ChannelIDs", "media_uri": "MediaURI", "callerId": "CallerID",
		"absorbDTMF": "AbsorbDTMF", "deviceStates": "DeviceStates", "local_ssrc": "LocalSSRC",
	} {
		if got := goName(in); got != want {
			t.Errorf("goName(%q) = %q, want %q", in, got, want)
		}
	}
	if got := lowerFirst("ChannelID"); got != "channelID" {
		t.Errorf("lowerFirst: %q", got)
	}
}
