// Package screentest makes the recordings that answer classification is tuned
// and judged on: people and machines that answer, spoken by espeak-ng in
// several voices, languages and speeds, over lines with noise, other people in
// the background, G.711 and ring-back before; and the tones of networks, faxes
// and answering machines. All of it is synthetic: no person was recorded.
//
// What a voice has said is kept in a folder, because speaking takes longer than
// judging; everything else is worked out anew from fixed seeds, so that two runs
// hear the same. It is for tests.
package screentest
