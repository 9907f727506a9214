package soap

import "bytes"

// scanTags looks over the raw text before the XML decoder sees it and refuses
// what would cost the decoder memory or would be accepted by it in silence:
// DOCTYPE and other directives, processing instructions, and elements with
// more than maxAttrs attributes (the decoder builds the whole list first).
// It needs no well-formed input; the decoder judges that afterwards.
func scanTags(text []byte, maxAttrs int) error {
	for i := 0; i < len(text); {
		j := bytes.IndexByte(text[i:], '<')
		if j < 0 {
			return nil
		}
		i += j + 1
		rest := text[i:]
		switch {
		case bytes.HasPrefix(rest, []byte("!--")):
			i += skipTo(rest[3:], "-->") + 3
		case bytes.HasPrefix(rest, []byte("![CDATA[")):
			i += skipTo(rest, "]]>")
		case len(rest) > 0 && rest[0] == '!':
			return errDoctype()
		case len(rest) > 0 && rest[0] == '?':
			if i != 1 || !bytes.HasPrefix(rest, []byte("?xml")) || len(rest) < 5 || rest[4] > ' ' {
				return errProcessingInstruction()
			}
			i += skipTo(rest, "?>")
		default:
			n, attrs := scanTag(rest)
			if attrs > maxAttrs {
				return errAttrs(maxAttrs)
			}
			i += n
		}
	}
	return nil
}

// scanTag returns the length of a tag up to and with its '>' and how many
// attributes it has: equal signs outside quotes.
func scanTag(rest []byte) (n, attrs int) {
	quote := byte(0)
	for i, c := range rest {
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '=':
			attrs++
		case c == '>':
			return i + 1, attrs
		}
	}
	return len(rest), attrs
}

func skipTo(rest []byte, end string) int {
	if k := bytes.Index(rest, []byte(end)); k >= 0 {
		return k + len(end)
	}
	return len(rest)
}

func errDoctype() error {
	return errorf("DOCTYPE and other directives are not allowed in SOAP messages")
}

func errProcessingInstruction() error {
	return errorf("processing instructions are not allowed in SOAP messages")
}

func errAttrs(limit int) error {
	return errorf("an element has more than %d attributes", limit)
}

func tooLarge(limit int64) *Fault {
	f := errorf("the message is larger than %d bytes", limit)
	f.Status = 413
	return f
}
