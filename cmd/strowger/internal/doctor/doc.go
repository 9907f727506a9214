// Package doctor looks at everything a controller depends on and says what to
// correct: Asterisk's version, ARI and AMI with their rights, the dialplan's
// gate, the phones, trunks and sounds that the configuration objects name,
// passwords, open ports, disk, folders and limits.
//
// It changes nothing but the dialplan global SW_DOCTOR, which it sets and
// removes to learn whether its ARI account may write, and it never uses the
// name of the live application: connecting with it would take the calls away
// from a running controller. It places no call.
//
// What it leaves to a person, because there is no harmless way to ask: the
// dialplan and the contexts of phones without AMI (ARI cannot read them, and a
// call through Local/ would run the plan), the HTTP session limit (counting would use it up), the addresses
// that an ACL of Asterisk lets in, and music classes.
//
// Run owns every goroutine and waits for all of them, with one exception: a
// check that overruns its deadline, such as one on a hung network disk, is
// reported and left behind.
package doctor
