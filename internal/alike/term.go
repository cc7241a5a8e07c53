package alike

import (
	"slices"
	"strings"
)

// part is what of a request a condition looks at.
type part string

const (
	host   part = "host"
	path   part = "path"
	query  part = "query" // name=value
	method part = "method"
	header part = "header" // name: value
	cookie part = "cookie" // name=value
)

// wish is what a part of a request is to be.
type wish struct {
	part  part
	name  string // of a header, a cookie or a parameter
	value string
	whole bool // of a host: as the header has it, with a port
}

// most is how many values of one condition are tried.
const most = 60

// wishes are what makes a condition true, a wish for each of its values; none where it
// is not up to the request. words are the sample, its flags and its values.
func wishes(words []string) []wish {
	if len(words) == 0 {
		return nil
	}
	sample, _, converted := strings.Cut(words[0], ",")
	fetch, argument, _ := strings.Cut(strings.TrimSuffix(sample, ")"), "(")
	argument, _, _ = strings.Cut(argument, ",")
	fetch = strings.TrimPrefix(strings.TrimPrefix(fetch, "req."), "req_")
	how := ""
	for _, suffix := range []string{"_beg", "_end", "_sub", "_dom", "_dir", "_reg", "_len", "_cnt"} {
		if base, ok := strings.CutSuffix(fetch, suffix); ok {
			fetch, how = base, suffix[1:]
		}
	}
	kind, values := flags(words[1:])
	if kind != "" {
		how = kind
	}
	p, ok := partOf(fetch, argument)
	if !ok || how == "len" {
		return nil
	}
	var all []wish
	for _, text := range texts(how, values) {
		if p == path && !strings.HasPrefix(text, "/") {
			text = "/" + text
		}
		all = append(all, wish{p, argument, text, p == host && fetch == "hdr" && !converted})
	}
	return all[:min(len(all), most)]
}

func partOf(fetch, argument string) (part, bool) {
	switch fetch {
	case "hdr", "fhdr", "capture.req.hdr":
		if strings.EqualFold(argument, "host") {
			return host, true
		}
		return header, argument != ""
	case "ssl_sni", "ssl_fc_sni", "payload_lv":
		return host, fetch != "payload_lv"
	case "path", "pathq", "url", "capture.req.uri", "uri":
		return path, true
	case "base":
		return host, true
	case "method", "capture.req.method":
		return method, true
	case "cook", "scook":
		return cookie, argument != ""
	case "urlp", "url_param", "urlp_val":
		return query, argument != ""
	}
	return "", false
}

// flags takes the flags before the values away, and returns what -m says.
func flags(words []string) (kind string, values []string) {
	for len(words) > 0 && strings.HasPrefix(words[0], "-") && len(words[0]) == 2 {
		switch words[0] {
		case "-m":
			if len(words) > 1 {
				kind = words[1]
			}
			words = words[min(2, len(words)):]
		case "-f", "-M", "-u":
			words = words[min(2, len(words)):]
		case "--":
			return kind, words[1:]
		default:
			words = words[1:]
		}
	}
	return kind, words
}

// texts are what is compared well with the values in this way.
func texts(how string, values []string) []string {
	if how == "found" || how == "bool" || len(values) == 0 || how == "cnt" {
		return []string{"there"}
	}
	var all []string
	for _, v := range values {
		switch how {
		case "beg", "dir":
			all = append(all, v, v+"/more")
		case "end":
			all = append(all, v, "more"+v)
		case "sub":
			all = append(all, "more"+v+"more")
		case "reg":
			if text, ok := Example(v); ok {
				all = append(all, text)
			}
		default:
			all = append(all, v)
		}
	}
	return slices.Compact(all)
}

// term is one condition of a line.
type term struct {
	not    bool
	wishes []wish
}

// alternatives are the terms of the condition at the end of a line; a list for each of
// its alternatives. A term is the name of an ACL, or stands between braces.
func alternatives(words []string, acls map[string][]wish) [][]term {
	i := slices.IndexFunc(words, func(w string) bool { return w == "if" || w == "unless" })
	if i < 0 {
		return nil
	}
	all := [][]term{nil}
	not := false
	for i++; i < len(words); i++ {
		w := words[i]
		if w == "or" || w == "||" {
			all, not = append(all, nil), false
			continue
		}
		for strings.HasPrefix(w, "!") {
			not, w = !not, w[1:]
		}
		if w == "" {
			continue
		}
		t := term{not: not, wishes: acls[w]}
		if w == "{" {
			closing := slices.Index(words[i:], "}")
			if closing < 0 {
				return all
			}
			t.wishes = wishes(words[i+1 : i+closing])
			i += closing
		}
		all[len(all)-1], not = append(all[len(all)-1], t), false
	}
	return all
}
