package callmodel

import (
	"strconv"
	"time"
)

// estimate is the estimated wait of a call behind ahead others, or -1 where
// nobody serves its queue.
func (s *State) estimate(c *Call, ahead int) time.Duration {
	staffed, ready := s.staff(c.Queue)
	return s.router.Estimate(s.queues[c.Queue], ahead, staffed, ready)
}

// staff counts a queue's agents, of those who are signed in, who are ready or busy, and those who are ready.
func (s *State) staff(q QueueID) (staffed, ready int) {
	for _, cfg := range s.config.serving[q] {
		a := s.agents[cfg.ID]
		switch {
		case a == nil || a.PhoneOff || !a.Serves(q):
		case a.State == Ready && a.Elsewhere != "":
			staffed++
		case a.State == Ready:
			ready++
			staffed++
		case a.busy():
			staffed++
		}
	}
	return staffed, ready
}

// arrivalOverflow checks the rules that hold when a call arrives.
func (s *State) arrivalOverflow(c *Call) (to Dest, why string, over bool) {
	q := s.queueConfig(c)
	if q == nil || len(q.Overflow) == 0 {
		return to, "", false
	}
	live := s.queues[c.Queue]
	for i := range q.Overflow {
		r := &q.Overflow[i]
		hit := false
		switch r.When {
		case OverflowSize:
			hit = len(live.Waiting) >= r.Limit
		case OverflowEstimate:
			e := s.estimate(c, len(live.Waiting))
			hit = e >= r.After
		case OverflowNoAgents:
			hit = !s.manned(c.Queue)
		case OverflowNoneReady:
			staffed, _ := s.staff(c.Queue)
			hit = staffed == 0
		case OverflowClosed:
			open, holiday := s.hours(q)
			hit = !open && holiday == ""
		case OverflowHoliday:
			open, holiday := s.hours(q)
			hit = !open && holiday != ""
		case OverflowPaused:
			hit = live.Paused
		case OverflowWait:
		}
		if hit {
			return r.To, string(r.When), true
		}
	}
	return to, "", false
}

// hours tells whether a queue is open now, and the holiday's name.
func (s *State) hours(q *QueueConfig) (open bool, holiday string) {
	cal := s.config.calendars[q.Hours]
	if cal == nil {
		return true, ""
	}
	st := cal.At(s.wall.time(s.now))
	return st.Open, st.Holiday
}

// manned reports whether anybody who serves the queue is logged in, and signed in to it.
func (s *State) manned(q QueueID) bool {
	for _, cfg := range s.config.serving[q] {
		if a := s.agents[cfg.ID]; a != nil && a.State != LoggedOut && a.Serves(q) {
			return true
		}
	}
	return false
}

// overflow sends a call elsewhere by a rule of its queue.
func (s *State) overflow(id CallID, to Dest, why string) {
	c := s.edit(id)
	s.editQueue(c.Queue).Overflow++
	c.Overflows++
	c.Phase = PhaseDialing
	if why == string(OverflowClosed) || why == string(OverflowHoliday) {
		c.Outcome = OutcomeClosed
	} else {
		c.Outcome = OutcomeOverflow
	}
	if !c.inVisit() { // it was not let in
		s.visit(c)
	}
	s.visitEnds(c, VisitOverflow)
	c.editVisit().Rule = why
	s.cancelTimer(TimerWait, id, ConnID{})
	s.quiet(id)
	s.diverted(id, to.String(), "overflow on "+why)
	s.take(id, to)
}

// watchWait sets the timer for the next thing that is due for a waiting call.
func (s *State) watchWait(id CallID) {
	c := s.calls[id]
	if c == nil || c.Phase != PhaseWaiting {
		return
	}
	due := s.nextDue(c)
	if c.WaitDue != 0 && c.WaitDue <= s.now {
		due = s.now // it has come due, and its timer is still on its way
	}
	if due != c.WaitDue {
		s.edit(id).WaitDue = due
	}
	if due == 0 {
		s.cancelTimer(TimerWait, id, ConnID{})
		return
	}
	s.setTimer(TimerWait, id, ConnID{}, max(due.Sub(s.now), 0))
}

