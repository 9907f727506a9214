package screen

import "math"

// Bands of what networks and machines send, in Hz. ITU-T E.180 and its
// supplement for ring-back (425; 440 with 480; 400 with 450), E.180/Q.35 for
// special information tones (950, 1,400, 1,800 with variants), T.30 for fax.
const (
	ringLow, ringHigh     = 375, 505
	sitLow1, sitHigh1     = 880, 1015
	sitLow2, sitHigh2     = 1340, 1460
	cedLow, cedHigh       = 2070, 2130
	cngLow, cngHigh       = 1070, 1130
	beepLow, beepHigh     = 350, 2250
	toneLevel             = -42.0
	purity                = 0.7 // share of the power that a single tone has
	narrow                = 0.85
	drift                 = 22.0 // Hz by which a frame may differ from the frames before
	sway                  = 4.0  // dB
	ringFrames            = 17
	sitFrames, sitSecond  = 9, 5
	cedFrames             = 15
	cngLeast, cngMost     = 19, 31
	toneFrames            = 8 // what counts as a tone at all
	toneSlack, sitPatient = 35, 20
)

type toneKind uint8

const (
	toneNone toneKind = iota
	toneRing
	toneSIT
	toneFax
)

// tones follows the one tone that may be on the line.
type tones struct {
	run
	rings bool // the line has rung after its answer
	first int  // frames since the first of the special tones has ended; 0: none
}

// run is a tone that goes on.
type run struct {
	hz, low, high float64 // mean frequency, and the levels between which it is
	n             int
	single        int // frames in which it was one frequency alone
}

// on tells that a single tone sounds, of whatever frequency.
func (t *tones) on() bool { return t.n >= toneFrames && t.pure() }

func (r *run) pure() bool { return r.n > 0 && 4*r.single >= 3*r.n }

// expecting tells that the second of the special tones may come.
func (t *tones) expecting() bool { return t.first > 0 || (t.on() && t.within(sitLow1, sitHigh1)) }

func (r *run) within(low, high float64) bool { return r.hz >= low && r.hz <= high }

// frame takes the next frame and says which tone has just become clear.
func (t *tones) frame(pcm []int16) toneKind {
	if t.first > 0 {
		if t.first++; t.first > sitPatient {
			t.first = 0
		}
	}
	hz, level, share, near := estimate(pcm)
	was := t.run
	if !t.follow(hz, level, share, near) {
		return t.ended(was)
	}
	single := t.pure()
	switch {
	case t.n >= ringFrames && t.within(ringLow, ringHigh) && t.high-t.low <= sway:
		t.rings = true
		return toneRing
	case single && t.n >= sitSecond && t.first > 0 && t.within(sitLow2, sitHigh2):
		return toneSIT
	case single && t.n >= cedFrames && t.within(cedLow, cedHigh):
		return toneFax
	}
	return toneNone
}

// ended judges a tone that is over.
func (t *tones) ended(r run) toneKind {
	switch {
	case r.pure() && r.n >= sitFrames && r.within(sitLow1, sitHigh1):
		t.first = 1
	case r.pure() && r.n >= cngLeast && r.n <= cngMost && r.within(cngLow, cngHigh):
		return toneFax
	}
	return toneNone
}

// follow counts a frame to the tone that goes on, or begins anew with it; false
// when the tone before is over.
func (r *run) follow(hz, level, share, near float64) bool {
	if level < toneLevel || near < narrow || hz < beepLow || hz > beepHigh {
		*r = run{}
		return false
	}
	if r.n > 0 && math.Abs(hz-r.hz) > drift {
		*r = run{}
		r.add(hz, level, share)
		return false
	}
	r.add(hz, level, share)
	return true
}

func (r *run) add(hz, level, share float64) {
	if r.n <= 1 { // the frame in which a tone begins has less of it
		r.low, r.high = level, level
	}
	r.low, r.high = min(r.low, level), max(r.high, level)
	r.hz = (r.hz*float64(r.n) + hz) / float64(r.n+1)
	r.n++
	if share >= purity {
		r.single++
	}
}

// estimate finds the one frequency that explains a frame best, its share of the
// power, and how narrow the band is around it: two tones close to each other, as
// ring-back is in some countries, are narrow and not one.
//
// The frequency is Pisarenko's, which white noise does not shift: for a sine
// x[n]+x[n-2] = 2 cos(w) x[n-1] holds exactly.
func estimate(pcm []int16) (hz, level, share, near float64) {
	if len(pcm) < 3 {
		return 0, levelFloor, 0, 0
	}
	var a, b, cross, power float64
	x1, x2 := float64(pcm[1]), float64(pcm[0])
	power = x1*x1 + x2*x2
	for _, s := range pcm[2:] {
		x := float64(s)
		y := x + x2
		a += y * x1
		b += y*y - 2*x1*x1
		cross += y * y
		power += x * x
		x1, x2 = x, x1
	}
	level = levelFloor
	if power > 0 {
		level = max(levelFloor, 10*math.Log10(power/float64(len(pcm))/(1<<30)))
	}
	if level < toneLevel {
		return 0, level, 0, 0
	}
	c := 0.0 // 2,000 Hz exactly
	if a != 0 {
		c = (b + math.Sqrt(b*b+8*a*a)) / (4 * a)
	}
	if c <= -1 || c >= 1 {
		return 0, level, 0, 0
	}
	// What the sine leaves of y, against what white noise of this power would.
	middle := (cross - b) / 2 // of x[n-1] squared
	rest := cross - 4*c*a + 4*c*c*middle
	near = 1 - rest/((2+4*c*c)*middle)
	return math.Acos(c) / (2 * math.Pi) * 8000, level, goertzel(pcm, 2*c, power), near
}

// goertzel is the share of the power at the frequency whose doubled cosine is coeff.
func goertzel(pcm []int16, coeff, power float64) float64 {
	var s1, s2 float64
	for _, s := range pcm {
		s1, s2 = float64(s)+coeff*s1-s2, s1
	}
	p := s1*s1 + s2*s2 - coeff*s1*s2
	return 2 * p / (float64(len(pcm)) * power)
}
