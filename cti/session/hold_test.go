package session

import (
	"testing"
	"time"
)

// What is accepted while a session is held waits for the release of those who
// held it then, and never for longer than the limit; other sessions do not.
func TestHold(t *testing.T) {
	p := newPeer(func(Message, int) (time.Duration, time.Duration, error) { return 0, 0, nil })
	run(t, Config{Send: p.send}, func(d *Deliverer) {
		p.began = time.Now()
		enqueue(t, d, "s", "before")
		time.Sleep(100 * time.Millisecond)
		first, second := d.Hold("s"), d.Hold("s")
		enqueue(t, d, "s", "held")
		enqueue(t, d, "other", "free")
		time.Sleep(100 * time.Millisecond)
		first()
		first()
		time.Sleep(200 * time.Millisecond)
		second()
		time.Sleep(100 * time.Millisecond)
		d.Hold("s") // never released
		enqueue(t, d, "s", "late")
		time.Sleep(2 * time.Second)
		third := d.Hold("s")
		enqueue(t, d, "s", "gone")
		d.Forget("s", "crm")
		third()
		expect(t, p, start{"before", 0}, start{"free", 100 * time.Millisecond}, start{"held", 400 * time.Millisecond}, start{"late", 1500 * time.Millisecond})
		if d.Stats.Held.Load() != 2 || d.Stats.HeldTooLong.Load() != 1 || len(d.gates["s"]) != 1 {
			t.Errorf("held %d, too long %d, %d gates", d.Stats.Held.Load(), d.Stats.HeldTooLong.Load(), len(d.gates))
		}
	})
}

// Other limits hold for what is sent from then on.
func TestSetLimits(t *testing.T) {
	p := newPeer(func(Message, int) (time.Duration, time.Duration, error) { return 0, time.Second, nil })
	run(t, Config{Send: p.send}, func(d *Deliverer) {
		p.began = time.Now()
		enqueue(t, d, "s", "a", "b")
		time.Sleep(2 * time.Second)
		d.SetLimits(Limits{Wait: 500 * time.Millisecond})
		enqueue(t, d, "s", "c", "d")
		time.Sleep(2 * time.Second)
		expect(t, p, start{"a", 0}, start{"b", 250 * time.Millisecond}, start{"c", 2 * time.Second}, start{"d", 2500 * time.Millisecond})
	})
}