// nextDue is when something is due for a waiting call, 0 for never.
func (s *State) nextDue(c *Call) Instant {
	q := s.queueConfig(c)
	if q == nil {
		return 0
	}
	var due Instant
	soon := func(t Instant) {
		if t > s.now && (due == 0 || t < due) {
			due = t
		}
	}
	waited := s.now.Sub(c.QueuedAt)
	if _, next := s.router.Step(q, c, waited); next > 0 {
		soon(c.QueuedAt.Add(next))
	}
	if c.Preferred != "" {
		soon(c.QueuedAt.Add(q.PreferredWait))
	}
	if c.RequiredTo > 0 {
		soon(c.RequiredTo)
	}
	for i := range q.Overflow {
		if r := &q.Overflow[i]; r.When == OverflowWait && !c.seeks() {
			soon(c.QueuedAt.Add(r.After))
		}
	}
	if c.Announce != nil && c.Announce.Play != "" {
		soon(c.Announce.Until)
	} else if q.Announce.on() && c.Waiting().Leg.alive() && !c.seeks() {
		soon(s.announceDue(c, q))
	}
	return due
}

// announceDue is when the next announcement is due, 0 for never.
func (s *State) announceDue(c *Call, q *QueueConfig) Instant {
	switch {
	case c.Announce == nil && q.Announce.First > 0:
		return c.QueuedAt.Add(q.Announce.First)
	case c.Announce == nil:
		return c.QueuedAt.Add(q.Announce.Every)
	}
	return c.Announce.Next
}

// waitDue does what has come due for a waiting call.
func (s *State) waitDue(id CallID) {
	c := s.edit(id)
	c.WaitDue = 0
	if c.Phase != PhaseWaiting {
		return
	}
	q := s.queueConfig(c)
	if q == nil {
		s.place(id)
		return
	}
	waited := s.now.Sub(c.QueuedAt)
	for i := range q.Overflow {
		if r := &q.Overflow[i]; r.When == OverflowWait && waited >= r.After && c.Kind != KindCallback && !c.seeks() {
			s.dequeue(id)
			s.overflow(id, r.To, string(r.When))
			return
		}
	}
	if s.place(id) {
		return
	}
	if c = s.calls[id]; c.Announce != nil && c.Announce.Play != "" && s.now >= c.Announce.Until {
		s.quiet(id)
		s.treat(id)
	}
	if c = s.calls[id]; c != nil && q.Announce.on() && c.Waiting().Leg.alive() && !c.seeks() {
		if due := s.announceDue(c, q); due > 0 && due <= s.now && (c.Announce == nil || c.Announce.Play == "") {
			s.announce(id, q)
		}
	}
	s.watchWait(id)
}

// announce plays the next announcement: the music stops for it.
func (s *State) announce(id CallID, q *QueueConfig) {
	c := s.edit(id)
	st := AnnounceState{}
	if c.Announce != nil {
		st = *c.Announce
	}
	media := s.announcement(c, q, &st)
	st.Next = 0
	if q.Announce.Every > 0 {
		st.Next = s.now.Add(q.Announce.Every)
	}
	c.Announce = &st
	if len(media) == 0 {
		return
	}
	s.answerWaiting(id)
	w := s.calls[id].Waiting().ID
	s.stopMusic(id, w)
	play := s.play(id, w, media...)
	st.Play, st.Until = play, s.now.Add(announceLimit)
	s.edit(id).Announce = &st
}

// announceLimit is how long an announcement may last.
const announceLimit = 2 * time.Minute

// Sounds of Asterisk's core set that announcements are made of.
const (
	soundNext      = "sound:queue-youarenext"
	soundThereAre  = "sound:queue-thereare"
	soundWaiting   = "sound:queue-callswaiting"
	soundHoldTime  = "sound:queue-holdtime"
	soundMinutes   = "sound:queue-minutes"
	soundLess      = "sound:queue-less-than"
	longestMinutes = 60
)

