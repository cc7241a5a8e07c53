package model

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/lbgen/lbgen/internal/diag"
)

// The lengths of a key in bytes, and the longest window (vrrp_auth_hmac.h of 2.4.3).
const (
	minHMACKey    = 32
	maxHMACKey    = 64
	maxHMACWindow = 300 * time.Second
)

// CheckHMACKey returns what is wrong with a key for auth_hmac, "" if nothing is. It never
// repeats the key.
func CheckHMACKey(key string) string {
	digits, isHex := strings.CutPrefix(key, "hex:")
	switch {
	case key == "":
		return "it is empty"
	case unprintable(key) != "":
		return "it holds " + unprintable(key)
	case strings.ContainsAny(key, `"\\`):
		return `it holds a double quote (") or a backslash (\): write what openssl rand -hex 32 prints behind hex:`
	case strings.HasPrefix(key, "file:"):
		return "Keepalived would read the file of that name on the node: write the key itself"
	case isHex:
		raw, err := hex.DecodeString(digits)
		if err != nil {
			return "what stands behind hex: are not pairs of hexadecimal digits: write what openssl rand -hex 32 prints"
		}
		return hmacLength(len(raw))
	default:
		return hmacLength(len(key))
	}
}

func hmacLength(n int) string {
	if n < minHMACKey || n > maxHMACKey {
		return fmt.Sprintf("it has %d bytes, and Keepalived takes %d to %d: write hex: and what openssl rand -hex 32 prints", n,
			minHMACKey, maxHMACKey)
	}
	return ""
}

// ActiveKeyID is the number of the key that adverts are signed with.
func (a *AuthHMAC) ActiveKeyID() int {
	if a.ActiveKey == 0 && len(a.Keys) > 0 {
		return a.Keys[0].ID
	}
	return a.ActiveKey
}

// authHMAC wants what Keepalived does not drop with a line in the log (vrrp.c).
func (c *cross) authHMAC(item diag.Path, v VRRP) {
	a, path := v.AuthHMAC, item.Key("auth_hmac")
	if a == nil {
		return
	}
	if !v.AuthPass.IsZero() {
		c.add(item.Key("auth_pass"), "bad-value", "auth_pass has no effect beside auth_hmac", "Keepalived drops the password: take it out",
			c.elsewhere("auth_hmac is here", path))
	}
	var ids []int
	for i, k := range a.Keys {
		if at := slices.Index(ids, k.ID); at >= 0 {
			c.add(path.Key("keys").Index(i).Key("id"), "duplicate", fmt.Sprintf("two keys have number %d", k.ID), "give one of them another number",
				c.elsewhere("it is here already", path.Key("keys").Index(at).Key("id")))
		}
		ids = append(ids, k.ID)
	}
	if a.ActiveKey != 0 && len(ids) > 0 && !slices.Contains(ids, a.ActiveKey) {
		c.add(path.Key("active_key"), "unknown-reference", fmt.Sprintf("no key has number %d", a.ActiveKey),
			fmt.Sprintf("expected one of: %s", strings.Trim(strings.Join(strings.Fields(fmt.Sprint(ids)), ", "), "[]")))
	}
	at := path.Key("time_window")
	switch d := time.Duration(a.TimeWindow); {
	case d == 0:
	case a.AntiReplay == "monotonic":
		c.add(at, "bad-value", "time_window has no effect with anti_replay: monotonic", "take it out: the numbers of the adverts alone count",
			c.elsewhere("anti_replay is here", path.Key("anti_replay")))
	case d > maxHMACWindow:
		c.add(at, "bad-value", fmt.Sprintf("bad value %q for time_window", a.TimeWindow), "Keepalived takes 1s to 300s")
	default:
		c.wholeSeconds(at, a.TimeWindow)
	}
}
