package source

import (
	"regexp"
	"slices"
	"strings"
	"sync"
)

// IsCredential says whether a header, a cookie or a parameter of this name
// carries what lets somebody in: Authorization, Cookie, X-Api-Key, a token.
func IsCredential(name string) bool {
	name = strings.ToLower(name)
	if strings.HasPrefix(name, "access-control-") || slices.Contains(notSecret(), name) {
		return false
	}
	return slices.ContainsFunc(credentialWords(), func(word string) bool { return strings.Contains(name, word) })
}

// credentialWords are parts of the names of such headers.
func credentialWords() []string {
	return []string{
		"auth", "cookie", "token", "secret", "passw", "passphrase", "pwd", "credential", "session", "jwt", "signature", "assertion", "bearer",
		"api-key", "apikey", "api_key", "access-key", "access_key", "private-key", "subscription-key", "functions-key", "license-key",
	}
}

// notSecret are names with such a word whose value is for everybody (RFC 9110,
// RFC 6455, and the pseudo-header of HTTP/2).
func notSecret() []string {
	return []string{"www-authenticate", "proxy-authenticate", "authentication-info", "authority", ":authority", "author"}
}

// SendsPassword says whether a text that a check sends looks like a log-in, such
// as the AUTH of Redis.
func SendsPassword(text string) bool { return logIn().MatchString(text) }

var logIn = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)(?:^|[^a-z])(?:auth|pass|password|login)(?:[^a-z]|$)`)
})
