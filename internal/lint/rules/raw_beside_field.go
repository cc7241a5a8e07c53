package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/lint"
	"github.com/lbgen/lbgen/internal/site"
)

func rawBesideField() lint.Rule {
	return lint.Rule{
		ID: "LB1016", Name: "raw-beside-field", Severity: diag.Warning, Since: "0.1",
		Title: "A raw line decides who is master, behind the back of everything that looks at that",
		Text: `lbgen knows what stands in fields: ` + "`lbgen prove`" + `, ` + "`lbgen timing`" + ` and these rules reckon with them, and
each node gets its own value. A raw line is the same on every node and nobody reckons with it; of a word that then
is defined twice Keepalived takes one.`,
		Bad: `
vrrp:
  - name: VI_1
    nic: front
    virtual_router_id: 23
    vips: [192.0.2.10]
    raw: §state MASTER
`,
		Good: `
vrrp:
  - name: VI_1
    nic: front
    virtual_router_id: 23
    vips: [192.0.2.10]
    preempt: true
    raw: lower_prio_no_advert true
`,
		Run: func(p *lint.Pass) {
			for i, v := range p.Site.VRRP {
				for _, line := range v.Raw.Lines() {
					if field, ok := fieldOf(line); ok {
						p.Report(lint.Finding{Path: diag.Path("vrrp").Index(i).Key("raw"),
							Summary: fmt.Sprintf("raw line %q: nothing that lbgen proves reckons with it", firstWord(line)), Detail: "take it out; " + field})
					}
				}
			}
		},
	}
}

// fieldOf says what stands in place of a raw line of a vrrp_instance that lbgen
// has a field for.
func fieldOf(line string) (string, bool) {
	word := firstWord(line)
	switch {
	case word == "state":
		return "who is master follows from the priorities, and every node begins as a backup", true
	case word == "nopreempt" || word == "preempt":
		return "preempt: true or false decides that, for the node that it concerns", true
	case word == "priority":
		return "each node has its own priority", true
	case word == "interface":
		return "nic names the interface", true
	case slices.Contains(strings.Fields("virtual_router_id version advert_int preempt_delay unicast_peer unicast_src_ip mcast_src_ip "+
		"authentication virtual_ipaddress track_interface track_script track_process"), word):
		return "the site file has a field for that, which docs/site-file.md describes", true
	default:
		return "", false
	}
}

func firstWord(line string) string {
	if words := strings.Fields(line); len(words) > 0 {
		return words[0]
	}
	return ""
}

// keepalivedRaw calls do for each raw line of keepalived.conf.
func keepalivedRaw(s *site.Site, do func(path diag.Path, line string)) {
	for _, line := range s.Keepalived.Raw.Lines() {
		do("keepalived.raw", line)
	}
	for i, v := range s.VRRP {
		for _, line := range v.Raw.Lines() {
			do(diag.Path("vrrp").Index(i).Key("raw"), line)
		}
	}
}
