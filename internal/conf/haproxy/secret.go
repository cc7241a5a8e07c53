package haproxy

import (
	"regexp"
	"slices"
	"strings"
	"sync"
)

// Secrets returns where in a line stands what nobody may see, in bytes: passwords,
// and what a header carries whose name is that of a credential. A text that a check
// sends is one where it is a log-in.
func Secrets(line string, credential, logIn func(text string) bool) [][2]int {
	s := &secrets{pieces: split(line, func(string) (string, bool) { return "", false }).pieces, credential: credential, logIn: logIn}
	for i := range s.pieces {
		if n := s.behind(i); n > 0 {
			last := min(i+n, len(s.pieces)-1)
			s.found = append(s.found, [2]int{s.pieces[i+1].start, s.pieces[last].end})
		} else if s.within(i) {
			s.found = append(s.found, [2]int{s.pieces[i].start, s.pieces[i].end})
		}
	}
	return s.merged()
}

type secrets struct {
	pieces            []piece
	credential, logIn func(text string) bool
	found             [][2]int
}

func (s *secrets) word(i int) string {
	if i < 0 || i >= len(s.pieces) {
		return ""
	}
	return s.pieces[i].text
}

// behind returns how many of the words behind word i are secret.
func (s *secrets) behind(i int) int {
	left := len(s.pieces) - 1 - i
	switch word := s.word(i); {
	case left == 0:
		return 0
	case word == "auth" && s.word(i-1) == "stats", word == "password" && s.word(i-2) == "user":
		return 1
	case slices.Contains([]string{"insecure-password", "dynamic-cookie-key", "ca-sign-pass"}, word):
		return 1
	case strings.HasPrefix(word, "send") && s.word(i-1) == "tcp-check" && s.logIn(s.word(i+1)):
		return 1
	case carried(s.word(i-1)) > 0 && s.credential(word) && !isSample(s.word(i+1)):
		return min(left, carried(s.word(i-1)))
	case compared().MatchString(word) && s.credential(compared().FindStringSubmatch(word)[1]):
		return s.values(i)
	default:
		return 0
	}
}

// carried is how many words behind a header's name are its own.
func carried(keyword string) int {
	switch keyword {
	case "hdr", "set-header", "add-header", "setenv", "presetenv":
		return 1
	case "replace-header", "replace-value":
		return 2
	default:
		return 0
	}
}

// isSample says whether the word is nothing but what HAProxy knows of the request.
func isSample(word string) bool {
	return strings.HasPrefix(word, "%[") && strings.HasSuffix(word, "]") && strings.Count(word, "%[") == 1
}

// values returns how many words stand behind a sample up to the end of the condition.
func (s *secrets) values(i int) int {
	n := 0
	for i+n+1 < len(s.pieces) && !slices.Contains([]string{"}", "if", "unless", "||", "or"}, s.word(i+n+1)) {
		n++
	}
	return n
}

// within says whether the word itself holds one: a header in the old form of a
// check, or a key among the arguments of a converter.
func (s *secrets) within(i int) bool {
	if keyed().MatchString(s.word(i)) {
		return true
	}
	for _, m := range headerLine().FindAllStringSubmatch(s.word(i), -1) {
		if s.credential(m[1]) {
			return true
		}
	}
	return false
}

// merged returns what was found in the order of the line, each byte once.
func (s *secrets) merged() [][2]int {
	var all [][2]int
	for _, f := range s.found {
		if n := len(all) - 1; n >= 0 && f[0] < all[n][1] {
			all[n][1] = max(all[n][1], f[1])
			continue
		}
		all = append(all, f)
	}
	return all
}

var (
	compared   = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?:hdr|cook|urlp|url_param)[a-z_]*\(([^),]+)`) })
	keyed      = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?:jwt_verify|hmac|aes_gcm_dec|aes_gcm_enc)\(`) })
	headerLine = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?:^|[\r\n])([A-Za-z0-9_-]+):`) })
)
