package ici

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"strowger/switch/callmodel"
)

// elsewhere are the settings that change no sequence of events of a call, and
// the tests that show what they do.
var elsewhere = map[string]string{
	"busyStatusDuration": "TestOutbound", "autoUnsubscribe": "TestAutoUnsubscribe",
	"idd": "TestNumbersOfOtherCountries", "country": "TestNumbersOfOtherCountries",
	"presenceAllQueues": "TestPresenceFilters", "presenceFilter": "TestPresenceFilters",
	"callbackHosts": "TestHostileCallbackAddresses", "callbackNets": "TestHostileCallbackAddresses", "callbackPorts": "TestPushRefusesAppURLs",
	"callbackCA": "TestPushCallbackTLS", "callbackCert": "TestPushCallbackTLS", "callbackCertDir": "TestClientCertificateOfAFolder", "callbackCertSubject": "TestClientCertificateOfAFolder",
	"callbackKey":   "TestPushCallbackTLS",
	"callbackProxy": "TestProxy", "proxyUser": "TestProxy", "proxyPassword": "TestProxy", "noProxy": "TestProxy",
	"callbackWorkers": "TestDeliverySettingsReachTheClient", "connectTimeout": "TestDeliverySettingsReachTheClient",
	"mapSubscribeUrl": "TestRoute", "reverseDns": "TestRoute",
	"soapTimeout": "TestFaultyCRMs", "soapWait": "TestOrderWithASlowReceiver", "queueLength": "TestFaultyCRMs", "maxFailures": "TestFaultyCRMs",
	"maxSilence": "TestDeliverySettingsReachTheClient", "maxSubscriptions": "TestAmplification", "maxSubscriptionsPerURL": "TestAmplification",
	"eventStyle": "TestDeliverySettingsReachTheClient", "eventSoapAction": "TestDeliverySettingsReachTheClient", "replayOnSubscribe": "TestSubscriptions",
	"sendDTMFOperation": "TestDigitsByAnotherName",
	"stateFile":         "TestSubscriptionsOutliveACrash", "monitorSubscriptions": "TestMonitorRefusals", "monitorInterval": "TestMonitorRefusals",
}

// together are settings that have a counterpart in the switch; the controller
// sets both by one key of its file.
var together = map[string]string{
	"requestedWrapUp": "model.cti.requested", "ignoreCdtOutbound": "model.cti.made", "ignoreOperDirect": "model.cti.direct",
	"model.cti.requested": "requestedWrapUp", "model.cti.made": "ignoreCdtOutbound", "model.cti.direct": "ignoreOperDirect",
}

// TestEverySettingShows: each setting of the interface that says what is told of
// calls changes at least one section of testdata/scenarios, and each of the
// others has a test of its own.
func TestEverySettingShows(t *testing.T) {
	t.Parallel()
	played := readPlayed(t)
	var missing []string
	for _, key := range settingKeys() {
		if name := elsewhere[key]; name != "" {
			if !hasTest(t, name) {
				t.Errorf("%s: there is no %s", key, name)
			}
			continue
		}
		if where := shownIn(played, key); where != "" {
			t.Logf("%s: %s", key, where)
			continue
		}
		missing = append(missing, key)
	}
	if len(missing) > 0 {
		t.Errorf("no scenario shows what these do: %s", strings.Join(missing, ", "))
	}
}

// settingKeys are the keys that a section's name may have, but for the words of
// [newScene] and those of the listener.
func settingKeys() []string {
	keys := []string{"strict", "queue.no_cti", "queue.answer_info", "queue.extra_data.allocated"}
	for _, s := range []any{CallSettings{}, StaffSettings{}, DataSettings{}, DeliverySettings{}, MonitorSettings{}} {
		for _, key := range jsonKeys(s) {
			switch key {
			case "capabilityProfile": // strict
			case "extraData":
				for _, list := range jsonKeys(callmodel.ExtraData{}) {
					keys = append(keys, "extraData."+list)
				}
			default:
				keys = append(keys, key)
			}
		}
	}
	for _, key := range jsonKeys(callmodel.CTIConfig{}) {
		keys = append(keys, "model.cti."+key)
	}
	return keys
}

func jsonKeys(s any) []string {
	var out []string
	for f := range reflect.TypeOf(s).Fields() {
		out = append(out, strings.Split(f.Tag.Get("json"), ",")[0])
	}
	return out
}

// playedSection is a section of a scenario file: its settings by key, and what was told.
type playedSection struct {
	file     string
	settings map[string]string
	told     []byte
}

func readPlayed(t *testing.T) []playedSection {
	t.Helper()
	files, err := filepath.Glob("testdata/scenarios/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	var out []playedSection
	for _, file := range files {
		a, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range a.Files {
			p := playedSection{filepath.Base(file), map[string]string{}, f.Data}
			for s := range strings.SplitSeq(f.Name, ",") {
				if key, value, _ := strings.Cut(strings.TrimSpace(s), "="); key != "default" {
					p.settings[key] = value
				}
			}
			out = append(out, p)
		}
	}
	return out
}

// shownIn finds two sections of a file that differ in nothing but a setting
// (and what goes together with it), and of which other things are told.
func shownIn(played []playedSection, key string) string {
	for _, with := range played {
		if _, there := with.settings[key]; !there {
			continue
		}
		for _, without := range played {
			if without.file == with.file && !bytes.Equal(without.told, with.told) && slices.Equal(others(with, key), others(without, key)) {
				return with.file
			}
		}
	}
	return ""
}

// others are the settings of a section but for one, in order.
func others(p playedSection, key string) []string {
	var out []string
	for k, v := range p.settings {
		if k != key && k != together[key] {
			out = append(out, k+"="+v)
		}
	}
	slices.Sort(out)
	return out
}

func hasTest(t *testing.T, name string) bool {
	t.Helper()
	files, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	want := regexp.MustCompile(`(?m)^func ` + regexp.QuoteMeta(name) + `\(`)
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if want.Match(src) {
			return true
		}
	}
	return false
}
