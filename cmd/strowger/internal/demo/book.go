package demo

import (
	"strings"
	"sync"
	"time"

	"strowger/switch/callmodel"
)

// conversation is one caller's call as the demo knows it. leg, from, queue and
// the channels are set once, before it is in the book.
type conversation struct {
	from    Caller
	queue   Queue
	dialled chan struct{} // closed when leg is set
	talking chan struct{} // closed when an agent has answered
	checked chan struct{} // closed after the first audio check
	leg     Leg

	number   int64 // of the call; the rest is guarded by book.mu
	answered bool
	givenUp  bool          // the caller hangs up by itself, before or while talking
	passedOn chan struct{} // made when the agent transfers the caller, closed when the next one has answered
}

// book joins what callers, the CRM and the switch know of the same call. It
// holds live callers only, and at most [maxItems] of the CRM's items.
type book struct {
	mu      sync.Mutex
	callers map[string]*conversation // by number without its plus sign
	calls   map[string]int64         // call number by the item's handle
	items   []string                 // keys of calls, oldest first
	news    chan struct{}            // closed and replaced when an item is added
}

const (
	maxItems = 1000
	itemWait = 200 * time.Millisecond
)

func newBook() *book {
	return &book{callers: map[string]*conversation{}, calls: map[string]int64{}, news: make(chan struct{})}
}

// enter adds a caller; false when that number or all lines are in use.
func (b *book) enter(c *conversation) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	key := plain(c.from.Number)
	if _, busy := b.callers[key]; busy || len(b.callers) >= maxLive {
		return false
	}
	b.callers[key] = c
	return true
}

func (b *book) leave(c *conversation) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.callers, plain(c.from.Number))
}

// started joins a call of the switch with its caller; nil for somebody else's call.
func (b *book) started(c *callmodel.Call) *conversation {
	b.mu.Lock()
	defer b.mu.Unlock()
	conv := b.callers[plain(c.Caller)]
	if conv != nil && conv.number == 0 {
		conv.number = c.Number
	}
	return conv
}

// of returns the caller of a call, or nil.
func (b *book) of(c *callmodel.Call) *conversation {
	b.mu.Lock()
	defer b.mu.Unlock()
	if conv := b.callers[plain(c.Caller)]; conv != nil && conv.number == c.Number {
		return conv
	}
	return nil
}

// answer notes that an agent has answered; first is false for the second one.
func (b *book) answer(c *conversation) (first bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if c.answered {
		if c.passedOn != nil && !closed(c.passedOn) {
			close(c.passedOn)
		}
		return false
	}
	c.answered = true
	close(c.talking)
	return true
}

// passOn notes that a caller is transferred; false when that was so before.
func (b *book) passOn(c *conversation) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if c.passedOn != nil {
		return false
	}
	c.passedOn = make(chan struct{})
	return true
}

// passedOn is what a transferred caller waits for; nil: nobody has transferred it.
func (b *book) passedOn(c *conversation) <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	return c.passedOn
}

// giveUp notes that the caller hangs up.
func (b *book) giveUp(c *conversation) {
	b.mu.Lock()
	defer b.mu.Unlock()
	c.givenUp = true
}

// callOf returns what the events of a conversation are labelled with.
func (b *book) callOf(c *conversation) (number int64, givenUp, answered bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return c.number, c.givenUp, c.answered
}

// item notes which call an item of the CRM belongs to.
func (b *book) item(handle string, call int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, known := b.calls[handle]; known {
		return
	}
	b.calls[handle] = call
	b.items = append(b.items, handle)
	if len(b.items) > maxItems {
		delete(b.calls, b.items[0])
		b.items = b.items[1:]
	}
	close(b.news)
	b.news = make(chan struct{})
}

// await gives the narrator a moment to come as far as the CRM, which hears of
// the same events by another way, so that lines are told in the order of things.
func (b *book) await(handle string) {
	t := time.NewTimer(itemWait)
	defer t.Stop()
	for {
		b.mu.Lock()
		_, known := b.calls[handle]
		news := b.news
		b.mu.Unlock()
		if known {
			return
		}
		select {
		case <-news:
		case <-t.C:
			return
		}
	}
}

// callWith returns the number of the call that a CRM's item belongs to: by its
// handle, or by the caller's number where the CRM has heard of it first.
func (b *book) callWith(handle string, remote []string) int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	if n := b.calls[handle]; n != 0 {
		return n
	}
	for _, r := range remote {
		if c := b.callers[plain(r)]; c != nil {
			return c.number
		}
	}
	return 0
}

// live returns the callers that are on the line.
func (b *book) live() []*conversation {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := make([]*conversation, 0, len(b.callers))
	for _, c := range b.callers {
		out = append(out, c)
	}
	return out
}

// plain is a number without its plus sign: dialplans and dialects differ in it.
func plain(number string) string { return strings.TrimPrefix(number, "+") }
