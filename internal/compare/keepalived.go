package compare

import (
	"maps"
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/artifact"
)

// compareSettings notes what a new keepalived.conf changes between the nodes.
func (n *Node) compareSettings(old, new []byte, v verdict) {
	was, is := settings(string(old)), settings(string(new))
	for _, key := range keys(was, is) {
		if was[key] == is[key] {
			continue
		}
		word := key[strings.LastIndex(key, " ")+1:]
		text := printable(key + " " + from(was[key]) + " -> " + from(is[key]))
		if decides(word) {
			n.MayMove = append(n.MayMove, text)
		} else {
			n.Together = append(n.Together, text)
		}
	}
	for _, s := range v.words {
		if agreed(s.word) {
			n.Together = append(n.Together, "secret of "+s.path)
		}
	}
}

func from(value string) string {
	if value == "" {
		return "(none)"
	}
	return value
}

func keys(a, b map[string]string) []string {
	all := slices.AppendSeq(slices.Collect(maps.Keys(a)), maps.Keys(b))
	slices.Sort(all)
	return slices.Compact(all)
}

// agreed says whether the word is a setting that must be the same on all
// nodes, or that one node has of the other, or a list of such.
func agreed(word string) bool {
	switch word {
	case "virtual_router_id", "advert_int", "down_timer_adverts", "auth_type", "auth_pass", "auth_hmac",
		"version", "vrrp_version", "virtual_ipaddress", "unicast_peer", "unicast_src_ip", "mcast_src_ip":
		return true
	}
	return false
}

// decides says whether the word is a setting that decides who is master, or one
// with which Keepalived begins the instance anew when it is reloaded (tried with
// 2.2.7: another interface takes the VIP away for about 4 s). The instances of a
// sync group go where the slowest of them is.
func decides(word string) bool {
	switch word {
	case "interface", "priority", "state", "nopreempt", "preempt", "preempt_delay", "weight", "group":
		return true
	}
	return false
}

// settings returns the settings of a keepalived.conf that agreed and decides
// know, by "block name: word". Of a secret it says only that it is there.
func settings(conf string) map[string]string {
	all := map[string]string{}
	var blocks []string
	for line := range strings.Lines(conf) {
		word := fields(line)
		switch {
		case len(word) == 0:
		case word[0] == "}":
			blocks = blocks[:max(0, len(blocks)-1)]
		case word[len(word)-1] == "{":
			blocks = append(blocks, strings.Join(word[:len(word)-1], " "))
		case len(blocks) > 0:
			note(all, blocks, word)
		}
	}
	return all
}

// fields returns the words of a line without its comment.
func fields(line string) []string {
	word := strings.Fields(line)
	if i := slices.IndexFunc(word, func(w string) bool { return w[0] == '#' || w[0] == '!' }); i >= 0 {
		word = word[:i]
	}
	return word
}

func note(all map[string]string, blocks, word []string) {
	in := blocks[len(blocks)-1]
	switch {
	case in == "virtual_ipaddress" || in == "unicast_peer" || in == "group":
		address, _, _ := strings.Cut(word[0], "/") // adverts carry no prefix length
		key := blocks[0] + ": " + in
		all[key] = strings.TrimPrefix(all[key]+", "+address, ", ")
	case strings.HasPrefix(word[0], "auth_") && word[0] != "auth_type":
		all[blocks[0]+": "+word[0]] = artifact.Mask
	case (agreed(word[0]) || decides(word[0])) && len(word) == 1:
		all[blocks[0]+": "+word[0]] = "(set)"
	case agreed(word[0]) || decides(word[0]):
		all[blocks[0]+": "+word[0]] = strings.Join(word[1:], " ")
	}
}
