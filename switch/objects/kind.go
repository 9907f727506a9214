package objects

import (
	"embed"
	"reflect"
	"slices"
	"strings"
	"sync"

	"strowger/switch/fault"
	"strowger/switch/objects/schema"
)

// Kind is a kind of object. The words are kept in databases: never changed.
type Kind string

// The kinds, in the order of a file.
const (
	KindNumbering    Kind = "numbering"
	KindTrunk        Kind = "trunk"
	KindTrunkGroup   Kind = "trunk-group"
	KindRoute        Kind = "route"
	KindDialRule     Kind = "dial-rule"
	KindCalendar     Kind = "calendar"
	KindSkill        Kind = "skill"
	KindReason       Kind = "reason"
	KindDisposition  Kind = "disposition"
	KindStation      Kind = "station"
	KindQueue        Kind = "queue"
	KindAgent        Kind = "agent"
	KindDecision     Kind = "decision"
	KindIVR          Kind = "ivr"
	KindDNISSettings Kind = "dnis-settings"
	KindDNIS         Kind = "dnis"
	KindParking      Kind = "parking"
	KindCampaign     Kind = "campaign"
)

// SingleID is the id of the only object of a kind such as numbering.
const SingleID = "default"

// MaxFile bounds a file of objects, in bytes; what is in force must fit into one.
const MaxFile = 4 << 20

// sections are the keys of the kinds in a file. Never changed.
var sections = map[Kind]string{
	KindNumbering: "numbering", KindTrunk: "trunks", KindTrunkGroup: "trunk_groups", KindRoute: "routes", KindDialRule: "dial_rules", KindCalendar: "calendars",
	KindSkill: "skills", KindReason: "reasons", KindDisposition: "dispositions", KindStation: "stations", KindQueue: "queues",
	KindAgent: "agents", KindDecision: "decisions", KindIVR: "ivrs", KindDNISSettings: "dnis_settings", KindDNIS: "dnis", KindParking: "parking",
	KindCampaign: "campaigns",
}

// Kinds lists every kind in the order of a file.
func Kinds() []Kind {
	return []Kind{
		KindNumbering, KindTrunk, KindTrunkGroup, KindRoute, KindDialRule, KindCalendar, KindSkill, KindReason, KindDisposition, KindStation,
		KindQueue, KindAgent, KindDecision, KindIVR, KindDNISSettings, KindDNIS, KindParking, KindCampaign,
	}
}

// Section is the key below which the kind stands in a file.
func (k Kind) Section() string { return sections[k] }

// Single reports whether there is one object of the kind, which has no id.
func (k Kind) Single() bool {
	return k == KindNumbering || k == KindDNISSettings || k == KindParking
}

// ParseKind reads a kind as people write it: in the singular or plural, with
// hyphens or underscores; hours are calendars. The error is NotFound, with the
// nearest kind.
func ParseKind(word string) (Kind, error) {
	want := strings.ReplaceAll(strings.ToLower(word), "_", "-")
	if want == "hours" {
		return KindCalendar, nil
	}
	var names []string
	for _, k := range Kinds() {
		plural := strings.ReplaceAll(k.Section(), "_", "-")
		if want == string(k) || want == plural {
			return k, nil
		}
		names = append(names, plural)
	}
	reason := "the kinds are " + strings.Join(names, ", ")
	if best := schema.Nearest(want, names); best != "" {
		reason = "did you mean " + best + "?"
	}
	return "", fault.New(fault.NotFound, "objects: kind", schema.Printable(word), "there is no such kind of object; "+reason)
}

func kindOf(section string) Kind {
	for k, s := range sections {
		if s == section {
			return k
		}
	}
	return ""
}

//go:embed file.go file_queue.go file_ivr.go file_record.go file_campaign.go
var sources embed.FS

// fileSource is the source of the structs, as one text.
func fileSource() string {
	text := "package objects\n"
	for _, name := range []string{"file.go", "file_queue.go", "file_ivr.go", "file_record.go", "file_campaign.go"} {
		b, err := sources.ReadFile(name)
		if err != nil {
			panic("objects: " + err.Error()) // embedded: any test shows it
		}
		_, rest, _ := strings.Cut(string(b), "import \"time\"\n")
		text += rest
	}
	return text
}

// form is the form of the file. It is built once and never changed.
var form = sync.OnceValue(func() *schema.Spec {
	return schema.New(schema.Options{
		Title: "objects.yaml", Root: reflect.TypeFor[file](), Source: fileSource(),
		Help: "`strowger config explain` lists all keys",
	})
})

// Keys lists every key of a file of objects.
func Keys() []schema.Key { return form().Keys() }

// JSONSchema returns the JSON Schema (draft 2020-12) of a file of objects.
func JSONSchema() []byte { return form().JSONSchema() }

// Problem is one finding about a file; Problems is every finding, the cause of
// an Invalid error.
type (
	Problem  = schema.Problem
	Problems = schema.Problems
)

// limit is how many objects of a kind there may be.
func (k Kind) limit() int {
	switch k {
	case KindAgent, KindStation, KindDNIS:
		return 5000
	case KindNumbering, KindDNISSettings, KindParking:
		return 1
	case KindTrunk, KindTrunkGroup, KindRoute, KindDialRule, KindCalendar, KindSkill, KindReason, KindDisposition, KindQueue, KindDecision, KindIVR, KindCampaign:
	}
	return 1000
}

func has(list []string, s string) bool { return slices.Contains(list, s) }
