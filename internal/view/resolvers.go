package view

import (
	"strconv"

	"github.com/lbgen/lbgen/internal/model"
)

// Resolvers is one resolvers section.
type Resolvers struct {
	Name, Origin string
	Lines        []Rule
}

func resolveResolvers(site *model.Site) []Resolvers {
	var all []Resolvers
	for i, r := range site.Resolvers {
		path := at("resolvers", i)
		all = append(all, Resolvers{r.Name, Mark(path), resolversLines(r, path)})
	}
	return all
}

func resolversLines(r model.Resolvers, path string) []Rule {
	var lines []Rule
	for i, s := range r.Nameservers {
		lines = append(lines, Rule{Origin: Mark(at(path+".nameservers", i)), Verb: "nameserver ns" + strconv.Itoa(i+1) + " " + s.String()})
	}
	if r.ParseResolvConf {
		lines = append(lines, Rule{Origin: Mark(path + ".parse_resolv_conf"), Verb: "parse-resolv-conf"})
	}
	for _, d := range []struct {
		verb, field string
		value       model.Duration
	}{
		{"timeout resolve", "timeout_resolve", r.TimeoutResolve}, {"timeout retry", "timeout_retry", r.TimeoutRetry}, {"hold valid", "hold_valid", r.HoldValid},
	} {
		if d.value != 0 {
			lines = append(lines, Rule{Origin: Mark(path + "." + d.field), Verb: d.verb + " " + d.value.String()})
		}
	}
	for _, n := range []struct {
		verb, field string
		value       int
	}{
		{"resolve_retries", "resolve_retries", r.ResolveRetries}, {"accepted_payload_size", "accepted_payload_size", r.AcceptedPayloadSize},
	} {
		if n.value != 0 {
			lines = append(lines, Rule{Origin: Mark(path + "." + n.field), Verb: n.verb + " " + strconv.Itoa(n.value)})
		}
	}
	return lines
}
