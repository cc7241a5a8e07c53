package keepalived

import (
	"slices"
	"strings"
)

// Setting is what a configuration says about one of the keywords that must agree, or
// that decide who is master: lbgen diff and install.sh compare these and nothing else.
type Setting struct {
	Block   string // that it stands in, with its name: "vrrp_instance VI_1"
	Keyword string
	Value   string // of a list all values, with commas; "(set)" where there is none
	Agreed  bool
	Adverts bool
	Decides bool
	Secret  bool   // Value must not be shown
	Default string // what counts where there is no such line; "" where nothing does
}

// Settings returns the settings of a configuration, in its order. The last of two
// counts, and all values of lists.
func Settings(c *Config) []Setting {
	var all []Setting
	c.Walk(func(n *Node, in []*Node) {
		if len(in) == 0 {
			return
		}
		s, ok := settingOf(n, in)
		if !ok {
			return
		}
		i := slices.IndexFunc(all, func(o Setting) bool { return o.Block == s.Block && o.Keyword == s.Keyword })
		switch {
		case i < 0:
			all = append(all, s)
		case in[len(in)-1].Keyword() == s.Keyword:
			all[i].Value += ", " + s.Value
		default:
			all[i].Value = s.Value
		}
	})
	return all
}

// settingOf returns what a line says, or a line of a list, and whether it matters.
func settingOf(n *Node, in []*Node) (Setting, bool) {
	s := Setting{Block: headOf(in[0]), Keyword: n.Keyword(), Value: strings.Join(n.Values(), " ")}
	inner := in[len(in)-1]
	f, known := Find(inner.Keyword(), n.Keyword())
	if list, ok := Find(keywordOf(in[:len(in)-1]), inner.Keyword()); ok && list.Shape == List {
		f, known = list, true
		s.Keyword, s.Value = list.Keyword, valueOf(list, n)
	}
	s.Agreed, s.Adverts, s.Decides, s.Secret, s.Default = f.Agreed, f.Adverts, f.Decides, f.Secret, f.Default
	if s.Value == "" {
		s.Value = "(set)"
	}
	return s, known && (f.Agreed || f.Decides) && (f.Shape == OneLine || len(n.Lines) == 0 && f.Keyword != n.Keyword())
}

func headOf(n *Node) string { return strings.Join(append([]string{n.Keyword()}, n.Values()...), " ") }

func keywordOf(in []*Node) string {
	if len(in) == 0 {
		return ""
	}
	return in[len(in)-1].Keyword()
}

// valueOf is what counts of a line of a list. Adverts carry no prefix length, and no
// device or label.
func valueOf(list Fact, n *Node) string {
	if list.Agreed && list.Keyword != "group" {
		address, _, _ := strings.Cut(n.Keyword(), "/")
		return address
	}
	return headOf(n)
}
