package ici

import (
	"net/url"
	"strings"
	"time"
)

// Defaults of [DeliverySettings].
const (
	DefaultSoapWait         = 250 * time.Millisecond      // reference 4.2 SOAP_WAIT_MS
	DefaultSoapTimeout      = 100 * time.Second           // reference 4.2 SOAP_TIMEOUT_MS
	DefaultConnectTimeout   = 3 * time.Second             // to the CRM
	DefaultCallbackWorkers  = 25                          // requests at once to one CRM, as OII's thread count
	DefaultQueueLength      = 256                         // events waiting for one agent session
	DefaultMaxSubscriptions = 10000                       // pairs of key and target
	DefaultMaxPerURL        = 5000                        // the same for one appUrl
	DefaultMaxFailures      = 20                          // in a row, then a subscription ends
	DefaultMaxSilence       = 24 * time.Hour              // without contact, then a subscription ends
	DefaultEventSoapAction  = actionBase + "IciEventBean" // by analogy with the services'; no capture shows it
	eventStyleAuto          = "auto"
	documentStyleMark       = "style=document"
)

// DeliverySettings say where events may be sent, and how.
type DeliverySettings struct {
	CallbackHosts       []string      `json:"callbackHosts"`       // names allowed in appUrl, default localhost; ".crm.example" allows all below
	CallbackNets        []string      `json:"callbackNets"`        // networks that may be called back, default loopback; holds for names too
	CallbackPorts       []uint16      `json:"callbackPorts"`       // ports that may be called back, empty allows all
	CallbackCA          string        `json:"callbackCA"`          // PEM file of authorities for https callbacks; empty means the system's
	CallbackCert        string        `json:"callbackCert"`        // PEM file of our client certificate; may be empty
	CallbackKey         string        `json:"callbackKey"`         // PEM file
	CallbackCertDir     string        `json:"callbackCertDir"`     // folder of client certificates instead, of which a CRM is shown the one that it accepts
	CallbackCertSubject string        `json:"callbackCertSubject"` // picks those with that subject (reference SOAP_CLIENT_CERTIFICATE_SUBJECT)
	CallbackProxy       string        `json:"callbackProxy"`       // http://host:port through which events go; empty: directly (reference SOAP_PROXY)
	ProxyUser           string        `json:"proxyUser"`           // for the proxy; may be empty
	ProxyPassword       string        `json:"proxyPassword"`       // never logged
	NoProxy             []string      `json:"noProxy"`             // hosts that are reached without the proxy
	CallbackWorkers     int           `json:"callbackWorkers"`     // requests at once to one appUrl, default 25
	ConnectTimeout      time.Duration `json:"connectTimeout"`      // to the CRM, default 3 s

	MapSubscribeURL []string `json:"mapSubscribeUrl"` // text of appUrl and what replaces it, in turns (reference OII.MapSubscribeUrl)
	ReverseDNS      bool     `json:"reverseDns"`      // an address in appUrl is replaced by its name (reference OII.ReverseDnsSubscribeUrl)

	SoapTimeout time.Duration `json:"soapTimeout"` // longest wait for the CRM's reply, default 100 s
	SoapWait    time.Duration `json:"soapWait"`    // after this the next event is sent without the reply, default 250 ms
	QueueLength int           `json:"queueLength"` // events waiting for one agent session, default 256
	MaxFailures int           `json:"maxFailures"` // failures in a row that end a subscription, default 20
	MaxSilence  time.Duration `json:"maxSilence"`  // time without contact that ends a subscription, default 24 h

	MaxSubscriptions       int `json:"maxSubscriptions"`       // default 10000
	MaxSubscriptionsPerURL int `json:"maxSubscriptionsPerURL"` // default 5000

	EventStyle        string `json:"eventStyle"`        // of events: unqualified (default), qualified, or auto: qualified when appUrl has style=document
	EventSoapAction   string `json:"eventSoapAction"`   // SOAPAction of events
	StateFile         string `json:"stateFile"`         // keeps the subscriptions over a crash; empty: nothing does
	ReplayOnSubscribe bool   `json:"replayOnSubscribe"` // send what is already there after a subscription: one phoneCallChanged per live call, or one userChanged
}

