package schema

import (
	"reflect"
	"time"

	"github.com/go-viper/mapstructure/v2"

	"strowger/switch/fault"
)

// Decode fills the struct that out points to from values that Diagnose has
// passed. What does not fit is Invalid.
func Decode(values map[string]any, out any) error {
	dec, err := mapstructure.NewDecoder(&mapstructure.DecoderConfig{
		Result: out, TagName: "yaml",
		DecodeHook: mapstructure.ComposeDecodeHookFunc(durationHook, mapstructure.TextUnmarshallerHookFunc()),
	})
	if err != nil {
		return fault.Wrap(fault.Internal, "schema: decode", "", err)
	}
	return fault.Wrap(fault.Invalid, "schema: decode", "", dec.Decode(values))
}

func durationHook(_, to reflect.Type, data any) (any, error) {
	s, ok := data.(string)
	if !ok || to != reflect.TypeFor[time.Duration]() {
		return data, nil
	}
	return ParseDuration(s)
}
