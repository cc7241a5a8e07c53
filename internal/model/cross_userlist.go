package model

import (
	"fmt"

	"github.com/lbgen/lbgen/internal/diag"
)

// userlists wants each name once and one password for each user.
func (c *cross) userlists() {
	names := unique{}
	for i, l := range c.site.Userlists {
		names.claim(c, l.Name, place{"userlists", i, "name"}, "userlist")
		users, list := unique{}, diag.Path("userlists").Index(i).Key("users")
		for j, u := range l.Users {
			users.claim(c, u.Name, place{list, j, "name"}, "user")
			c.user(list.Index(j), u)
		}
	}
}

func (c *cross) user(path diag.Path, u User) {
	switch {
	case c.hasFailedBelow(path):
	case u.Password.IsZero() && u.PasswordHash.IsZero():
		c.add(path, "missing-field", fmt.Sprintf("user %q has no password", u.Name), "add password_hash: {file: PATH}, or {env: NAME}")
	case !u.Password.IsZero() && !u.PasswordHash.IsZero():
		c.add(path.Key("password"), "bad-value", fmt.Sprintf("user %q has two passwords", u.Name),
			"keep password_hash and take password out: then haproxy.cfg does not hold it in clear text",
			c.elsewhere("the other is here", path.Key("password_hash")))
	}
	groups := unique{}
	for i, g := range u.Groups {
		groups.claim(c, g, place{path.Key("groups"), i, ""}, "group")
	}
}
