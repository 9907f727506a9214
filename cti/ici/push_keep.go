package ici

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"os"
	"slices"
	"sync"
	"time"

	"strowger/switch/watch"
)

// maxKeptFile bounds the file that is read.
const maxKeptFile = 64 << 20

// kept is a subscription in the file, in the order in which they were made.
type kept struct {
	AppURL  string       `json:"app_url"`
	AppID   string       `json:"app_id"`
	Since   time.Time    `json:"since"`
	Targets []keptTarget `json:"targets"`
}

// keptTarget is a target, under the interface's name, for numbers may change.
type keptTarget struct {
	Interface string `json:"interface"`
	ID        string `json:"id"`
	Name      string `json:"name,omitempty"` // of a user, as the CRM spells it
}

type keptFile struct {
	Subscriptions []kept `json:"subscriptions"`
}

// keeper writes the subscriptions to a file, so that they outlive a crash. Many
// changes are one write. The zero file name keeps nothing.
type keeper struct {
	file  string
	log   *slog.Logger
	read  func() keptFile // the subscriptions of this moment
	stats *PushStats
	wake  chan struct{}
	work  sync.WaitGroup

	done watch.Progress // how many changes are in the file, or could not be written

	mu      sync.Mutex    // guards what follows
	changes uint64        // how many there were
	quit    chan struct{} // nil: it does not run
	failed  bool          // the last write did; it is logged once
}

func newKeeper(file string, log *slog.Logger, stats *PushStats, read func() keptFile) *keeper {
	return &keeper{file: file, log: log, stats: stats, read: read, wake: make(chan struct{}, 1)}
}

// changed has the file written. It is quick.
func (k *keeper) changed() {
	if k.file == "" {
		return
	}
	k.mu.Lock()
	k.changes++
	k.mu.Unlock()
	select {
	case k.wake <- struct{}{}:
	default: // it will look
	}
}

func (k *keeper) start() {
	if k.file == "" {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.quit = make(chan struct{})
	quit := k.quit
	k.work.Go(func() { k.run(quit) })
}

// stop writes what is not written yet.
func (k *keeper) stop() {
	k.mu.Lock()
	quit := k.quit
	k.quit = nil
	k.mu.Unlock()
	if quit == nil {
		return
	}
	close(quit)
	k.work.Wait()
	k.write()
}

func (k *keeper) run(quit chan struct{}) {
	for {
		select {
		case <-k.wake:
			k.write()
		case <-quit:
			return
		}
	}
}

// write brings the file up to date, and lets those who wait go on, whether it
// succeeds or not.
func (k *keeper) write() {
	k.mu.Lock()
	changes := k.changes
	stale := changes != k.done.Seq()
	k.mu.Unlock()
	if !stale {
		return
	}
	err := k.save(k.read())
	if err != nil {
		k.stats.KeepFailures.Add(1)
	}
	k.mu.Lock()
	news := (err != nil) != k.failed
	k.failed = err != nil
	k.mu.Unlock()
	k.done.Reach(changes)
	if err != nil && news {
		k.log.Error("ici: subscriptions cannot be kept: after a crash CRM systems must subscribe again", "file", k.file, "error", err)
	} else if news {
		k.log.Info("ici: subscriptions are kept again", "file", k.file)
	}
}

// await waits until all changes so far are in the file, or it cannot be written,
// for a moment at most: a disk that is slow keeps nobody from being served.
func (k *keeper) await(ctx context.Context) {
	k.mu.Lock()
	want, runs := k.changes, k.quit != nil
	k.mu.Unlock()
	if runs {
		k.done.Await(ctx, want)
	}
}

// save puts the file in the place of the old one in one step. Where there is no
// subscription there is no file.
func (k *keeper) save(all keptFile) error {
	if len(all.Subscriptions) == 0 {
		if err := os.Remove(k.file); !errors.Is(err, os.ErrNotExist) {
			return err
		}
		return nil
	}
	data, err := json.Marshal(all)
	if err != nil {
		return err
	}
	next := k.file + ".next"
	f, err := os.OpenFile(next, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(append(data, '\n'))
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(next, k.file)
}

// load reads the file of the last run; no file, no subscriptions.
func (k *keeper) load() keptFile {
	var out keptFile
	if k.file == "" {
		return out
	}
	f, err := os.Open(k.file)
	if errors.Is(err, os.ErrNotExist) {
		return out
	}
	if err == nil {
		defer func() { _ = f.Close() }() // it was only read
		err = json.NewDecoder(io.LimitReader(f, maxKeptFile)).Decode(&out)
	}
	if err != nil {
		k.log.Error("ici: the subscriptions of the last run cannot be read; CRM systems must subscribe again", "file", k.file, "error", err)
		return keptFile{}
	}
	return out
}

// keep waits until the subscriptions of this moment would outlive a crash.
func (p *Push) keep(ctx context.Context) { p.keeper.await(ctx) }

// subscriptions are what the file is to hold.
func (p *Push) subscriptions() keptFile {
	p.mu.Lock()
	defer p.mu.Unlock()
	subs := make([]*subscription, 0, len(p.table.subs))
	for _, s := range p.table.subs {
		subs = append(subs, s)
	}
	slices.SortFunc(subs, func(x, y *subscription) int { return cmp.Compare(x.number, y.number) })
	var out keptFile
	for _, s := range subs {
		one := kept{AppURL: s.key.AppURL, AppID: s.key.AppID, Since: s.since.UTC()}
		for _, t := range s.targets {
			one.Targets = append(one.Targets, keptTarget{t.Service.String(), t.ID, s.spelled[t]})
		}
		out.Subscriptions = append(out.Subscriptions, one)
	}
	return out
}

// restore makes the subscriptions of the last run again, by the rules for new
// ones, and keeps the file from then on. check says which target that is today,
// or why it is none.
func (p *Push) restore(ctx context.Context, check func(ctx context.Context, t keptTarget) (Target, error)) (restored, refused int) {
	routes := map[string]string{}
	why := map[string]error{}
	for _, one := range p.keeper.load().Subscriptions {
		key := Key{AppURL: one.AppURL, AppID: one.AppID}
		for _, t := range one.Targets {
			target, err := check(ctx, t)
			if _, asked := routes[key.AppURL]; err == nil && !asked {
				routes[key.AppURL], why[key.AppURL] = p.route(ctx, p.cfg.Load(), key.AppURL)
			}
			if err == nil {
				err = why[key.AppURL]
			}
			if err == nil {
				err = p.again(key, target, routes[key.AppURL], one.Since, t.Name)
			}
			if err != nil {
				refused++
				p.log.Warn("ici: a subscription of the last run is not made again", "appId", short(key.AppID), "target", short(t.Interface+" "+t.ID), "error", err)
				continue
			}
			restored++
		}
	}
	p.Stats.Restored.Add(uint64(restored))
	p.Stats.NotRestored.Add(uint64(refused))
	if refused > 0 {
		p.keeper.changed()
	}
	p.keeper.start()
	return restored, refused
}

// again is Join of what was there before.
func (p *Push) again(k Key, target Target, to string, since time.Time, spelled string) error {
	if k.AppID == "" || len(k.AppURL) > maxURL {
		return Refuse(target.Service, Malformed(target.Service), "no usable key")
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.table.add(k, target, to); err != nil {
		return err
	}
	s := p.table.subs[k]
	if s.spell(target, spelled); !since.IsZero() {
		s.since = since
	}
	p.count()
	return nil
}
