package ici

// DefaultCadMaxBytes is how much attached data a call may have; every
// phoneCallChanged repeats it.
const DefaultCadMaxBytes = 32 << 10

// DataSettings are about numbers, attached data and recordings.
type DataSettings struct {
	CadMaxBytes int `json:"cadMaxBytes"` // longest attached data, default 32 KiB
}

func defaultDataSettings() DataSettings {
	return DataSettings{CadMaxBytes: DefaultCadMaxBytes}
}

func (c *DataSettings) validate() error {
	if err := positive([]setting{{"cadMaxBytes", int64(c.CadMaxBytes)}}); err != nil {
		return err
	}
	if c.CadMaxBytes > MaxAttachedData {
		return wrong("cadMaxBytes", "must not be greater than %d", MaxAttachedData)
	}
	return nil
}
