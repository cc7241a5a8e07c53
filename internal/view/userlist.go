package view

import (
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/model"
)

// Userlist is one userlist section.
type Userlist struct {
	Name, Origin string
	Groups       []string // those that a user is in, sorted
	Users        []User
}

// User is one user of a list.
type User struct {
	Name, Origin string
	Password     *Secret
	Hashed       bool
	Groups       string // with commas between them
}

func resolveUserlists(site *model.Site, in model.Inputs) []Userlist {
	var lists []Userlist
	for i, l := range site.Userlists {
		path := at("userlists", i)
		list := Userlist{Name: l.Name, Origin: Mark(path)}
		for j, u := range l.Users {
			list.Users = append(list.Users, resolveUser(u, at(path+".users", j), in))
			list.Groups = append(list.Groups, u.Groups...)
		}
		slices.Sort(list.Groups)
		list.Groups = slices.Compact(list.Groups)
		lists = append(lists, list)
	}
	return lists
}

func resolveUser(u model.User, path string, in model.Inputs) User {
	user := User{Name: u.Name, Origin: Mark(path), Hashed: !u.PasswordHash.IsZero(), Groups: strings.Join(u.Groups, ",")}
	if user.Hashed {
		user.Password = resolveSecretOr(u.PasswordHash, path+".password_hash", in, hashStandIn)
	} else {
		user.Password = resolveSecret(u.Password, path+".password", in)
	}
	return user
}
