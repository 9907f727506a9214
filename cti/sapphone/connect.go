package sapphone

import (
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"

	"strowger/switch/fault"
)

// ServerString is a connection string of the server side: where SAP systems
// find us. Both forms of the reference (4.3, 8.1) are read:
//
//	-aSAPphoneBCM -g1.2.3.4 -xsapgw76 REG_COUNT=20
//	PROGRAM_ID=SAPphoneBCM GWHOST=uxciq0m GWSERV=sapgw76 REG_COUNT=20 MAX_REG_COUNT=100
type ServerString struct {
	Program     string // program id: the name of the registration
	Host        string // gateway's host
	Service     string // gateway's service, as sapgw76 or 3376
	RegCount    int    // connections at once that SAP may open; 0: not said
	MaxRegCount int    // the same at most; 0: not said
	Listen      string // address of our own gateway, where another is wanted than the service's port
}

// ClientString is a connection string of the client side: how we reach a SAP
// system (reference 4.3, 8.2).
//
//	CLIENT=506 USER=bcm1 PASSWD=secret LANG=EN ASHOST=1.2.3.4 SYSNR=20 POOL_SIZE=10 MAX_POOL_SIZE=100
type ClientString struct {
	Client      string
	User        string
	Password    string
	Lang        string
	Host        string
	SysNr       string
	PoolSize    int
	MaxPoolSize int
	SOAPURL     string // of the SOAP-RFC service, where it is not at the usual port
}

// Limits of connection strings.
const (
	maxConnection    = 1024
	maxRegistrations = 10_000
	defaultPool      = 10 // reference 8.2
	maxPool          = 500
)

func badString(key, format string, args ...any) error {
	return fault.New(fault.Invalid, "sapphone: connection string", key, fmt.Sprintf(format, args...))
}

// fields takes a connection string apart into keys and values. Short options
// become the keys of the long form.
func fields(s string) (map[string]string, error) {
	if len(s) > maxConnection {
		return nil, badString("", "longer than %d characters", maxConnection)
	}
	short := map[byte]string{'a': "PROGRAM_ID", 'g': "GWHOST", 'x': "GWSERV"}
	out := map[string]string{}
	for _, word := range strings.Fields(s) {
		key, value, found := strings.Cut(word, "=")
		key = strings.ToUpper(key)
		if len(word) > 1 && word[0] == '-' {
			key, value, found = short[word[1]|0x20], word[2:], true
			if key == "" {
				return nil, badString(word[:2], "is not known: -a, -g and -x are")
			}
		}
		switch _, twice := out[key]; {
		case !found || value == "":
			return nil, badString(key, "has no value")
		case twice:
			return nil, badString(key, "is given twice")
		}
		out[key] = value
	}
	return out, nil
}

// take removes a key and returns its value.
func take(m map[string]string, key string) string {
	v := m[key]
	delete(m, key)
	return v
}

func takeCount(m map[string]string, key string, most int) (int, error) {
	text := take(m, key)
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > most {
		return 0, badString(key, "must be a number from 1 to %d", most)
	}
	return n, nil
}

func leftOver(m map[string]string) error {
	for key := range m {
		return badString(key, "is not known")
	}
	return nil
}

// ParseServer reads a connection string of the server side.
func ParseServer(s string) (ServerString, error) {
	m, err := fields(s)
	if err != nil {
		return ServerString{}, err
	}
	out := ServerString{Program: take(m, "PROGRAM_ID"), Host: take(m, "GWHOST"), Service: take(m, "GWSERV"), Listen: take(m, "LISTEN")}
	if out.RegCount, err = takeCount(m, "REG_COUNT", maxRegistrations); err != nil {
		return out, err
	}
	if out.MaxRegCount, err = takeCount(m, "MAX_REG_COUNT", maxRegistrations); err != nil {
		return out, err
	}
	if err := leftOver(m); err != nil {
		return out, err
	}
	switch {
	case out.Program == "":
		return out, badString("PROGRAM_ID", "is missing (-a in the short form)")
	case out.Listen == "" && out.Service == "":
		return out, badString("GWSERV", "is missing (-x in the short form)")
	case out.MaxRegCount > 0 && out.RegCount > out.MaxRegCount:
		return out, badString("MAX_REG_COUNT", "is smaller than REG_COUNT")
	}
	_, err = out.Address()
	return out, err
}

