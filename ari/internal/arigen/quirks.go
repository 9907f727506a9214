package main

// quirks lists, by location, every departure of the API description from its
// own rules, and every place where a loose type gets a precise Go type.
// Locations are "operation.parameter", "Model.property" or "resource.nickname".
type quirks struct {
	// stringCodes: error responses whose code is a JSON string, as "resource.nickname/code".
	stringCodes []string
	// extraKeys: misspelt or private keys of a parameter, as "resource.nickname.parameter/key". They hold prose only.
	extraKeys []string
	// pathNotRequired: path parameters without "required", as "resource.nickname.parameter". A path parameter is always required.
	pathNotRequired []string
	// noMultiple: parameters without "allowMultiple", as "resource.nickname.parameter". They take one value.
	noMultiple []string
	// optionalByDefault: properties without "required", as "Model.property". They are optional.
	optionalByDefault []string
	// bodies: the Go type of each body parameter, as "resource.nickname.parameter"; the description says only "containers" or "object".
	bodies map[string]body
	// objects: the Go type of each property of type "object" or "List[object]", as "Model.property".
	objects map[string]string
	// names: nicknames whose words the naming rule cannot find, as "resource.nickname".
	names map[string]string
	// byHand: operations that no generated method can serve, as "resource.nickname".
	byHand []string
	// emptyModels: models without properties that are not events.
	emptyModels []string
	// notEvents: models in the events file that are plain structures.
	notEvents []string
}

// body is how a body parameter goes on the wire: Wrap puts the value in an
// object under the parameter's name, otherwise the value is the whole body.
type body struct {
	Type string
	Wrap bool
}

// asteriskQuirks is the table for Asterisk 20 to 22, complete for 22.10.1.
func asteriskQuirks() quirks {
	setVars := body{Type: "SetVars", Wrap: true}
	vars := body{Type: "Vars", Wrap: true}
	return quirks{
		stringCodes: []string{"channels.move/404", "channels.move/409"},
		extraKeys: []string{
			"endpoints.sendMessage.variables/descriptioni",
			"endpoints.sendMessageToEndpoint.variables/descriptioni",
			"sounds.list.format/__note",
		},
		pathNotRequired: []string{
			"endpoints.get.resource", "endpoints.get.tech", "endpoints.listByTech.tech",
			"endpoints.referToEndpoint.resource", "endpoints.referToEndpoint.tech",
			"endpoints.sendMessageToEndpoint.resource", "endpoints.sendMessageToEndpoint.tech",
		},
		noMultiple: []string{
			"endpoints.get.resource", "endpoints.get.tech", "endpoints.listByTech.tech",
			"endpoints.referToEndpoint.resource", "endpoints.referToEndpoint.tech",
			"endpoints.sendMessageToEndpoint.resource", "endpoints.sendMessageToEndpoint.tech",
			"sounds.list.format", "sounds.list.lang",
		},
		optionalByDefault: []string{
			"BridgeAttendedTransfer.destination_application", "BridgeAttendedTransfer.destination_bridge",
			"BridgeAttendedTransfer.destination_link_first_leg", "BridgeAttendedTransfer.destination_link_second_leg",
			"BridgeAttendedTransfer.destination_threeway_bridge", "BridgeAttendedTransfer.destination_threeway_channel",
			"BridgeAttendedTransfer.transferer_first_leg_bridge", "BridgeAttendedTransfer.transferer_second_leg_bridge",
			"BridgeBlindTransfer.bridge", "Channel.caller_rdnis", "ChannelDestroyed.tech_cause",
			"ChannelEnteredBridge.channel", "ChannelHangupRequest.cause", "ChannelHangupRequest.soft",
			"ChannelHangupRequest.tech_cause", "Playback.language",
		},
		bodies: map[string]body{
			"applications.filter.filter":                {Type: "EventFilter"},
			"asterisk.updateObject.fields":              {Type: "[]ConfigTuple", Wrap: true},
			"bridges.create.variables":                  setVars,
			"bridges.createWithId.variables":            setVars,
			"bridges.setBridgeVars.variables":           setVars,
			"channels.create.variables":                 setVars,
			"channels.externalMedia.variables":          setVars,
			"channels.originate.variables":              setVars,
			"channels.originateWithId.variables":        setVars,
			"channels.setChannelVars.variables":         setVars,
			"endpoints.refer.variables":                 vars,
			"endpoints.referToEndpoint.variables":       vars,
			"endpoints.sendMessage.variables":           vars,
			"endpoints.sendMessageToEndpoint.variables": vars,
			"events.userEvent.variables":                vars,
		},
		objects: map[string]string{
			"Application.events_allowed":    "[]EventTypeName",
			"Application.events_disallowed": "[]EventTypeName",
			"Bridge.bridgevars":             "Vars",
			"Channel.channelvars":           "Vars",
			"ChannelUserevent.userevent":    "json.RawMessage",
			"TextMessage.variables":         "json.RawMessage",
			"Variables.variables":           "Vars",
		},
		names:       map[string]string{"channels.rtpstatistics": "RTPStatistics"},
		byHand:      []string{"events.eventWebsocket"},
		emptyModels: []string{"Dialed"},
		notEvents: []string{
			"AdditionalParam", "ContactInfo", "Peer", "RESTHeader", "RESTQueryStringParameter", "RESTRequest",
			"ReferTo", "ReferredBy", "RequiredDestination",
		},
	}
}

// ledger remembers which listed quirks were met.
type ledger struct {
	listed map[string]bool // key -> met
}

func newLedger(q quirks) *ledger {
	l := &ledger{listed: map[string]bool{}}
	add := func(kind string, items []string) {
		for _, s := range items {
			l.listed[kind+" "+s] = false
		}
	}
	add("stringCodes", q.stringCodes)
	add("extraKeys", q.extraKeys)
	add("pathNotRequired", q.pathNotRequired)
	add("noMultiple", q.noMultiple)
	add("optionalByDefault", q.optionalByDefault)
	add("byHand", q.byHand)
	add("emptyModels", q.emptyModels)
	add("notEvents", q.notEvents)
	add("bodies", keys(q.bodies))
	add("objects", keys(q.objects))
	add("names", keys(q.names))
	return l
}

// met reports whether the quirk is listed, and marks it as seen.
func (l *ledger) met(kind, where string) bool {
	key := kind + " " + where
	if _, ok := l.listed[key]; !ok {
		return false
	}
	l.listed[key] = true
	return true
}

// stale returns the listed quirks that were not met, sorted.
func (l *ledger) stale() []string {
	var out []string
	for _, k := range keys(l.listed) {
		if !l.listed[k] {
			out = append(out, k)
		}
	}
	return out
}
