package ici

// TextElement is an id with a text for people (reference 10.1).
type TextElement struct {
	ID          string
	Description string
}

func (t *TextElement) fields(c codec) {
	c.text(field{name: "id"}, &t.ID)
	c.text(field{name: "description"}, &t.Description)
}

func textElements(v *[]TextElement) items {
	return slice[TextElement]{v, func(c codec, f field, item *TextElement) { c.record(f, "TextElement", item) }}
}

// Address is a channel-specific address of a user (reference 10.9). Channel 1
// is the telephone; Address is a number there.
type Address struct {
	Address string
	Channel string
}

func (a *Address) fields(c codec) {
	// The channel decides how the address is written, but comes after it.
	if _, writing := c.(writer); writing && a.Channel == ChannelPhone {
		number := Number(a.Address)
		c.text(field{name: "address"}, &number)
	} else {
		c.text(field{name: "address"}, &a.Address)
	}
	c.text(field{name: "channel"}, &a.Channel)
}

// ProductInformation describes this product to the CRM (reference 10.2).
type ProductInformation struct {
	ProductName    string
	MessageGroups  []string
	ProductVersion string
	ICIVersion     string
}

func (p *ProductInformation) fields(c codec) {
	c.text(field{name: "productName"}, &p.ProductName)
	c.list(field{name: "iciMessageGroups"}, "String", texts(&p.MessageGroups))
	c.text(field{name: "productVersion"}, &p.ProductVersion)
	c.text(field{name: "iciVersion"}, &p.ICIVersion)
}

// WorkcenterCapability tells whether free seating is supported (reference
// 9.1.2). Types is "0" when it is not.
type WorkcenterCapability struct {
	Types          string
	WorkcenterList bool
	Filter         bool
}

func (w *WorkcenterCapability) fields(c codec) {
	c.text(field{name: "types"}, &w.Types)
	c.truth(field{name: "workcenterList"}, &w.WorkcenterList)
	c.truth(field{name: "filter"}, &w.Filter)
}

// User is everything that ICI knows about an agent (reference 10.10).
type User struct {
	UserID          string
	CurrentWorkmode TextElement
	Workmodes       []TextElement
	WrapUpMode      int // 1 automatic, 2 requested
	CurrentChannels []TextElement
	Channels        []TextElement
	CurrentQueues   []TextElement // id is the queue's number, not its name
	Queues          []TextElement
	Addresses       []Address
	CmsHostID       string // identifies this switch
}

func (u *User) fields(c codec) {
	c.text(field{name: "userId"}, &u.UserID)
	c.record(field{name: "currentWorkmode"}, "TextElement", &u.CurrentWorkmode)
	c.list(field{name: "workmodes"}, "TextElement", textElements(&u.Workmodes))
	c.whole(field{name: "wrapUpMode"}, &u.WrapUpMode)
	c.list(field{name: "currentChannels"}, "TextElement", textElements(&u.CurrentChannels))
	c.list(field{name: "channels"}, "TextElement", textElements(&u.Channels))
	c.list(field{name: "currentQueues"}, "TextElement", textElements(&u.CurrentQueues))
	c.list(field{name: "queues"}, "TextElement", textElements(&u.Queues))
	c.list(field{name: "addresses"}, "Address", slice[Address]{&u.Addresses, func(c codec, f field, item *Address) {
		c.record(f, "Address", item)
	}})
	c.text(field{name: "cmsHostId"}, &u.CmsHostID)
}

// PhoneCall is one party's part in a call as ICI sees it (reference 10.12).
// CallHandle is also the itemId, 32 hexadecimal digits.
type PhoneCall struct {
	LineNumber       string
	CallHandle       string
	ProcessingStatus TextElement
	RemoteNumbers    []string
	DialedNumber     string
	CallStatus       TextElement
	CapabilityList   []int
	Inbound          bool
	Internal         bool
	AttachedData     string // an XML document; carried as escaped text
	TrunkID          string
}

func (p *PhoneCall) fields(c codec) {
	c.text(field{name: "lineNumber", number: true}, &p.LineNumber)
	c.text(field{name: "callHandle"}, &p.CallHandle)
	c.record(field{name: "processingStatus"}, "TextElement", &p.ProcessingStatus)
	c.list(field{name: "remoteNumbers", number: true}, "String", texts(&p.RemoteNumbers))
	// The reference spells it three ways; its schema says dialedNumber.
	c.text(field{name: "dialedNumber", aliases: []string{"dialledNumber", "dialNumber"}, number: true}, &p.DialedNumber)
	c.record(field{name: "callStatus"}, "TextElement", &p.CallStatus)
	c.list(field{name: "capabilityList"}, "Int", wholes(&p.CapabilityList))
	c.truth(field{name: "inbound"}, &p.Inbound)
	c.truth(field{name: "internal"}, &p.Internal)
	c.text(field{name: "attachedData", max: MaxAttachedData}, &p.AttachedData)
	c.text(field{name: "trunkId"}, &p.TrunkID)
}

func phoneCalls(v *[]PhoneCall) items {
	return slice[PhoneCall]{v, func(c codec, f field, item *PhoneCall) { c.record(f, "PhoneCall", item) }}
}
