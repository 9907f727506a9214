package ici

// Parameters, answers and the event of IciMonitor. The reference names the
// operations (7.1) and describes none of them; what they hold is this product's
// proposal.

// maxDataForm is the longest form that is read, in bytes.
const maxDataForm = 4 << 20

// CatalogQuery asks which forms there are. Their texts are English, whatever
// the language.
type CatalogQuery struct{ Language string }

func (p *CatalogQuery) fields(c codec) { c.text(field{name: "language"}, &p.Language) }

// FormRef names a form.
type FormRef struct{ FormID string }

func (p *FormRef) fields(c codec) { c.text(field{name: "formId", need: true}, &p.FormID) }

// MonitorSubscription subscribes to a form: to the instances that are listed, or
// to all. Interval is in seconds, 0 stands for the shortest that is allowed.
type MonitorSubscription struct {
	AppURL      string
	AppID       string
	FormID      string
	InstanceIDs []string
	Interval    int
}

func (p *MonitorSubscription) fields(c codec) {
	appKey(c, &p.AppURL, &p.AppID)
	c.text(field{name: "formId", need: true}, &p.FormID)
	c.list(field{name: "instanceIds"}, "String", texts(&p.InstanceIDs))
	c.whole(field{name: "interval"}, &p.Interval)
}

// Instances answers getInstances.
type Instances struct{ List []TextElement }

func (i *Instances) reply(c codec, _ Style) {
	c.list(field{name: responseName}, "TextElement", textElements(&i.List))
}

// MonitorDataChanged tells the present figures of a form, as an XML document.
type MonitorDataChanged struct {
	AppIDs   []string
	DataForm string
}

// EventName returns "monitorDataChanged".
func (*MonitorDataChanged) EventName() string { return "monitorDataChanged" }

func (e *MonitorDataChanged) withAppIDs(ids []string) Event { c := *e; c.AppIDs = ids; return &c }

func (e *MonitorDataChanged) fields(c codec) {
	appIDs(c, &e.AppIDs)
	c.text(field{name: "dataForm", max: maxDataForm}, &e.DataForm)
}
