package controller

import (
	"context"

	"strowger/cti/rest"
)

// sapphoneOperator is SAP's older interface as REST shows it.
type sapphoneOperator struct{ c *Controller }

var _ rest.SAPphone = sapphoneOperator{}

// sapphoneOperator returns what REST is given; nil where the interface is off.
func (c *Controller) sapphoneOperator() rest.SAPphone {
	if c.sapphone == nil {
		return nil
	}
	return sapphoneOperator{c}
}

// Status implements [rest.SAPphone].
func (o sapphoneOperator) Status() rest.SAPphoneStatus {
	s := o.c.sapphone
	st, client, delivery := s.Stats(), s.Client(), s.Delivery()
	out := rest.SAPphoneStatus{
		State: "running", Address: s.Addr(), TLS: s.Config().TLSCert != "", ServerName: s.ServerName(), Waiting: int(st.Waiting),
		Registered: int(client.Registered.Load()), Conversations: int(st.Conversations), Announced: delivery.Sent.Load(),
		Lost: delivery.Failed.Load() + delivery.Discarded.Load() + client.Lost.Load(), Gateways: []string{}, Systems: []rest.SAPphoneSystem{},
	}
	if s.Paused() {
		out.State = "stopped"
	}
	for r, n := range st.Results {
		out.Calls += n
		if !r.OK() {
			out.Refused += n
		}
	}
	out.Gateways = append(out.Gateways, o.c.gateway.Addresses()...)
	for _, system := range s.Systems() {
		out.Systems = append(out.Systems, rest.SAPphoneSystem(system))
	}
	return out
}

// Start implements [rest.SAPphone].
func (o sapphoneOperator) Start() { o.c.sapphone.Resume() }

// Stop implements [rest.SAPphone].
func (o sapphoneOperator) Stop() { o.c.sapphone.Pause() }

// Reload implements [rest.SAPphone].
func (o sapphoneOperator) Reload(ctx context.Context) error {
	return o.c.reload(ctx, "sapphone: reload")
}
