package ici

import "strings"

// Op is an operation that is offered.
type Op uint8

// The offered operations, one per line of the contract.
const (
	OpExchangeProductInformation Op = iota + 1
	OpGetWorkcenterCapability
	OpGetCallRecordings
	OpCreateCallBack
	OpUpdateCallBack
	OpGetCallBacks
	OpUserGetAttributes
	OpSetCurrentWorkmode
	OpUserSubscribe
	OpUserUnsubscribe
	OpContainerSubscribe
	OpContainerUnsubscribe
	OpAccept
	OpReroute
	OpWrapUpRequired
	OpWrapUpEnded
	OpGetAttachedData
	OpSetAttachedData
	OpDeleteAttachedData
	OpCreate
	OpForward
	OpGetCalls
	OpDropCalls
	OpCallGetAttributes
	OpDrop
	OpHold
	OpUnhold
	OpDial
	OpConsult
	OpTransfer
	OpReconnect
	OpAlternate
	OpConference
	OpDropParty
	OpSendDTMF

	OpGetMessages
	OpMessageGetAttributes
	OpGetContent
	OpSetContent
	OpDeleteMessage
	OpSendMessage
	OpSetActionFlags
	OpEndMessage
	OpGetSessions
	OpChatGetAttributes
	OpInvite
	OpLeave
	OpGetDialog
	OpPostMessage
	OpRoute

	OpGetPresenceQueueInfo
	OpGetUserPresence
	OpSetCurrentChannels
	OpSetCurrentQueues
	OpSetAddresses

	OpGetCatalog
	OpGetInstances
	OpMonitorSubscribe
	OpMonitorUnsubscribe
)

// operation is one line of the contract.
type operation struct {
	service Service
	name    string
	aliases []string
	params  func() Params
	answer  func() Reply
}

func params[T any, P interface {
	*T
	Params
}]() Params {
	return P(new(T))
}

func answer[T any, P interface {
	*T
	Reply
}]() Reply {
	return P(new(T))
}

