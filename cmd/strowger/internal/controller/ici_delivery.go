package controller

import (
	"net/netip"
	"strconv"

	"strowger/cmd/strowger/internal/config"
	"strowger/cti/ici"
)

func deliverySettings(to *ici.DeliverySettings, from *config.ICI) {
	to.CallbackHosts, to.CallbackNets = splitAllow(from.CallbackAllow)
	for _, s := range from.CallbackPorts {
		if n, err := strconv.ParseUint(s, 10, 16); err == nil { // the configuration has checked it
			to.CallbackPorts = append(to.CallbackPorts, uint16(n))
		}
	}
	to.CallbackCA, to.CallbackCert, to.CallbackKey = from.CallbackCA, from.CallbackCert, from.CallbackKey
	to.CallbackCertDir, to.CallbackCertSubject = from.CallbackCertDir, from.CallbackCertSubject
	to.CallbackProxy, to.ProxyUser, to.ProxyPassword, to.NoProxy = from.CallbackProxy, from.ProxyUser, from.ProxyPassword.Reveal(), from.NoProxy
	to.MapSubscribeURL, to.ReverseDNS = from.MapSubscribeURL, from.ReverseDNS
	set(&to.CallbackWorkers, from.CallbackWorkers)
	set(&to.ConnectTimeout, from.ConnectTimeout)
	to.SoapTimeout, to.SoapWait = from.SOAPTimeout, from.SOAPWait
	set(&to.QueueLength, from.QueueLength)
	set(&to.MaxFailures, from.MaxFailures)
	set(&to.MaxSilence, from.MaxSilence)
	to.MaxSubscriptions = from.MaxSubscriptions
	set(&to.MaxSubscriptionsPerURL, from.MaxSubscriptionsPerURL)
	set(&to.EventStyle, from.EventStyle)
	set(&to.EventSoapAction, from.EventSOAPAction)
	to.ReplayOnSubscribe = from.ReplayOnSubscribe
}

func monitorSettings(to *ici.MonitorSettings, from *config.ICI) {
	to.MonitorSubscriptions = from.MonitorSubscriptions
	set(&to.MonitorInterval, from.MonitorInterval)
}

// splitAllow tells names from networks; an address is a network of one.
func splitAllow(list []string) (hosts, nets []string) {
	for _, a := range list {
		if _, err := netip.ParsePrefix(a); err == nil {
			nets = append(nets, a)
		} else if addr, err := netip.ParseAddr(a); err == nil {
			nets = append(nets, netip.PrefixFrom(addr, addr.BitLen()).String())
		} else {
			hosts = append(hosts, a)
		}
	}
	return hosts, nets
}