func (s *State) announcement(c *Call, q *QueueConfig, st *AnnounceState) []string {
	var media []string
	ahead := s.position(c) - 1
	if q.Announce.Position {
		if ahead <= 0 {
			media = append(media, soundNext)
		} else {
			media = append(media, soundThereAre, "number:"+strconv.Itoa(ahead+1), soundWaiting)
		}
	}
	if wait := s.estimate(c, ahead); q.Announce.Wait && wait > 0 {
		minutes := min(max(int((wait+time.Minute-1)/time.Minute), 1), longestMinutes)
		media = append(media, soundHoldTime)
		if wait < time.Minute {
			media = append(media, soundLess)
		}
		media = append(media, "number:"+strconv.Itoa(minutes), soundMinutes)
	}
	if n := len(q.Announce.Prompts); n > 0 {
		media = append(media, q.Announce.Prompts[st.Prompt%n])
		st.Prompt = (st.Prompt + 1) % n
	}
	return media
}

// position is a waiting call's place, from 1.
func (s *State) position(c *Call) int {
	for i, id := range s.queues[c.Queue].Waiting {
		if id == c.ID {
			return i + 1
		}
	}
	return 1
}

// quiet ends an announcement that is playing: whatever the leg is told next
// would wait for its end.
func (s *State) quiet(id CallID) {
	c := s.calls[id]
	if c.Announce == nil || c.Announce.Play == "" {
		return
	}
	play := c.Announce.Play
	c = s.edit(id)
	st := *c.Announce
	st.Play = ""
	c.Announce = &st
	s.stopPlay(id, c.Waiting().ID, play)
}

// announceEnded is the end of an announcement.
func (s *State) announceEnded(id CallID) {
	c := s.edit(id)
	st := *c.Announce
	st.Play = ""
	c.Announce = &st
	s.treat(id)
	s.watchWait(id)
}

// serviceState says what a queue is as a service (features.md 1, reference 002).
func (s *State) serviceState(q *QueueConfig) (ServiceState, string) {
	open, holiday := s.hours(q)
	failed := true
	for _, n := range s.nodes {
		failed = failed && !n.Up
	}
	switch {
	case failed:
		return ServiceFailed, ""
	case s.queues[q.ID].Paused:
		return ServicePaused, ""
	case !open && holiday != "":
		return ServiceHoliday, holiday
	case !open:
		return ServiceClosed, ""
	case !s.manned(q.ID):
		return ServiceUnmanned, ""
	}
	return ServiceActive, ""
}

// watchService tells of queues whose service state has changed; calls that
// wait where nobody is logged in any more overflow.
func (s *State) watchService() {
	for i := range s.config.Queues {
		q := &s.config.Queues[i]
		live := s.queues[q.ID]
		if live == nil {
			continue
		}
		state, holiday := s.serviceState(q)
		if live.Service == state && live.Holiday == holiday {
			continue
		}
		live = s.editQueue(q.ID)
		live.Service, live.Holiday = state, holiday
		s.emit(Event{Kind: EvQueueChanged, Queue: live})
		if state == ServiceUnmanned {
			s.leaveUnmanned(q)
		}
	}
}

// leaveUnmanned lets those who wait go where the queue's rule for no agents says.
func (s *State) leaveUnmanned(q *QueueConfig) {
	for _, r := range q.Overflow {
		if r.When != OverflowNoAgents {
			continue
		}
		for _, id := range append([]CallID(nil), s.queues[q.ID].Waiting...) {
			if c := s.calls[id]; c != nil && c.Phase == PhaseWaiting && c.Kind != KindCallback && !c.seeks() {
				s.dequeue(id)
				s.overflow(id, r.To, string(r.When))
			}
		}
		return
	}
}

// pauseQueue stops a queue from giving calls to agents, or undoes it.
func (s *State) pauseQueue(in PauseQueue) error {
	if s.queues[in.Queue] == nil || s.config.Queue(in.Queue) == nil {
		return noQueue(in.Tag(), in.Queue)
	}
	if s.queues[in.Queue].Paused == in.Paused {
		return nil
	}
	s.editQueue(in.Queue).Paused = in.Paused
	s.watchService()
	if !in.Paused {
		s.serveAll()
	}
	return nil
}
