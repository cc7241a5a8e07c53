package haproxy

import (
	"encoding/hex"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/lbgen/lbgen/internal/conf/internal/word"
	"github.com/lbgen/lbgen/internal/diag"
)

type (
	// Keyword is one or several words of HAProxy's own: an untyped constant.
	Keyword = word.Keyword
	// Word is one word of a line that is written, or several that belong
	// together. The zero Word is none.
	Word = word.Word
)

// Key returns a keyword as a word.
func Key(k Keyword) Word { return word.Key(k) }

// Text returns a word that HAProxy reads back as this text, whatever it holds.
func Text(text string) Word { return word.Final(quote(text)) }

// RawWords returns words of the user's own, as they were written. The model has seen to
// it that they are a part of one line.
func RawWords(from diag.Path, text string, secrets [][2]int) Word {
	return word.Own(from, text, secrets)
}

// Texts returns one word for each text.
func Texts(texts []string) Word {
	if len(texts) == 1 {
		return Text(texts[0])
	}
	words := make([]Word, len(texts))
	for i, t := range texts {
		words[i] = Text(t)
	}
	return word.Phrase(words...)
}

// List returns one word that holds the texts with commas between them.
func List(texts []string) Word { return Text(strings.Join(texts, ",")) }

// Int returns a number.
func Int(n int) Word { return word.Int(n) }

// Addr returns an address.
func Addr(a netip.Addr) Word { return word.Addr(a) }

// Prefix returns a network.
func Prefix(p netip.Prefix) Word { return word.Prefix(p) }

// Bind returns an address and the ports to listen on, from the first to the last. The
// unspecified address of IPv4 is a star; that of IPv6 takes IPv6 alone, so that IPv4
// has a bind of its own.
func Bind(a netip.Addr, first, last uint16) Word {
	to := Word{}
	if last != first {
		to = word.Final("-" + strconv.Itoa(int(last)))
	}
	switch a {
	case netip.IPv4Unspecified():
		return word.Concat(word.Final("*:"+strconv.Itoa(int(first))), to)
	case netip.IPv6Unspecified():
		return word.Phrase(word.Concat(word.AddrPort(netip.AddrPortFrom(a, first)), to), Key("v6only"))
	default:
		return word.Concat(word.AddrPort(netip.AddrPortFrom(a, first)), to)
	}
}

// AddrPort returns an address and port.
func AddrPort(a netip.AddrPort) Word { return word.AddrPort(a) }

// Time returns a length of time in the largest unit that leaves no fraction
// (configuration.txt 2.5). It is exact to the microsecond.
func Time(d time.Duration) Word {
	for _, u := range []struct {
		name string
		unit time.Duration
	}{{"d", 24 * time.Hour}, {"h", time.Hour}, {"m", time.Minute}, {"s", time.Second}, {"ms", time.Millisecond}} {
		if d%u.unit == 0 && d != 0 {
			return word.Final(strconv.FormatInt(int64(d/u.unit), 10) + u.name)
		}
	}
	return word.Final(strconv.FormatInt(d.Microseconds(), 10) + "us")
}

// Seconds returns a length of time in seconds.
func Seconds(d time.Duration) Word {
	return word.Final(strconv.FormatInt(int64(d/time.Second), 10) + "s")
}

// Hex returns bytes as HAProxy reads them in tcp-check send-binary.
func Hex(bytes []byte) Word { return word.Final(hex.EncodeToString(bytes)) }

// Plain returns a text that HAProxy reads back as it is where it expects a
// log-format: there a single % begins something else (configuration.txt 8.2.4).
func Plain(text string) Word { return Text(strings.ReplaceAll(text, "%", "%%")) }

// Sample returns a log-format that is the value of a sample expression.
func Sample(expression string) Word { return Text("%[" + expression + "]") }

// Call returns a sample fetch, a converter or an action with its arguments, such
// as hdr(NAME). An argument is read twice: as a part of the line's word, and by
// itself (configuration.txt 2.2), so that one which is not plain is quoted twice.
func Call(function Keyword, arguments ...string) Word {
	text := string(function) + "("
	for i, a := range arguments {
		if i > 0 {
			text += ","
		}
		if strings.Trim(a, plainArgument) != "" {
			a = quotes(a)
		}
		text += a
	}
	return Text(text + ")")
}

// Concat returns the words as one, with nothing between them.
func Concat(words ...Word) Word { return word.Concat(words...) }

// Phrase returns the words with a blank between each two.
func Phrase(words ...Word) Word { return word.Phrase(words...) }

// When returns the words with a blank between each two, or none.
func When(said bool, words ...Word) Word {
	if !said {
		return Word{}
	}
	return word.Phrase(words...)
}

// Secret returns a password. Quotes stand around plain ones too, so that
// install.sh knows where it ends. known is false where value is a placeholder.
func Secret(value string, path diag.Path, known bool) Word {
	return word.Hidden(quotes(value), path, known)
}

// SecretText is Text that nobody may see.
func SecretText(text string, path diag.Path, known bool) Word {
	return word.Hidden(quote(text), path, known)
}

// SecretPlain is Secret where HAProxy expects a log-format, as Plain is Text.
func SecretPlain(value string, path diag.Path, known bool) Word {
	return Secret(strings.ReplaceAll(value, "%", "%%"), path, known)
}

// RedisAuth returns the command by which Redis is told a password, in its own
// protocol: the length of the password, which is nobody's business either, and
// its bytes.
func RedisAuth(value string, path diag.Path, known bool) Word {
	length := "'$" + strconv.Itoa(len(value)) + `'\r\n`
	return word.Concat(Key(`'*2'\r\n'$4'\r\nAUTH\r\n`), word.Hidden(length+quotes(value)+`\r\n`, path, known))
}
