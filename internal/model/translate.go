package model

import (
	"fmt"
	"strings"

	"github.com/lbgen/lbgen/internal/conf/haproxy"
	"github.com/lbgen/lbgen/internal/conf/keepalived"
	"github.com/lbgen/lbgen/internal/diag"
)

// translation says what a site file has in place of a word of the daemons, and which
// key of the mapping at path that is, if it is one; "" where it is no such word.
func translation(word string, path diag.Path) (text, key string) {
	if said := ownWay(word); said != "" {
		return said, ""
	}
	for _, form := range forms(word) {
		for _, f := range haproxy.Find(form) {
			if text, key := writtenAs("HAProxy", form, f.Fields, path); text != "" {
				return text, key
			}
		}
	}
	for _, f := range keepalived.Facts() {
		if f.Keyword == word {
			if text, key := writtenAs("Keepalived", word, f.Fields, path); text != "" {
				return text, key
			}
		}
	}
	return "", ""
}

// forms are the keywords that a key may stand for: a site file's keys have no blanks,
// and people put other characters in their place.
func forms(word string) []string {
	all := []string{word, strings.ReplaceAll(word, "_", "-")}
	for _, prefix := range []string{"option", "timeout", "stats", "http-check"} {
		for _, between := range []string{" ", "_", "-"} {
			if rest, ok := strings.CutPrefix(word, prefix+between); ok {
				all = append(all, prefix+" "+rest, prefix+" "+strings.ReplaceAll(rest, "_", "-"))
			}
		}
	}
	if !strings.Contains(word, " ") {
		dashed := strings.ReplaceAll(word, "_", "-")
		all = append(all, "option "+dashed, "server … "+dashed, "bind … "+dashed)
	}
	return all
}

// writtenAs says which field a keyword is, that of the same part of the site file if
// there is one, in the form in which it is written there.
func writtenAs(daemon, word string, fields []string, path diag.Path) (text, key string) {
	part, _, _ := strings.Cut(string(path), "[")
	part, _, _ = strings.Cut(part, ".")
	for _, f := range fields {
		top, rest, _ := strings.Cut(f, ".")
		if name := strings.TrimRight(top, "[]{}"); name == part && rest != "" {
			key, _, _ = strings.Cut(strings.TrimRight(rest, "[]{}"), ".")
			return fmt.Sprintf("%s's %q is %s here", daemon, word, rest), strings.TrimRight(key, "[]{}")
		}
	}
	if len(fields) == 0 {
		return "", ""
	}
	return fmt.Sprintf("%s's %q is %s here", daemon, word, fields[0]), ""
}

// ownWay is of words that no field has, because what they say follows from others.
func ownWay(word string) string {
	switch word {
	case "state":
		return "Keepalived's state is not written: every node begins as BACKUP, and the priorities decide who becomes MASTER"
	case "nopreempt":
		return "Keepalived's nopreempt is the default; preempt: true takes it away"
	case "authentication", "auth_type":
		return "write auth_pass: Keepalived's authentication block and its auth_type PASS follow from it"
	case "unicast_peer", "unicast_src_ip":
		return "write unicast: true: the peers are the other nodes, each by its own address"
	case "vrrp_instance":
		return "Keepalived's vrrp_instance is an item of vrrp here"
	case "vrrp_script", "track_script":
		return "Keepalived's scripts stand under track.scripts of an item of vrrp; HAProxy is watched anyhow"
	case "vrrp_sync_group":
		return "instances with the same sync_group move together: write it in each item of vrrp"
	case "global_defs":
		return "Keepalived's global_defs are keepalived and notifications.email here"
	case "virtual_server", "real_server":
		return "lbgen has no LVS: HAProxy is what balances"
	case "listen":
		return "HAProxy's listen is a frontend and a backend here"
	default:
		return ""
	}
}