// Conversations is how many connections at once the string allows; 0: it does not say.
func (s ServerString) Conversations() int { return max(s.RegCount, s.MaxRegCount) }

// Address is where our own gateway listens: LISTEN, or every address at the
// service's port.
func (s ServerString) Address() (string, error) {
	if s.Listen != "" {
		if _, _, err := net.SplitHostPort(s.Listen); err != nil {
			return "", badString("LISTEN", "must be address:port")
		}
		return s.Listen, nil
	}
	port, err := gatewayPort(s.Service)
	if err != nil {
		return "", err
	}
	return net.JoinHostPort("", strconv.Itoa(port)), nil
}

// gatewayPort is the port of a gateway's service: sapgwNN is 33NN.
func gatewayPort(service string) (int, error) {
	if nn, named := strings.CutPrefix(strings.ToLower(service), "sapgw"); named {
		n, err := strconv.Atoi(nn)
		if err != nil || len(nn) != 2 {
			return 0, badString("GWSERV", "%q is no gateway: write sapgw and two digits, or a port", short(service))
		}
		return 3300 + n, nil
	}
	n, err := strconv.Atoi(service)
	if err != nil || n < 1 || n > 65535 {
		return 0, badString("GWSERV", "%q is no gateway: write sapgw and two digits, or a port", short(service))
	}
	return n, nil
}

// ParseClient reads a connection string of the client side.
func ParseClient(s string) (ClientString, error) {
	m, err := fields(s)
	if err != nil {
		return ClientString{}, err
	}
	out := ClientString{
		Client: take(m, "CLIENT"), User: take(m, "USER"), Password: take(m, "PASSWD"), Lang: take(m, "LANG"),
		Host: take(m, "ASHOST"), SysNr: take(m, "SYSNR"), SOAPURL: take(m, "SOAPURL"),
	}
	if out.PoolSize, err = takeCount(m, "POOL_SIZE", maxPool); err != nil {
		return out, err
	}
	if out.MaxPoolSize, err = takeCount(m, "MAX_POOL_SIZE", maxPool); err != nil {
		return out, err
	}
	if err := leftOver(m); err != nil {
		return out, err
	}
	_, err = out.URL()
	return out, err
}

// Pool is how many connections to the system may be open at once.
func (c ClientString) Pool() int {
	if c.PoolSize == 0 {
		c.PoolSize = defaultPool
	}
	return max(c.PoolSize, c.MaxPoolSize)
}

// soapPath is SAP's SOAP-RFC service.
const soapPath = "/sap/bc/soap/rfc"

// URL is the address of the system's SOAP-RFC service: SOAPURL, or the host at
// port 80 and the system number, as SAP's installer chooses it.
func (c ClientString) URL() (string, error) {
	u := &url.URL{Scheme: "http", Path: soapPath}
	switch {
	case c.SOAPURL != "":
		given, err := url.Parse(c.SOAPURL)
		if err != nil || given.Scheme != "http" && given.Scheme != "https" || given.Host == "" || given.User != nil || given.Fragment != "" {
			return "", badString("SOAPURL", "must be http://host:port/path or https://host:port/path")
		}
		u = given
		if u.Path == "" {
			u.Path = soapPath
		}
	case c.Host == "":
		return "", badString("ASHOST", "is missing")
	case strings.ContainsAny(c.Host, "/@?#[] "):
		return "", badString("ASHOST", "is no host")
	default:
		n, err := strconv.Atoi(c.SysNr)
		if err != nil || len(c.SysNr) != 2 || n < 0 {
			return "", badString("SYSNR", "must be two digits; write SOAPURL where the service is at another port")
		}
		u.Host = net.JoinHostPort(c.Host, "80"+c.SysNr)
	}
	q := u.Query()
	if c.Client != "" {
		q.Set("sap-client", c.Client)
	}
	if c.Lang != "" {
		q.Set("sap-language", c.Lang)
	}
	u.RawQuery = q.Encode()
	return u.String(), nil
}
