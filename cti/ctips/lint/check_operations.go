package lint

// messages must look wrapped: one part, called "parameters", that names an
// element.
func (c *checker) messages() {
	for _, m := range c.root.list(spaceWSDL, "message") {
		name, parts := m.attr("name"), m.list(spaceWSDL, "part")
		if len(parts) != 1 || parts[0].attr("name") != "parameters" {
			c.report("parameters", name, "it has not one part with the name parameters")
			continue
		}
		element := parts[0].qname(parts[0].attr("element"))
		e, ok := c.Elements[element]
		switch {
		case !ok:
			c.report("undefined", name, "element %s is nowhere defined", element.Local)
		case e.node.first(spaceXS, "complexType") == nil:
			c.report("wrapper", name, "element %s has no type of its own", element.Local)
		}
	}
}

// operations must be the same in portType and binding, with the same actions.
func (c *checker) operations() {
	target := c.root.attr("targetNamespace")
	ports, bindings := c.root.list(spaceWSDL, "portType"), c.root.list(spaceWSDL, "binding")
	if len(ports) != 1 || len(bindings) != 1 {
		c.report("binding", "definitions", "%d port types and %d bindings, not one each", len(ports), len(bindings))
		return
	}
	port, binding := ports[0], bindings[0]
	if binding.qname(binding.attr("type")) != (Name{target, port.attr("name")}) || binding.attr("name") != "BasicHttpBinding_"+port.attr("name") {
		c.report("binding", binding.attr("name"), "it is not BasicHttpBinding_%s of that port type", port.attr("name"))
	}
	if b := binding.first(spaceSoap, "binding"); b == nil || b.attr("transport") != transport || b.attr("style") != "document" {
		c.report("binding", binding.attr("name"), "it is not SOAP 1.1 over HTTP in document style")
	}
	actions := map[string]string{}
	for _, op := range binding.list(spaceWSDL, "operation") {
		name, soap := op.attr("name"), op.first(spaceSoap, "operation")
		if soap == nil || soap.attr("soapAction") == "" {
			c.report("action", name, "the binding has no soapAction")
			continue
		}
		actions[name] = soap.attr("soapAction")
		for _, way := range []string{"input", "output"} {
			if body := op.first(spaceWSDL, way).first(spaceSoap, "body"); body == nil || body.attr("use") != "literal" {
				c.report("binding", name, "its %s is not literal", way)
			}
		}
	}
	for _, op := range port.list(spaceWSDL, "operation") {
		c.operation(op, target, port.attr("name"), actions[op.attr("name")])
		delete(actions, op.attr("name"))
	}
	for name := range actions {
		c.report("binding", name, "it is not in the port type")
	}
	c.address(binding, target)
}

func (c *checker) operation(op *node, target, contract, action string) {
	name := op.attr("name")
	if action == "" {
		c.report("binding", name, "it is not in the binding")
	}
	for _, way := range []struct{ element, message, wrapper string }{{"input", "Input", name}, {"output", "Output", name + "Response"}} {
		n := op.first(spaceWSDL, way.element)
		if n == nil {
			c.report("binding", name, "it has no %s", way.element)
			continue
		}
		wanted := action
		if way.element == "output" {
			wanted += "Response"
		}
		if got := n.attrs[Name{spaceAction, "Action"}]; got != wanted {
			c.report("action", name, "wsaw:Action of the %s is %q, not %q: WCF's generators take it from there alone", way.element, got, wanted)
		}
		message := n.qname(n.attr("message"))
		if message != (Name{target, contract + "_" + name + "_" + way.message + "Message"}) {
			c.report("message", name, "its %s has the message %s", way.element, message.Local)
		}
		if !c.wraps(message, Name{target, way.wrapper}) {
			c.report("wrapper", name, "message %s does not carry element %s", message.Local, way.wrapper)
		}
	}
}

// wraps tells whether a message carries an element.
func (c *checker) wraps(message, element Name) bool {
	for _, m := range c.root.list(spaceWSDL, "message") {
		if m.attr("name") == message.Local {
			part := m.first(spaceWSDL, "part")
			return part != nil && part.qname(part.attr("element")) == element
		}
	}
	return false
}

func (c *checker) address(binding *node, target string) {
	port := c.root.first(spaceWSDL, "service").first(spaceWSDL, "port")
	if port == nil || port.qname(port.attr("binding")) != (Name{target, binding.attr("name")}) || port.first(spaceSoap, "address") == nil {
		c.report("binding", "service", "no port of the binding with an address")
	}
}
