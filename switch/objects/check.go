package objects

import (
	"net/url"
	"strconv"
	"strings"

	"strowger/switch/callmodel"
	"strowger/switch/fault"
	"strowger/switch/numbering"
	"strowger/switch/objects/schema"
)

// checker holds what the checks of a whole set share.
type checker struct {
	*schema.Report
	file *file
	ids  map[Kind][]string
}

// check finds references into nothing, numbers with two meanings and values
// that contradict each other.
func (s *Set) check(r *schema.Report) {
	c := &checker{Report: r, file: &s.file, ids: map[Kind][]string{}}
	for _, k := range Kinds() {
		c.ids[k] = s.ids(k)
	}
	c.numbers()
	c.stations()
	for i := range s.file.Queues {
		c.queue(i)
	}
	for i := range s.file.Agents {
		c.agent(i)
	}
	for i := range s.file.IVRs {
		c.menu(i)
	}
	for i, d := range s.file.Decisions {
		u, err := url.Parse(d.URL)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil {
			c.Errorf(at(KindDecision, i, "url"), "write http://host/path or https://host/path, without a password", "this is not an http or https address")
		}
	}
	for i, d := range s.file.DNIS {
		c.dest(d.To, at(KindDNIS, i, "to"))
	}
	for i, d := range s.file.Calendars {
		for j, h := range d.Holidays {
			if h.Name == "" {
				c.Errorf(at(KindCalendar, i, "holidays", strconv.Itoa(j), "name"), "give the holiday a name", "must not be empty")
			}
		}
	}
	c.trunkGroups()
	for i := range s.file.Campaigns {
		c.campaign(i)
	}
	c.domain(s)
}

// refer files a reference to an object that does not exist.
func (c *checker) refer(k Kind, id string, path []string) {
	if id == "" || has(c.ids[k], id) {
		return
	}
	ids := c.ids[k]
	fix := "add the " + string(k) + ", or remove it here"
	if best := schema.Nearest(id, ids); best != "" {
		fix = "did you mean " + best + "?"
	} else if len(ids) > 0 && len(ids) <= 12 {
		fix = "the " + strings.ReplaceAll(k.Section(), "_", " ") + " are " + strings.Join(ids, ", ")
	}
	c.Errorf(path, fix, "there is no %s %q", k, schema.Printable(id))
}

func didYouMean(id string, ids []string) string {
	if best := schema.Nearest(id, ids); best != "" {
		return "; did you mean " + best + "?"
	}
	return ""
}

// dest files a destination that is none, or leads to nothing.
func (c *checker) dest(text string, path []string) {
	d, err := callmodel.ParseDest(text)
	if err != nil {
		c.Errorf(path, "write queue:ID, agent:ID, ivr:ID, number:600, announce:sound:NAME, hangup:busy or hangup:", "%q is not a destination", schema.Printable(text))
		return
	}
	switch d.Kind {
	case callmodel.DestQueue:
		c.refer(KindQueue, d.Value, path)
	case callmodel.DestAgent:
		c.refer(KindAgent, d.Value, path)
	case callmodel.DestIVR:
		c.refer(KindIVR, d.Value, path)
	case callmodel.DestAnnounce:
		sound := d.Value
		if !strings.Contains(sound, ":") {
			sound = "sound:" + sound
		}
		c.media(sound, path)
	case callmodel.DestNumber:
		if _, err := numbering.Dialable(d.Value); err != nil {
			c.Errorf(path, "write digits, or kind:value as in queue:support", "%q is not a number", schema.Printable(d.Value))
		}
	case callmodel.DestHangup:
	}
}

// media files a sound that Asterisk could not play.
func (c *checker) media(text string, path []string) {
	if text == "" {
		return
	}
	if err := callmodel.ValidMedia(text); err != nil {
		c.Errorf(path, fault.ReasonOf(err), "%q is not a sound", schema.Printable(text))
	}
}

