package callmodel

// mirrored is AppendText for what is mirrored.
func (b *textBuf) mirrored(m *Mirrored) {
	if c := m.Call; c != nil {
		b.num("call", c.Number)
		b.kv("phase", c.Phase.String())
		b.kv("outcome", string(c.Outcome))
		b.num("place", int64(c.Position))
		b.kv("caller", c.Caller)
		b.kv("member", c.Member)
		for _, r := range c.Rings {
			b.kv("rings", r)
		}
	}
	if mm := m.Member; mm != nil {
		b.kv("agent", mm.Interface)
		b.kv("phone", string(mm.Phone))
		b.flag("paused", mm.Paused)
		b.flag("in-call", mm.InCall)
		b.num("penalty", int64(mm.Penalty))
	}
	if m.Queue != nil {
		b.kv("queue", string(m.Queue.ID))
	}
}
