package ici

import "strings"

// Service is one of ICI's interfaces (reference chapter 7.1). All but
// [ServiceEvent] are served by us; that one is the CRM's.
type Service uint8

// The interfaces of ICI.
const (
	ServiceSystem Service = iota + 1
	ServiceUser
	ServiceContainer
	ServiceItem
	ServicePhoneLine
	ServicePhoneCall
	ServiceFolder
	ServiceMessage
	ServiceChatLine
	ServiceChatSession
	ServiceActionItem
	ServiceMonitor
	ServiceEvent
)

// serviceInfo is what the contract says about an interface as a whole.
type serviceInfo struct {
	name string // without the leading Ici
	area int    // areaCode of its faults (sap.md 2.4)
	// reserved are operations that the reference names and that are not
	// offered; calling one is answered with fault x/92 that names it.
	reserved []string
}

var services = [...]serviceInfo{
	ServiceSystem:      {"System", 1, nil},
	ServiceUser:        {"User", 2, nil},
	ServiceContainer:   {"Container", 3, nil},
	ServiceItem:        {"Item", 4, nil},
	ServicePhoneLine:   {"PhoneLine", 5, nil},
	ServicePhoneCall:   {"PhoneCall", 5, []string{"listen", "listenEnd"}},
	ServiceFolder:      {"Folder", 6, nil},
	ServiceMessage:     {"Message", 6, nil},
	ServiceChatLine:    {"ChatLine", 7, nil},
	ServiceChatSession: {"ChatSession", 7, []string{"join", "conference"}},
	ServiceActionItem:  {"ActionItem", 8, nil},
	ServiceMonitor:     {"Monitor", 9, nil},
	ServiceEvent:       {"Event", 3, nil},
}

// String returns the interface name as the reference writes it: IciPhoneCall.
func (s Service) String() string {
	if !s.known() {
		return "ICI"
	}
	return "Ici" + services[s].name
}

// Namespace returns the target namespace: urn:IciPhoneCallInterface.
func (s Service) Namespace() string {
	if !s.known() {
		s = ServiceSystem
	}
	return "urn:Ici" + services[s].name + "Interface"
}

// Action returns the SOAPAction value of the interface, without quotes
// (reference chapter 7.1).
func (s Service) Action() string {
	if !s.known() {
		s = ServiceSystem
	}
	return actionBase + "Ici" + services[s].name + "Bean"
}

// Area returns the areaCode of the interface's faults.
func (s Service) Area() int {
	if !s.known() {
		return 1
	}
	return services[s].area
}

// File returns the last part of the service's own path: IciItemService.asmx.
func (s Service) File() string { return s.String() + "Service.asmx" }

func (s Service) known() bool { return s > 0 && int(s) < len(services) }

const actionBase = "http://inqmy.com/soapdispatcher/rpc/bcbici/"

// served lists the interfaces that a request can be for.
func served() []Service {
	all := make([]Service, 0, len(services))
	for s := ServiceSystem; s < ServiceEvent; s++ {
		all = append(all, s)
	}
	return all
}

// serviceNamed finds an interface by the part of its name between prefix and
// suffix, in any case: "PhoneCall".
func serviceNamed(name string) Service {
	for _, s := range served() {
		if strings.EqualFold(services[s].name, name) {
			return s
		}
	}
	return 0
}

// serviceOfPath reads <Name>Service.asmx at the end of a URL path, with or
// without the leading Ici. 0 means the path names none, as the base URL does.
func serviceOfPath(path string) Service {
	file := path[strings.LastIndexByte(path, '/')+1:]
	name, found := cutSuffixFold(file, "Service.asmx")
	if !found {
		return 0
	}
	return serviceNamed(trimIci(name))
}

// serviceOfAction reads Ici<Name>Bean after the last slash or hash.
func serviceOfAction(action string) Service {
	last := action[strings.LastIndexAny(action, "/#")+1:]
	name, found := cutSuffixFold(last, "Bean")
	if !found {
		return 0
	}
	return serviceNamed(trimIci(name))
}

// serviceOfNamespace reads urn:Ici<Name>Interface.
func serviceOfNamespace(space string) Service {
	name, found := cutSuffixFold(space, "Interface")
	if !found {
		return 0
	}
	if name, found = cutPrefixFold(name, "urn:"); !found {
		return 0
	}
	return serviceNamed(trimIci(name))
}

func trimIci(name string) string {
	name, _ = cutPrefixFold(name, "Ici")
	return name
}

func cutSuffixFold(s, suffix string) (string, bool) {
	if n := len(s) - len(suffix); n >= 0 && strings.EqualFold(s[n:], suffix) {
		return s[:n], true
	}
	return s, false
}

func cutPrefixFold(s, prefix string) (string, bool) {
	if len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix) {
		return s[len(prefix):], true
	}
	return s, false
}

// ServiceHint guesses the interface that a request is for from path, then
// SOAPAction, for faults about messages that could not be read.
func ServiceHint(path, action string) Service {
	if s := serviceOfPath(path); s != 0 {
		return s
	}
	if s := serviceOfAction(action); s != 0 {
		return s
	}
	return ServiceSystem
}
