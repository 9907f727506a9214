// Package sdp reads and writes the little SDP a G.711 telephone needs (RFC
// 4566), and decides answers (RFC 3264): one audio stream, PCMU and PCMA,
// telephone-event, the four directions.
//
// It is pure and knows nothing of SIP. It is not a general SDP library: other
// media lines are refused with port 0, other codecs are left out.
package sdp
