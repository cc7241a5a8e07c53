package model

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/lbgen/lbgen/internal/diag"
)

// SecretRef is one secret that the site names.
type SecretRef struct {
	Path   diag.Path
	Secret Secret
	// Check returns what is wrong with the value, "" if nothing is. It never
	// repeats the value.
	Check func(value string) string
}

// SecretRefs returns the secrets that the site names, in the order of the
// struct's fields.
func (s *Site) SecretRefs() []SecretRef {
	var refs []SecretRef
	add := func(path diag.Path, secret Secret, check func(string) string) {
		if !secret.IsZero() {
			refs = append(refs, SecretRef{path, secret, check})
		}
	}
	for i, v := range s.VRRP {
		add(diag.Path("vrrp").Index(i).Key("auth_pass"), v.AuthPass, CheckAuthPass)
		if v.AuthHMAC != nil {
			for j, k := range v.AuthHMAC.Keys {
				add(diag.Path("vrrp").Index(i).Key("auth_hmac").Key("keys").Index(j).Key("key"), k.Key, CheckHMACKey)
			}
		}
	}
	for i, b := range s.Backends {
		path := diag.Path("backends").Index(i)
		if b.Persist != nil && b.Persist.Cookie != nil {
			add(path.Key("persist").Key("cookie").Key("dynamic_key"), b.Persist.Cookie.DynamicKey, CheckPassword)
		}
		if b.Health.Redis != nil {
			add(path.Key("health").Key("redis").Key("password"), b.Health.Redis.Password, CheckPassword)
		}
		for j, step := range b.Health.TCP {
			if step.IsSecret() {
				add(path.Key("health").Key("tcp").Index(j).Key("send"), step.Send, checkSecretSent)
			}
		}
	}
	for _, h := range s.headers() {
		if h.IsSecret() {
			add(h.path.Key("value"), h.Value, CheckHeader)
		}
	}
	for i, l := range s.Userlists {
		for j, u := range l.Users {
			path := diag.Path("userlists").Index(i).Key("users").Index(j)
			add(path.Key("password_hash"), u.PasswordHash, CheckPasswordHash)
			add(path.Key("password"), u.Password, CheckPassword)
		}
	}
	if s.Stats != nil {
		for i, u := range s.Stats.Users {
			add(diag.Path("stats.users").Index(i).Key("password"), u.Password, CheckPassword)
		}
	}
	return refs
}

// secrets looks at the passwords that stand in the site file itself.
func (c *cross) secrets() {
	for _, h := range c.site.headers() {
		if bad := CheckHeader(h.Value.Literal); bad != "" && h.Value.Literal != "" && !h.IsSecret() {
			c.add(h.path.Key("value"), "bad-value", "bad value for "+h.Name, bad)
		}
	}
	for _, ref := range c.site.SecretRefs() {
		if ref.Secret.Literal == "" {
			continue
		}
		if bad := ref.Check(ref.Secret.Literal); bad != "" {
			c.add(ref.Path, "bad-value", "bad password", bad)
			continue
		}
		c.decoder.add(diag.Diagnostic{Severity: diag.Warning, Code: "secret-literal", Path: ref.Path,
			Summary: "the password stands in the site file", Detail: "put it into a file that is not in version control and write {file: PATH}, " +
				"or {env: NAME}"})
	}
}

// MaxPassword is the length in bytes of a password that HAProxy checks. With a
// name it has to fit into one line of haproxy.cfg, of which old versions read
// 2048 bytes at a time.
const MaxPassword = 512

// CheckPassword returns what is wrong with a password for haproxy.cfg, "" if
// nothing is. Between single quotes HAProxy takes every character as it is.
func CheckPassword(password string) string {
	switch {
	case password == "":
		return "it is empty"
	case len(password) > MaxPassword:
		return fmt.Sprintf("it has more than %d bytes: shorten it", MaxPassword)
	case unprintable(password) != "":
		return "it holds " + unprintable(password)
	case slices.Contains(triedFirst(), strings.ToLower(password)):
		return "it is one that everybody tries first: write another one"
	default:
		return ""
	}
}

// triedFirst are the passwords that stand in public configurations and in the
// samples of other generators.
func triedFirst() []string {
	return []string{"admin", "administrator", "changeme", "haproxy", "pass", "password", "root", "secret", "secrete", "username", "1234",
		"12345", "123456", "12345678"}
}

// CheckPasswordHash returns what is wrong with the hash of a password, "" if
// nothing is. HAProxy compares with what crypt(3) makes, and says nothing of a
// hash that no password can ever have.
func CheckPasswordHash(hash string) string {
	switch bad := CheckPassword(hash); {
	case bad != "":
		return bad
	case !cryptShape().MatchString(hash):
		return "it is not a hash as crypt(3) makes it: write what mkpasswd -m sha-512 or openssl passwd -6 prints, or use password for the " +
			"password itself"
	default:
		return ""
	}
}

// cryptShape is that of crypt(5): $ID$, perhaps parameters and a salt, and the
// hash. The old kinds without $ID$ are refused: they are guessed in minutes.
var cryptShape = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^\$[0-9a-z-]{1,12}\$(?:[./0-9A-Za-z=,_+-]*\$)*[./0-9A-Za-z]{22,}$`)
})
