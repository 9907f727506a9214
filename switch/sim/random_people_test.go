package sim

import (
	"strconv"
	"time"
)

// pinLength is the length of the secret entry. What is pressed there is a
// canary: the number must be in no input, event or effect.
const pinLength = 8

func (h *harness) policy() PhonePolicy {
	modes := []PhoneMode{Answers, Answers, Answers, Answers, Answers, Answers, Manual, Rejects, Busy, Silent, Unregistered}
	if h.seed%3 == 0 { // a run where most calls come through
		modes = modes[:6]
	}
	return PhonePolicy{
		Mode: modes[h.rng.IntN(len(modes))], AnswerAfter: Range{0, 4 * time.Second}, Lines: 1 + h.rng.IntN(2), NoTalk: h.rng.IntN(5) == 0,
		Talk: Range{0, time.Duration(h.rng.IntN(3)) * 4 * time.Second}, NoAutoAnswer: h.rng.IntN(5) == 0,
	}
}

// world makes the trunks and the numbers outside.
func (h *harness) world() {
	h.ex.Trunk("gw1", 2)
	h.home(2).Trunk("gw2", 0)
	for _, ex := range h.all() {
		h.worldOf(ex)
	}
}

// worldOf is what one exchange knows of the world.
func (h *harness) worldOf(ex *Exchange) {
	modes := []PhoneMode{Answers, Answers, Answers, Manual, Rejects, Busy, Silent, NoSuchNumber, NumberGone, Congested}
	for i, m := range modes {
		ex.Outside("493055550"+strconv.Itoa(i), PhonePolicy{Mode: m, AnswerAfter: Range{0, 2 * time.Second}, Talk: Range{0, time.Duration(i%3) * 4 * time.Second}})
	}
	customers(ex)
	ex.Elsewhere(Always(PhonePolicy{Mode: Answers, AnswerAfter: Range{0, 3 * time.Second}, Talk: Exactly(3 * time.Second)}))
	ex.SetMedia("sound:none", -1)
	ex.SetMedia("sound:alert", 300*time.Millisecond)
	ex.SetMedia("sound:beep", 200*time.Millisecond)
	ex.SetDecider(h.decide)
}

func (h *harness) placeCall() {
	numbers := []string{"801", "802", "803", "491", "+492", "493", "600", "600", "101", "103", "999"}
	c := Caller{Number: "+49301" + strconv.Itoa(5000+h.rng.IntN(1000)), Name: "Somebody", Withheld: h.rng.IntN(8) == 0, Trunk: pick(h.rng, "", "gw1", "gw2")}
	if h.rng.IntN(2) == 0 {
		c.Patience = time.Second + h.jitter(20*time.Second)
	}
	if h.rng.IntN(2) == 0 {
		c.Talk = 100*time.Millisecond + h.jitter(10*time.Second)
	}
	if leg, err := h.one().Place(numbers[h.rng.IntN(len(numbers))], c); err == nil {
		h.legs = append(h.legs, leg)
		h.placed++
	}
}

// livingLeg picks a caller's leg; mostly one that lives.
func (h *harness) livingLeg() *CallerLeg {
	for range 4 {
		if len(h.legs) == 0 {
			return nil
		}
		i := h.rng.IntN(len(h.legs))
		select {
		case <-h.legs[i].Done():
			h.legs[i] = h.legs[len(h.legs)-1]
			h.legs = h.legs[:len(h.legs)-1]
		default:
			return h.legs[i]
		}
	}
	return nil
}

// callerAct is something that a caller does with the phone. What is refused
// in a state is part of the noise.
func (h *harness) callerAct() {
	leg := h.livingLeg()
	if leg == nil {
		return
	}
	switch h.rng.IntN(8) {
	case 0, 1:
		leg.Hangup()
	case 2:
		_ = leg.Hold()
	case 3:
		_ = leg.Resume()
	default:
		_ = leg.Press(h.keys(leg))
	}
}

// keys are the digits that a caller presses: what the menu asks for, mostly. A
// secret entry is a number of its own each time, and is remembered.
func (h *harness) keys(leg *CallerLeg) string {
	if c := callOfLeg(h.st.View(), leg.Channel()); c != nil && c.IVR != nil && c.IVR.Node == "pin" {
		pin := strconv.Itoa(70_000_000 + h.rng.IntN(9_999_999))
		h.check.secrets = append(h.check.secrets, pin)
		return pin
	}
	return pick(h.rng, "1", "2", "3", "3", "44", "12#", "9", "#", "123456", "*0")
}

// phoneAct is something that an agent does with the phone.
func (h *harness) phoneAct() {
	if h.rng.IntN(2) == 0 && h.typeCode() {
		return
	}
	p := h.phones[h.rng.IntN(len(h.phones))]
	switch h.rng.IntN(20) {
	case 0, 1, 2, 3, 4, 5:
		_ = p.Answer()
	case 6:
		_ = p.Reject()
	case 7, 8:
		_ = p.Hangup()
	case 9, 10:
		_ = p.Hold()
	case 11, 12, 13:
		_ = p.Resume()
	case 14:
		_, _ = p.Dial(pick(h.rng, "801", "102", "030555501", "112", "600", "701", "nobody"))
	case 15:
		_ = p.Transfer(pick(h.rng, "802", "103", "030555502", "701", "999"))
	case 16:
		_ = p.Connect()
	case 17:
		_ = p.Press("5#")
	default:
		p.SetPolicy(h.policy())
	}
}
