package ici

import (
	"errors"
	"testing"

	"strowger/cti/soap"
)

func FuzzDecodeRequest(f *testing.F) {
	for op, p := range sampleParams() {
		f.Add(string(requestDoc(f, op, p, Style{Unqualified: op%2 == 0})), op.Service().Action(), "/OII/OII.asmx")
	}
	f.Add(`<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><drop/></e:Body></e:Envelope>`, "", "/OII/IciPhoneCallService.asmx")
	f.Fuzz(func(t *testing.T, doc, action, path string) {
		env, err := soap.ReadEnvelope([]byte(doc), "", soap.Limits{}, Understood)
		if err != nil {
			return
		}
		req, err := DecodeRequest(Meta{Path: path, Action: action}, env, Style{})
		if err != nil {
			var e *Error
			if !errors.As(err, &e) || e.Code.Area == 0 || e.Code.Number == 0 || e.Text == "" {
				t.Fatalf("incomplete error %#v", err)
			}
			if _, err := soap.EncodeFault(FaultOf(ServiceHint(path, action), err)); err != nil {
				t.Fatalf("the fault cannot be written: %v", err)
			}
			return
		}
		// What was read can be written and is read the same again.
		again, err := DecodeRequest(Meta{Action: req.Op.Service().Action()}, mustRead(t, requestDoc(t, req.Op, req.Params, Style{})), Style{})
		if err != nil || again.Op != req.Op {
			t.Fatalf("%v %+v does not survive: %v", req.Op, req.Params, err)
		}
		mustRead(t, responseDoc(t, req.Op, req.Name, sampleReplies()[req.Op], Style{}))
	})
}

func mustRead(t *testing.T, doc []byte) *soap.Envelope {
	t.Helper()
	env, err := soap.ReadEnvelope(doc, "", soap.Limits{Bytes: 8 << 20}, Understood)
	if err != nil {
		t.Fatalf("our own message cannot be read: %v\n%s", err, doc)
	}
	return env
}

func FuzzDecodeResponse(f *testing.F) {
	for op, r := range sampleReplies() {
		f.Add(uint8(op), string(responseDoc(f, op, op.Name(), r, Style{CmsHostIDOutside: true})))
	}
	f.Fuzz(func(t *testing.T, op uint8, doc string) {
		env, err := soap.ReadEnvelope([]byte(doc), "", soap.Limits{}, Understood)
		if err != nil {
			return
		}
		r, err := DecodeResponse(Op(op), env)
		if (r == nil) == (err == nil) {
			t.Fatalf("reply %v with error %v", r, err)
		}
		if fault := env.Fault(); fault != nil {
			CodeOf(fault)
		}
	})
}

func FuzzDecodeEvent(f *testing.F) {
	for _, e := range sampleEvents() {
		doc, err := EncodeEvent(e, false)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(doc))
	}
	f.Fuzz(func(t *testing.T, doc string) {
		env, err := soap.ReadEnvelope([]byte(doc), "", soap.Limits{}, Understood)
		if err != nil {
			return
		}
		e, err := DecodeEvent(env)
		if err != nil {
			return
		}
		if _, err := EncodeEvent(e, true); err != nil {
			t.Fatal(err)
		}
	})
}