func defaultDeliverySettings() DeliverySettings {
	return DeliverySettings{
		CallbackHosts: []string{defaultLoopbackName}, CallbackNets: []string{defaultLoopback4, defaultLoopback6},
		CallbackWorkers: DefaultCallbackWorkers, ConnectTimeout: DefaultConnectTimeout,
		SoapTimeout: DefaultSoapTimeout, SoapWait: DefaultSoapWait, QueueLength: DefaultQueueLength,
		MaxFailures: DefaultMaxFailures, MaxSilence: DefaultMaxSilence,
		MaxSubscriptions: DefaultMaxSubscriptions, MaxSubscriptionsPerURL: DefaultMaxPerURL,
		EventStyle: namespaceUnqualified, EventSoapAction: DefaultEventSoapAction,
	}
}

func (c *DeliverySettings) validate() error {
	if _, err := prefixes("callbackNets", c.CallbackNets); err != nil {
		return err
	}
	for _, h := range c.CallbackHosts {
		if h == "" || h == "." || strings.ContainsAny(h, "/:@?#* ") {
			return wrong("callbackHosts", "%q is no host name; write a name, or .name for all below it", h)
		}
	}
	err := positive([]setting{
		{"callbackWorkers", int64(c.CallbackWorkers)},
		{"connectTimeout", int64(c.ConnectTimeout)},
		{"soapTimeout", int64(c.SoapTimeout)},
		{"soapWait", int64(c.SoapWait)},
		{"queueLength", int64(c.QueueLength)},
		{"maxFailures", int64(c.MaxFailures)},
		{"maxSilence", int64(c.MaxSilence)},
		{"maxSubscriptions", int64(c.MaxSubscriptions)},
		{"maxSubscriptionsPerURL", int64(c.MaxSubscriptionsPerURL)},
	})
	switch {
	case err != nil:
		return err
	case c.SoapWait > c.SoapTimeout:
		return wrong("soapWait", "must not be longer than soapTimeout")
	case len(c.CallbackHosts) > 0 && len(c.CallbackNets) == 0:
		return wrong("callbackNets", "is empty, so no host of callbackHosts could be connected to; list their networks")
	case (c.CallbackCert == "") != (c.CallbackKey == ""):
		return wrong("callbackKey", "callbackCert and callbackKey are set together or not at all")
	case c.CallbackCert != "" && c.CallbackCertDir != "":
		return wrong("callbackCertDir", "a certificate is named by callbackCert already")
	case c.CallbackCertSubject != "" && c.CallbackCertDir == "":
		return wrong("callbackCertSubject", "picks from callbackCertDir, which is not set")
	}
	if err := c.checkWay(); err != nil {
		return err
	}
	return choice("eventStyle", c.EventStyle, namespaceUnqualified, namespaceQualified, eventStyleAuto)
}

// checkWay checks what stands between us and the CRM.
func (c *DeliverySettings) checkWay() error {
	if _, err := c.proxy(); err != nil {
		return err
	}
	if len(c.MapSubscribeURL)%2 != 0 {
		return wrong("mapSubscribeUrl", "must list pairs: what stands in the address, and what replaces it")
	}
	for i := 0; i < len(c.MapSubscribeURL); i += 2 {
		if strings.TrimSpace(c.MapSubscribeURL[i]) == "" {
			return wrong("mapSubscribeUrl", "pair %d replaces nothing", i/2+1)
		}
	}
	return nil
}

// proxy is the address of the proxy with its login, or nil.
func (c *DeliverySettings) proxy() (*url.URL, error) {
	if c.CallbackProxy == "" {
		return nil, nil
	}
	u, err := url.Parse(c.CallbackProxy)
	if err != nil || u.Scheme != "http" || u.Hostname() == "" || u.User != nil || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" {
		return nil, wrong("callbackProxy", "must be http://host:port; the login has keys of its own")
	}
	if c.ProxyUser != "" {
		u.User = url.UserPassword(c.ProxyUser, c.ProxyPassword)
	}
	return u, nil
}

// qualifiedEvents decides the form of events for one appUrl.
func (c *DeliverySettings) qualifiedEvents(appURL string) bool {
	switch c.EventStyle {
	case namespaceQualified:
		return true
	case eventStyleAuto:
		return strings.Contains(appURL, documentStyleMark)
	}
	return false
}
