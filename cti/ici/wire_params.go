package ici

// Params are the decoded children of a request's wrapper element. Requests of
// the same shape share a type; [Request].Op tells them apart.
type Params interface{ record }

const (
	// MaxAttachedData is the longest attached data that is decoded at all, in
	// bytes; Config.CadMaxBytes is the limit of what is accepted.
	MaxAttachedData = 512 << 10

	maxURL = 2048
)

// ProductQuery asks for the product information (9.1.1).
type ProductQuery struct {
	ICIVersion string // of the CRM, such as "3.07"; may be empty
}

func (p *ProductQuery) fields(c codec) { c.text(field{name: "iciVersion"}, &p.ICIVersion) }

// UserRef names a user (9.1.2).
type UserRef struct{ UserID string }

func (p *UserRef) fields(c codec) { c.text(field{name: "userId", need: true}, &p.UserID) }

// UserQuery asks for a user's attributes (9.2.1). With CmsPing the answer
// holds cmsHostId only and the question has no side effect.
type UserQuery struct {
	UserID  string
	CmsPing bool
}

func (p *UserQuery) fields(c codec) {
	c.text(field{name: "userId", need: true}, &p.UserID)
	c.truth(field{name: "cmsPing"}, &p.CmsPing)
}

// WorkmodeChange sets a user's work mode (9.2.2). Workmode is the id of a
// work mode.
type WorkmodeChange struct {
	UserID   string
	Workmode string
}

func (p *WorkmodeChange) fields(c codec) {
	c.text(field{name: "userId", need: true}, &p.UserID)
	c.text(field{name: "workmode", need: true}, &p.Workmode)
}

// UserSubscription subscribes to a user's events (9.2.6).
type UserSubscription struct {
	AppURL string
	AppID  string
	UserID string
}

func (p *UserSubscription) fields(c codec) {
	appKey(c, &p.AppURL, &p.AppID)
	c.text(field{name: "userId", need: true}, &p.UserID)
}

// ContainerSubscription subscribes to a container's and its items' events
// (9.5.1). ContainerID is a phone line's number for channel type 1.
type ContainerSubscription struct {
	AppURL      string
	AppID       string
	ChannelType string
	ContainerID string
}

func (p *ContainerSubscription) fields(c codec) {
	appKey(c, &p.AppURL, &p.AppID)
	c.text(field{name: "channelType", need: true}, &p.ChannelType)
	c.text(field{name: "containerId", need: true, number: p.ChannelType == ChannelPhone}, &p.ContainerID)
}

// Unsubscription ends the subscriptions of a key in one interface (9.2.7, 9.5.2).
type Unsubscription struct {
	AppURL string
	AppID  string
}

func (p *Unsubscription) fields(c codec) { appKey(c, &p.AppURL, &p.AppID) }

func appKey(c codec, url, id *string) {
	c.text(field{name: "appUrl", need: true, max: maxURL}, url)
	c.text(field{name: "appId", need: true}, id)
}

// ItemRef names an item (9.4.2, 9.4.3, 9.4.7, 9.4.9).
type ItemRef struct{ ItemID string }

func (p *ItemRef) fields(c codec) { c.text(field{name: "itemId", need: true}, &p.ItemID) }

// ItemInContainer names an item and where it is (9.4.4, 9.4.5). ContainerID
// may be empty, the item's id is enough.
type ItemInContainer struct {
	ItemID      string
	ContainerID string
}

func (p *ItemInContainer) fields(c codec) {
	c.text(field{name: "itemId", need: true}, &p.ItemID)
	c.text(field{name: "containerId"}, &p.ContainerID)
}

// AttachedDataChange replaces an item's attached data (9.4.8). AttachedData
// is an XML document or empty.
type AttachedDataChange struct {
	ItemID       string
	AttachedData string
}

func (p *AttachedDataChange) fields(c codec) {
	c.text(field{name: "itemId", need: true}, &p.ItemID)
	c.text(field{name: "attachedData", max: MaxAttachedData}, &p.AttachedData)
}

// LineRef names a phone line by its number (9.6.1, 9.6.2).
type LineRef struct{ LineNumber string }

func (p *LineRef) fields(c codec) {
	c.text(field{name: "lineNumber", need: true, number: true}, &p.LineNumber)
}

// CallRef names a call on a line (9.7.1, 9.7.6 to 9.7.8).
type CallRef struct {
	LineNumber string
	CallHandle string
}

func (p *CallRef) fields(c codec) {
	c.text(field{name: "lineNumber", need: true, number: true}, &p.LineNumber)
	c.text(field{name: "callHandle", need: true}, &p.CallHandle)
}