func (c *checker) medias(list []string, path []string) {
	for i, text := range list {
		at := append(path[:len(path):len(path)], strconv.Itoa(i))
		if text == "" {
			c.Errorf(at, "write sound:NAME", "must not be empty")
		}
		c.media(text, at)
	}
}

// once files what a list names twice.
func (c *checker) once(list []string, path []string, fix string) {
	seen := schema.Owners{}
	for i, s := range list {
		seen.Claim(c.Report, s, append(path[:len(path):len(path)], strconv.Itoa(i)), fix)
	}
}

// numbers makes sure that a number has one meaning: queues, lines, menus,
// parking places and dnis entries.
func (c *checker) numbers() {
	const fix = "a number leads to one place: change one of them"
	taken := schema.Owners{}
	for i, q := range c.file.Queues {
		taken.Claim(c.Report, q.Number, at(KindQueue, i, "number"), fix)
	}
	for i, a := range c.file.Agents {
		taken.Claim(c.Report, a.Line, at(KindAgent, i, "line"), fix)
	}
	for i, m := range c.file.IVRs {
		taken.Claim(c.Report, m.Number, at(KindIVR, i, "number"), fix)
	}
	c.parking(taken, fix)
	for i, q := range c.file.Queues {
		for j, d := range q.DNIS {
			if d = strings.TrimPrefix(d, "+"); d != q.Number {
				taken.Claim(c.Report, d, at(KindQueue, i, "dnis", strconv.Itoa(j)), "a dialled number leads to one place: remove it from one of them")
			}
		}
	}
	for i, e := range c.file.DNIS {
		for j, d := range e.Dialled {
			taken.Claim(c.Report, strings.TrimPrefix(strings.TrimPrefix(d, "="), "+"), at(KindDNIS, i, "dialled", strconv.Itoa(j)), fix)
		}
	}
}

func (c *checker) parking(taken schema.Owners, fix string) {
	p, path := c.file.Parking, []string{KindParking.Section(), "first"}
	first, err := strconv.ParseInt(p.First, 10, 64)
	if p.First == "" || err != nil {
		return
	}
	for i := range int64(p.Places) {
		place := strconv.FormatInt(first+i, 10)
		if pad := len(p.First) - len(place); pad > 0 {
			place = strings.Repeat("0", pad) + place
		}
		if len(place) > len(p.First) {
			c.Errorf(path, "begin lower, or have fewer places", "the last place would have more digits than the first")
			return
		}
		if !taken.Claim(c.Report, place, path, fix) {
			return
		}
	}
}

func (c *checker) stations() {
	endpoints := schema.Owners{}
	const fix = "two cannot share a phone: give each their own endpoint, or make it a station that both refer to"
	for i, s := range c.file.Stations {
		endpoints.Claim(c.Report, phoneName(s.Node, s.Endpoint), at(KindStation, i, "endpoint"), fix)
		c.media(s.Beep, at(KindStation, i, "beep"))
	}
	for i, a := range c.file.Agents {
		path := at(KindAgent, i, "station")
		s := a.Station
		switch {
		case s.ID == "" && s.Endpoint == "" && len(c.file.Stations) == 0:
			c.Errorf(append(path, "endpoint"), "set it, for example `endpoint: \"101\"`, or add stations that agents log in at", "missing")
		case s.ID != "" && s.Endpoint != "":
			c.Errorf(append(path, "endpoint"), "keep one of them", "the station %s has an endpoint of its own", s.ID)
		}
		c.refer(KindStation, s.ID, append(path, "id"))
		endpoints.Claim(c.Report, phoneName(s.Node, s.Endpoint), append(path, "endpoint"), fix)
		c.media(s.Beep, append(path, "beep"))
	}
}

// phoneName tells phones of one name at two servers apart.
func phoneName(node, endpoint string) string {
	if node == "" || endpoint == "" {
		return endpoint
	}
	return endpoint + " at " + node
}

