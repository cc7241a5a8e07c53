package status

import (
	"fmt"
	"slices"
	"strings"
)

// HAProxy's types of rows in its statistics.
const (
	backendRow = "1"
	serverRow  = "2"
)

// servers judges the servers as the nodes' HAProxy see them.
func (j *judge) servers() {
	for _, a := range j.answers {
		if a.Facts == nil {
			continue
		}
		for _, row := range a.Facts.Stats {
			switch row["type"] {
			case backendRow:
				j.backend(a.Set.Node, row)
			case serverRow:
				j.server(a.Set.Node, row)
			}
		}
	}
}

func (j *judge) backend(node string, row map[string]string) {
	if b := j.site.Backend(row["pxname"]); b != nil && strings.HasPrefix(row["status"], "DOWN") && len(b.Servers)+len(b.ServerTemplates) > 0 {
		j.add(node, "backend-down", fmt.Sprintf("backend %s has no server left", row["pxname"]), "start with its servers")
	}
}

func (j *judge) server(node string, row map[string]string) {
	backend, name, state := row["pxname"], row["svname"], row["status"]
	i := slices.IndexFunc(j.Servers, func(s Server) bool { return s.Backend == backend && s.Name == name })
	if i < 0 {
		i = len(j.Servers)
		j.Servers = append(j.Servers, Server{backend, name, map[string]string{}})
	}
	j.Servers[i].States[node] = state
	why := row["check_desc"]
	if last := row["last_chk"]; last != "" {
		why = strings.TrimSpace(row["check_status"] + " " + last)
	}
	if why != "" {
		why = " (" + why + ")"
	}
	switch {
	case strings.HasPrefix(state, "DOWN"):
		j.add(node, "server-down", fmt.Sprintf("server %s/%s is down%s", backend, name, why),
			"look at the server; lbgen explain says how it is checked")
	case strings.HasPrefix(state, "MAINT") && !strings.Contains(state, "resolution") && !j.disabled(backend, name),
		strings.HasPrefix(state, "DRAIN"):
		j.add(node, "server-maintenance", fmt.Sprintf("server %s/%s was taken out of service by hand (%s)", backend, name, state),
			"at HAProxy's socket: set server "+backend+"/"+name+" state ready")
	}
}

// disabled says whether the site file has the server out of service.
func (j *judge) disabled(backend, name string) bool {
	b := j.site.Backend(backend)
	if b == nil {
		return false
	}
	for i := range b.Servers {
		if b.Servers[i].Name == name {
			return b.Disabled(&b.Servers[i].ServerOptions)
		}
	}
	return false
}
