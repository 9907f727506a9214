package ici

import (
	"path"
	"strings"

	"strowger/cti/soap"
	"strowger/switch/fault"
)

// Namespaces of WSDL 1.1 and its SOAP 1.1 binding over HTTP.
const (
	namespaceWSDL     = "http://schemas.xmlsoap.org/wsdl/"
	namespaceWSDLSoap = "http://schemas.xmlsoap.org/wsdl/soap/"
	transportHTTP     = "http://schemas.xmlsoap.org/soap/http"
)

// described is an operation as the WSDL tells it.
type described struct {
	name     string
	request  wrapper
	response wrapper
}

// WSDL returns the description of one interface, document/literal wrapped,
// with address as its endpoint. It is made from the same contract that
// decodes and encodes messages. ServiceEvent is described too, for receivers;
// st.Unqualified tells the form of its children as it does for the others.
// Interfaces without an offered operation are fault.NotFound.
func WSDL(s Service, address string, st Style) ([]byte, error) {
	types := &typeTable{byName: map[string]*complexType{}}
	ops := describe(s, types, st)
	if len(ops) == 0 {
		return nil, fault.New(fault.NotFound, "ici: wsdl", s.String(), "this switch offers no operation of the interface")
	}
	wrappers := make([]wrapper, 0, 2*len(ops)+1)
	for _, op := range ops {
		wrappers = append(wrappers, op.request, op.response)
	}
	wrappers = append(wrappers, faultWrapper(types))

	out := soap.NewEncoder(make([]byte, 0, 16<<10))
	out.Start("wsdl:definitions")
	out.Attr("xmlns:wsdl", namespaceWSDL)
	out.Attr("xmlns:soap", namespaceWSDLSoap)
	out.Attr("xmlns:tns", s.Namespace())
	out.Attr("name", s.String())
	out.Attr("targetNamespace", s.Namespace())
	out.Start("wsdl:types")
	writeSchema(out, s.Namespace(), st.Unqualified, wrappers, types)
	out.End()
	for _, op := range ops {
		writeMessage(out, op.request.name, "parameters", op.request.name)
		writeMessage(out, op.response.name, "parameters", op.response.name)
	}
	writeMessage(out, faultMessage, "detail", faultElement)
	writePortType(out, s, ops)
	writeBinding(out, s, ops)
	writeService(out, s, address)
	out.End()
	return out.Bytes()
}

// describe lists the operations of an interface with their elements.
func describe(s Service, types *typeTable, st Style) []described {
	var ops []described
	if s == ServiceEvent {
		for _, e := range newEvents() {
			ops = append(ops, described{
				name:     e.EventName(),
				request:  types.wrapperOf(e.EventName(), e.fields),
				response: types.wrapperOf(e.EventName()+"Response", func(c codec) { (&Empty{}).reply(c, st) }),
			})
		}
		return ops
	}
	for _, op := range Ops() {
		if op.Service() != s {
			continue
		}
		line := &contract[op]
		answer := line.answer()
		ops = append(ops, described{
			name:     st.name(op),
			request:  types.wrapperOf(st.name(op), line.params().fields),
			response: types.wrapperOf(st.name(op)+"Response", func(c codec) { answer.reply(c, st) }),
		})
	}
	return ops
}

const (
	faultElement = "IciErrorCodes"
	faultMessage = "SoapException"
)

// faultWrapper describes the content of a fault's detail, whose elements are
// in no namespace (reference 1.2).
func faultWrapper(types *typeTable) wrapper {
	w := types.wrapperOf(faultElement, func(c codec) {
		var code Code
		var text string
		c.whole(field{name: "areaCode", need: true}, &code.Area)
		c.whole(field{name: "errorCode", need: true}, &code.Number)
		c.text(field{name: "errorText"}, &text)
		c.truth(field{name: "errorRetry", need: true}, &code.Retry)
	})
	w.content.unqualified = true
	return w
}

func writeMessage(out *soap.Encoder, name, part, element string) {
	out.Start("wsdl:message")
	out.Attr("name", name)
	out.Start("wsdl:part")
	out.Attr("name", part)
	out.Attr("element", prefixOwn+element)
	out.End()
	out.End()
}

func writePortType(out *soap.Encoder, s Service, ops []described) {
	reference := func(element, name, message string) {
		out.Start(element)
		if name != "" {
			out.Attr("name", name)
		}
		out.Attr("message", prefixOwn+message)
		out.End()
	}
	out.Start("wsdl:portType")
	out.Attr("name", s.String())
	for _, op := range ops {
		out.Start("wsdl:operation")
		out.Attr("name", op.name)
		reference("wsdl:input", "", op.request.name)
		reference("wsdl:output", "", op.response.name)
		reference("wsdl:fault", faultMessage, faultMessage)
		out.End()
	}
	out.End()
}

func writeBinding(out *soap.Encoder, s Service, ops []described) {
	literal := func(element string) {
		out.Start(element)
		out.Start("soap:body")
		out.Attr("use", "literal")
		out.End()
		out.End()
	}
	out.Start("wsdl:binding")
	out.Attr("name", s.String()+"Binding")
	out.Attr("type", prefixOwn+s.String())
	out.Start("soap:binding")
	out.Attr("style", "document")
	out.Attr("transport", transportHTTP)
	out.End()
	for _, op := range ops {
		out.Start("wsdl:operation")
		out.Attr("name", op.name)
		out.Start("soap:operation")
		out.Attr("soapAction", s.Action())
		out.End()
		literal("wsdl:input")
		literal("wsdl:output")
		out.Start("wsdl:fault")
		out.Attr("name", faultMessage)
		out.Start("soap:fault")
		out.Attr("name", faultMessage)
		out.Attr("use", "literal")
		out.End()
		out.End()
		out.End()
	}
	out.End()
}

func writeService(out *soap.Encoder, s Service, address string) {
	out.Start("wsdl:service")
	out.Attr("name", s.String()+"Service")
	out.Start("wsdl:port")
	out.Attr("name", s.String()+"Port")
	out.Attr("binding", prefixOwn+s.String()+"Binding")
	out.Start("soap:address")
	out.Attr("location", address)
	out.End()
	out.End()
	out.End()
}

// receiverAddress stands in the description of the event interface, whose
// endpoint is the CRM's and given as appUrl.
const receiverAddress = "http://receiver.example/IciEventService"

// Describe returns the WSDL for a URL path: of the interface that the path
// names, of IciEvent for IciEventService.asmx, of IciSystem for the base
// path. base is scheme and host as the client sees them; PublicURL wins.
func (c *Config) Describe(base, urlPath string) ([]byte, error) {
	if c.PublicURL != "" {
		base = strings.TrimSuffix(c.PublicURL, "/")
	}
	if strings.EqualFold(path.Base(urlPath), ServiceEvent.File()) {
		return WSDL(ServiceEvent, receiverAddress, Style{Unqualified: c.EventStyle != namespaceQualified})
	}
	s := serviceOfPath(urlPath)
	if s == 0 {
		s = ServiceSystem
	}
	return WSDL(s, base+c.ServicePath(s), c.Style())
}

// ServicePath returns the path of an interface's own URL, beside the base path.
func (c *Config) ServicePath(s Service) string { return path.Join(path.Dir(c.BasePath), s.File()) }