func (c *checker) agent(i int) {
	a := c.file.Agents[i]
	for j, q := range a.Queues {
		c.refer(KindQueue, q, at(KindAgent, i, "queues", strconv.Itoa(j)))
	}
	c.once(a.Queues, at(KindAgent, i, "queues"), "name each queue once")
	c.once(a.Capabilities, at(KindAgent, i, "capabilities"), "name each capability once")
	c.refer(KindDialRule, a.DialRule, at(KindAgent, i, "dial_rule"))
	c.levels(a.Skills, at(KindAgent, i, "skills"))
	seen := schema.Owners{}
	for j, r := range a.Ranks {
		path := at(KindAgent, i, "ranks", strconv.Itoa(j), "queue")
		if !has(a.Queues, r.Queue) {
			c.Errorf(path, "add it to the agent's queues, or remove the rank", "the agent does not serve the queue %q", schema.Printable(r.Queue))
		}
		seen.Claim(c.Report, r.Queue, path, "name each queue once")
	}
}

func (c *checker) levels(list []levelObject, path []string) {
	seen := schema.Owners{}
	for i, l := range list {
		at := append(path[:len(path):len(path)], strconv.Itoa(i), "skill")
		c.refer(KindSkill, l.Skill, at)
		seen.Claim(c.Report, l.Skill, at, "name each skill once")
	}
}

func (c *checker) queue(i int) {
	q := c.file.Queues[i]
	path := func(rest ...string) []string { return at(KindQueue, i, rest...) }
	c.refer(KindCalendar, q.Hours, path("hours"))
	c.refer(KindDialRule, q.DialRule, path("dial_rule"))
	for j, d := range q.Dispositions {
		c.refer(KindDisposition, d, path("dispositions", strconv.Itoa(j)))
	}
	c.once(q.Dispositions, path("dispositions"), "name each disposition once")
	for j, s := range q.Skills {
		c.levels(s.Need, path("skills", strconv.Itoa(j), "need"))
		if j > 0 && s.After <= q.Skills[j-1].After {
			c.Errorf(path("skills", strconv.Itoa(j), "after"), "put the steps in the order of their waiting times", "the step before begins at %s", schema.FormatDuration(q.Skills[j-1].After))
		}
	}
	c.media(q.AudioAlert, path("audio_alert"))
	c.media(q.Supervision.Beep, path("supervision", "beep"))
	c.medias(q.Announce.Prompts, path("announce", "prompts"))
	c.media(q.Callback.Prompt, path("callback", "prompt"))
	if q.WrapUpMode != string(callmodel.WrapUpTimer) && q.WrapUpMax < q.WrapUp {
		c.Errorf(path("wrap_up_max"), "write at least wrap_up", "is shorter than wrap_up")
	}
	if q.ExternalRoute.Default != "" {
		c.dest(q.ExternalRoute.Default, path("external_route", "default"))
	}
	for j, o := range q.Overflow {
		c.overflow(q, o, path("overflow", strconv.Itoa(j)))
	}
}

func (c *checker) overflow(q queueObject, o overflowObject, path []string) {
	under := func(name string) []string { return append(path[:len(path):len(path)], name) }
	c.dest(o.To, under("to"))
	if o.To == string(callmodel.DestQueue)+":"+q.ID {
		c.Errorf(under("to"), "name another place", "the calls would come back to this queue")
	}
	switch callmodel.OverflowWhen(o.When) {
	case callmodel.OverflowSize:
		if o.Limit == 0 {
			c.Errorf(under("limit"), "write how many calls may wait", "missing")
		}
	case callmodel.OverflowEstimate, callmodel.OverflowWait:
		if o.After == 0 {
			c.Errorf(under("after"), "write a time, for example 5m", "missing")
		}
	case callmodel.OverflowClosed, callmodel.OverflowHoliday:
		if q.Hours == "" {
			c.Errorf(under("when"), "set the queue's hours, or remove the rule", "the queue has no hours, so this never happens")
		}
	case callmodel.OverflowNoAgents, callmodel.OverflowNoneReady, callmodel.OverflowPaused:
	}
}
