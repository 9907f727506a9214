package ici

// Reply is the content of a response's wrapper element.
type Reply interface{ reply(c codec, st Style) }

// responseName is the name of every reply's element (reference chapter 9).
const responseName = "response"

// Empty answers operations without result: <response/>.
type Empty struct{}

func (*Empty) reply(c codec, _ Style) {
	var none string
	c.text(field{name: responseName}, &none)
}

// Text answers with one string: getAttachedData, where no data is an empty
// string and not a fault (9.4.7).
type Text struct{ Value string }

func (t *Text) reply(c codec, _ Style) {
	c.text(field{name: responseName, max: MaxAttachedData}, &t.Value)
}

// Void answers with nothing at all, not even a response element (9.1.7.3).
type Void struct{}

func (*Void) reply(codec, Style) {}

// CallbackID answers createCallBack: the callback's id, or nil where the number
// is on the queue's list already (9.1.6.1).
type CallbackID struct{ ID string }

func (i *CallbackID) reply(c codec, _ Style) {
	c.text(field{name: responseName, null: true}, &i.ID)
}

// CallBacks answers getCallBacks.
type CallBacks struct{ List []CallBack }

func (l *CallBacks) reply(c codec, _ Style) {
	c.list(field{name: responseName}, "CallBack", slice[CallBack]{&l.List, func(c codec, f field, item *CallBack) {
		c.record(f, "CallBack", item)
	}})
}

// PhoneCalls answers getCalls.
type PhoneCalls struct{ Calls []PhoneCall }

func (p *PhoneCalls) reply(c codec, _ Style) {
	c.list(field{name: responseName}, "PhoneCall", phoneCalls(&p.Calls))
}

func (p *PhoneCall) reply(c codec, _ Style) { c.record(field{name: responseName}, "PhoneCall", p) }

func (p *ProductInformation) reply(c codec, _ Style) {
	c.record(field{name: responseName}, "ProductInformation", p)
}

func (w *WorkcenterCapability) reply(c codec, _ Style) {
	c.record(field{name: responseName}, "WorkcenterCapability", w)
}

// reply writes cmsHostId as last child of the response and, with
// CmsHostIDOutside, after it too: the reference's text and sample disagree.
func (u *User) reply(c codec, st Style) {
	c.record(field{name: responseName}, "User", u)
	if st.CmsHostIDOutside {
		c.text(field{name: cmsHostID, omit: true}, &u.CmsHostID)
	}
}

const cmsHostID = "cmsHostId"

// CmsPong answers getAttributes with cmsPing: nothing but the host id.
type CmsPong struct{ CmsHostID string }

func (p *CmsPong) fields(c codec) { c.text(field{name: cmsHostID}, &p.CmsHostID) }

func (p *CmsPong) reply(c codec, st Style) {
	c.record(field{name: responseName}, "User", p)
	if st.CmsHostIDOutside {
		c.text(field{name: cmsHostID, omit: true}, &p.CmsHostID)
	}
}
