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
