package numbering

// Users returns the user parts that Find would try for a source, in order.
func Users(in Arrival, source Source) []string {
	var out []string
	for _, h := range in.hops(source) {
		out = append(out, h.user)
	}
	return out
}
