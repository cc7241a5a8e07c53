package adopt

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/conf/haproxy"
)

// userlist is a section of users. Their groups may stand with either.
func (h *sections) userlist(s *haproxy.Section) {
	list := mapping()
	list.set("name", safeName(s.Name))
	for _, d := range s.Lines {
		if d.Word(0) != "user" || d.Word(2) != "password" && d.Word(2) != "insecure-password" {
			continue
		}
		u := mapping()
		u.set("name", d.Word(1))
		field := map[string]string{"password": "password_hash", "insecure-password": "password"}[d.Word(2)]
		u.put(field, h.secret("user_"+safeName(s.Name+"_"+d.Word(1)), d.Word(3)))
		u.set("groups", groupsOf(s, d))
		list.add("users", u)
		h.field(d)
	}
	for _, d := range s.Lines {
		switch {
		case d.Word(0) != "group":
		case hasUsers(s, d):
			h.field(d)
		default:
			h.becomes(d.Range, NoEffect, "nobody is in this group")
		}
	}
	if list.under["users"] == nil {
		h.becomes(s.Head.Range, Unsaid, "it has no user")
		return
	}
	h.proxies.add("userlists", list)
}

// groupsOf are the groups of a user, sorted.
func groupsOf(s *haproxy.Section, user *haproxy.Directive) []string {
	var all []string
	if i := slices.Index(user.Words(), "groups"); i > 0 {
		all = strings.Split(user.Word(i+1), ",")
	}
	for _, g := range s.Lines {
		if g.Word(0) == "group" && g.Word(2) == "users" && slices.Contains(strings.Split(g.Word(3), ","), user.Word(1)) {
			all = append(all, g.Word(1))
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// hasUsers says whether a user is in a group.
func hasUsers(s *haproxy.Section, group *haproxy.Directive) bool {
	return slices.ContainsFunc(s.Lines, func(d *haproxy.Directive) bool {
		return d.Word(0) == "user" && slices.Contains(groupsOf(s, d), group.Word(1))
	})
}

// normalUsers are the users of a list with their groups; what they enter by is a sum.
func normalUsers(s *haproxy.Section) *settings {
	set := newSettings()
	set.set("it", "there", s.Head.Range)
	for _, d := range s.Lines {
		if d.Word(0) == "group" && hasUsers(s, d) {
			set.set("group "+d.Word(1), "there", d.Range)
		}
		if d.Word(0) == "user" {
			text := cmp.Or(d.Word(2), "nothing") + fmt.Sprintf(" %x", hash(d.Word(3)))
			set.set("user "+d.Word(1), text+", in "+strings.Join(groupsOf(s, d), " "), d.Range)
		}
	}
	return set
}
