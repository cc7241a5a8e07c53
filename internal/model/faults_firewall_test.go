package model_test

import (
	"strings"
	"testing"
)

// between returns the part of base from one text to the end of another, for a
// fault that needs two places.
func between(t *testing.T, from, to string) string {
	t.Helper()
	i, j := strings.Index(base, from), strings.Index(base, to)
	if i < 0 || j < i {
		t.Fatalf("base has no %q before %q", from, to)
	}
	return base[i : j+len(to)]
}

// TestFirewallFaults is about binds that clients could not come in to.
func TestFirewallFaults(t *testing.T) {
	part := between(t, "  web: {device: ens256", "    binds:\n")
	dark := strings.Replace(part, ", zone: public}", "}", 1)
	checkFaults(t, []fault{
		{"an address on a NIC without a zone", part, dark + "      - §{address: 192.168.50.71, port: 8080}\n", "missing-field",
			[]string{"the firewall lets nobody in to this bind", "add zone to these NICs", "open: false"}},
		{"an unknown address of that network", part, dark + "      - §{address: 192.168.50.99, port: 8080}\n", "missing-field",
			[]string{"lets nobody in"}},
	})
	for name, bind := range map[string]string{
		"that address, closed":         `{address: 192.168.50.71, port: 8080, open: false}`,
		"loopback":                     `{address: 127.0.0.1, port: 8080}`,
		"everywhere":                   `{address: "*", port: 8080}`,
		"in a family that no node has": `{address: "::", port: 8080}`,
		"somewhere":                    `{address: 203.0.113.7, port: 8080}`,
	} {
		if found, _ := load(t, part, dark+"      - "+bind+"\n"); len(found) > 0 {
			t.Errorf("%s: %s", name, list(found))
		}
	}
}

// TestFirewallKinds is about who filters: nftables needs zones as firewalld does, on every
// platform, and never closes ssh everywhere; none needs nothing.
func TestFirewallKinds(t *testing.T) {
	const (
		wanted = "firewall: {zones: {dmz: {forward: false, remove_services: [ssh]}}}"
		all    = "{dmz: {remove_services: [ssh]}, public: {remove_services: [ssh]}}"
	)
	part := between(t, "platform: rocky9", wanted)
	debian := strings.NewReplacer("platform: rocky9", "platform: debian13", ", zone: dmz}", "}")
	bare := debian.Replace(strings.TrimSuffix(part, wanted))
	checkFaults(t, []fault{
		{"no zone for nftables", part, bare + "firewall: {kind: nftables}", "missing-field",
			[]string{`NIC "client" has no firewall zone`, "add zone: nftables filters what comes in"}},
		{"ssh is gone everywhere", wanted, "firewall: {kind: nftables, zones: §" + all + "}",
			"bad-value", []string{"nobody could log in to the nodes any more", "leave it to one of them"}},
		{"an unknown kind", wanted, "firewall: {kind: §ufw}", "bad-value", []string{"firewalld", "nftables", "none"}},
		{"a port that is none", wanted, "firewall: {zones: {dmz: {open_ports: [{port: §70000}]}}}", "bad-value", []string{"65535"}},
	})
	for _, good := range []string{
		"firewall: {kind: none}", "firewall: {kind: firewalld}",
		"firewall: {kind: none, zones: " + all + "}",
	} {
		zones := strings.TrimSuffix(part, wanted)
		if strings.Contains(good, "none}") {
			zones = bare
		}
		if found, _ := load(t, part, zones+good); len(found) > 0 {
			t.Errorf("%s: %s", good, list(found))
		}
	}
	if found, _ := load(t, wanted, "firewall: {kind: nftables, zones: {dmz: {remove_services: [ssh]}}}"); len(found) > 0 {
		t.Errorf("ssh is left to one zone: %s", list(found))
	}
}