// contract is the one table of what is offered. It drives dispatch, decoding,
// encoding and the WSDL.
var contract = [...]operation{
	OpExchangeProductInformation: {ServiceSystem, "exchangeProductInformation", nil, params[ProductQuery], answer[ProductInformation]},
	OpGetWorkcenterCapability:    {ServiceSystem, "getWorkcenterCapability", nil, params[UserRef], answer[WorkcenterCapability]},
	OpGetCallRecordings:          {ServiceSystem, "getCallRecordings", nil, params[CallRecordingQuery], answer[CallRecordings]},
	OpCreateCallBack:             {ServiceSystem, "createCallBack", nil, params[CallbackRequest], answer[CallbackID]},
	OpUpdateCallBack:             {ServiceSystem, "updateCallBack", nil, params[CallbackChange], answer[Void]},
	OpGetCallBacks:               {ServiceSystem, "getCallBacks", nil, params[Nothing], answer[CallBacks]},

	OpUserGetAttributes:  {ServiceUser, "getAttributes", nil, params[UserQuery], answer[User]},
	OpSetCurrentWorkmode: {ServiceUser, "setCurrentWorkmode", []string{"setWorkmode"}, params[WorkmodeChange], answer[Empty]},
	OpUserSubscribe:      {ServiceUser, "subscribe", nil, params[UserSubscription], answer[Empty]},
	OpUserUnsubscribe:    {ServiceUser, "unsubscribe", nil, params[Unsubscription], answer[Empty]},

	OpContainerSubscribe:   {ServiceContainer, "subscribe", nil, params[ContainerSubscription], answer[Empty]},
	OpContainerUnsubscribe: {ServiceContainer, "unsubscribe", nil, params[Unsubscription], answer[Empty]},

	OpAccept:             {ServiceItem, "accept", nil, params[ItemInContainer], answer[Empty]},
	OpReroute:            {ServiceItem, "reroute", nil, params[ItemInContainer], answer[Empty]},
	OpWrapUpRequired:     {ServiceItem, "wrapUpRequired", nil, params[ItemRef], answer[Empty]},
	OpWrapUpEnded:        {ServiceItem, "wrapUpEnded", nil, params[ItemRef], answer[Empty]},
	OpGetAttachedData:    {ServiceItem, "getAttachedData", nil, params[ItemRef], answer[Text]},
	OpSetAttachedData:    {ServiceItem, "setAttachedData", nil, params[AttachedDataChange], answer[Empty]},
	OpDeleteAttachedData: {ServiceItem, "deleteAttachedData", nil, params[ItemRef], answer[Empty]},
	OpCreate:             {ServiceItem, "create", nil, params[Container], answer[Item]},
	OpForward:            {ServiceItem, "forward", nil, params[Forwarding], answer[Empty]},

	OpGetCalls:  {ServicePhoneLine, "getCalls", nil, params[LineRef], answer[PhoneCalls]},
	OpDropCalls: {ServicePhoneLine, "dropCalls", nil, params[LineRef], answer[Empty]},

	OpCallGetAttributes: {ServicePhoneCall, "getAttributes", nil, params[CallRef], answer[PhoneCall]},
	OpDrop:              {ServicePhoneCall, "drop", nil, params[CallRef], answer[Empty]},
	OpHold:              {ServicePhoneCall, "hold", nil, params[CallRef], answer[Empty]},
	OpUnhold:            {ServicePhoneCall, "unhold", nil, params[CallRef], answer[Empty]},
	OpDial:              {ServicePhoneCall, "dial", nil, params[Dialing], answer[Text]},
	OpConsult:           {ServicePhoneCall, "consult", nil, params[Consultation], answer[Empty]},
	OpTransfer:          {ServicePhoneCall, "transfer", nil, params[CallPair], answer[Empty]},
	OpReconnect:         {ServicePhoneCall, "reconnect", nil, params[CallPair], answer[Empty]},
	OpAlternate:         {ServicePhoneCall, "alternate", nil, params[CallPair], answer[Empty]},
	OpConference:        {ServicePhoneCall, "conference", nil, params[CallPair], answer[Empty]},
	OpDropParty:         {ServicePhoneCall, "dropParty", nil, params[PartyRef], answer[Empty]},
	OpSendDTMF:          {ServicePhoneCall, "sendDTMF", nil, params[Tones], answer[Empty]},

	OpGetMessages:          {ServiceFolder, "getMessages", nil, params[FolderRef], answer[Messages]},
	OpMessageGetAttributes: {ServiceMessage, "getAttributes", nil, params[MessageRef], answer[Message]},
	OpGetContent:           {ServiceMessage, "getContent", nil, params[MessageRef], answer[Text]},
	OpSetContent:           {ServiceMessage, "setContent", nil, params[MessageContent], answer[Empty]},
	OpDeleteMessage:        {ServiceMessage, "delete", nil, params[MessageRef], answer[Empty]},
	OpSendMessage:          {ServiceMessage, "send", nil, params[MessageSending], answer[Empty]},
	OpSetActionFlags:       {ServiceMessage, "setActionFlags", nil, params[MessageFlags], answer[Empty]},
	OpEndMessage:           {ServiceMessage, "end", nil, params[MessageRef], answer[Empty]},
	OpGetSessions:          {ServiceChatLine, "getSessions", []string{"getSession"}, params[ChatLineRef], answer[ChatSessions]},
	OpChatGetAttributes:    {ServiceChatSession, "getAttributes", nil, params[ChatRef], answer[ChatSession]},
	OpInvite:               {ServiceChatSession, "invite", nil, params[ChatInvitation], answer[Empty]},
	OpLeave:                {ServiceChatSession, "leave", nil, params[ChatRef], answer[Empty]},
	OpGetDialog:            {ServiceChatSession, "getDialog", nil, params[ChatSessionRef], answer[ChatPostings]},
	OpPostMessage:          {ServiceChatSession, "postMessage", nil, params[ChatText], answer[Empty]},
	OpRoute:                {ServiceActionItem, "route", nil, params[Routing], answer[Routed]},

	OpGetPresenceQueueInfo: {ServiceSystem, "getPresenceQueueInfo", nil, params[PresenceQueueQuery], answer[PresenceQueues]},
	OpGetUserPresence:      {ServiceSystem, "getUserPresence", nil, params[PresenceQuery], answer[Presences]},
	OpSetCurrentChannels:   {ServiceUser, "setCurrentChannels", nil, params[ChannelChoice], answer[Empty]},
	OpSetCurrentQueues:     {ServiceUser, "setCurrentQueues", nil, params[QueueChoice], answer[Empty]},
	OpSetAddresses:         {ServiceUser, "setAddresses", nil, params[AddressChoice], answer[Empty]},

	OpGetCatalog:         {ServiceMonitor, "getCatalog", nil, params[CatalogQuery], answer[Text]},
	OpGetInstances:       {ServiceMonitor, "getInstances", nil, params[FormRef], answer[Instances]},
	OpMonitorSubscribe:   {ServiceMonitor, "subscribe", nil, params[MonitorSubscription], answer[Empty]},
	OpMonitorUnsubscribe: {ServiceMonitor, "unsubscribe", nil, params[Unsubscription], answer[Empty]},
}

// Ops lists every offered operation, for tables keyed by it.
func Ops() []Op {
	all := make([]Op, 0, len(contract)-1)
	for op := OpExchangeProductInformation; int(op) < len(contract); op++ {
		all = append(all, op)
	}
	return all
}

// Service returns the interface that the operation belongs to, 0 for an
// unknown one.
func (op Op) Service() Service {
	if !op.known() {
		return 0
	}
	return contract[op].service
}

// Name returns the operation's name in the contract.
func (op Op) Name() string {
	if !op.known() {
		return ""
	}
	return contract[op].name
}

// String returns interface and name: IciPhoneCall.hold.
func (op Op) String() string { return op.Service().String() + "." + op.Name() }

func (op Op) known() bool { return op > 0 && int(op) < len(contract) }

// named reports whether name calls the operation, in any case.
func (op Op) named(name string) bool {
	o := &contract[op]
	if strings.EqualFold(o.name, name) {
		return true
	}
	for _, a := range o.aliases {
		if strings.EqualFold(a, name) {
			return true
		}
	}
	return false
}

// lookup finds an operation of a service.
func lookup(s Service, name string, st Style) (Op, bool) {
	for op := Op(1); op.known(); op++ {
		if contract[op].service == s && (op.named(name) || strings.EqualFold(st.name(op), name)) {
			return op, true
		}
	}
	return 0, false
}

// serviceByOperation finds the only service that has an operation of that
// name, offered or reserved; 0 when there is none or more than one.
func serviceByOperation(name string, st Style) Service {
	var found Service
	for _, s := range served() {
		if _, ok := lookup(s, name, st); !ok && !reserved(s, name) {
			continue
		}
		if found != 0 {
			return 0
		}
		found = s
	}
	return found
}

// reserved reports whether the reference names an operation that is not offered.
func reserved(s Service, name string) bool {
	for _, r := range services[s].reserved {
		if strings.EqualFold(r, name) {
			return true
		}
	}
	return false
}
