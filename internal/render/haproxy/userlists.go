package haproxy

import (
	"slices"

	conf "github.com/lbgen/lbgen/internal/conf/haproxy"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/model"
)

func (p *printer) userlists() []Section {
	var all []Section
	for i := range p.Written.Userlists {
		list, from := &p.Written.Userlists[i], diag.Path("userlists").Index(i)
		var l lines
		for _, name := range groups(list) {
			l.add("", "group", conf.Text(name))
		}
		for j := range list.Users {
			l = append(l, p.user(&list.Users[j], from.Key("users").Index(j)))
		}
		all = append(all, Section{conf.NewLine(from, "userlist", conf.Text(list.Name)), l})
	}
	return all
}

// groups are those that a user is in, sorted.
func groups(list *model.Userlist) []string {
	var all []string
	for i := range list.Users {
		all = append(all, list.Users[i].Groups...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func (p *printer) user(u *model.User, from diag.Path) conf.Line {
	kind, s := conf.Key("insecure-password"), p.secret(u.Password, from.Key("password"), placeholder)
	if !u.PasswordHash.IsZero() {
		kind, s = conf.Key("password"), p.secret(u.PasswordHash, from.Key("password_hash"), hashPlaceholder)
	}
	return conf.NewLine(from, "user", conf.Text(u.Name), kind, conf.Secret(s.value, s.path, s.known),
		conf.When(len(u.Groups) > 0, conf.Key("groups"), conf.List(u.Groups)))
}
