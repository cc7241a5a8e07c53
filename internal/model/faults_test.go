package model_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/model"
)

var update = flag.Bool("update", false, "write the expected findings anew")

// base is a site without fault, in which each case below changes one thing.
const base = `version: 1
site: prslb
platform: rocky9
nics:
  management: {device: ens192, subnet: 172.16.10.0/24, zone: public}
  client: {device: ens224, subnet: 172.16.110.0/24, zone: dmz}
  web: {device: ens256, subnet: 192.168.50.0/24, zone: public}
nodes:
  - {name: lb1, priority: 100, addresses: {management: 172.16.10.71, client: 172.16.110.71, web: 192.168.50.71}}
  - {name: lb2, priority: 50, addresses: {management: 172.16.10.72, client: 172.16.110.72, web: 192.168.50.72}}
vrrp:
  - name: VI_1
    nic: client
    virtual_router_id: 1
    advert_int: 1s
    auth_pass: {file: secret}
    vips: [172.16.110.70]
    track:
      nics: [web]
      haproxy: {interval: 2s, timeout: 2s, rise: 2, fall: 2}
frontends:
  - name: main
    binds:
      - {vip: VI_1, ports: [80, 443]}
      - {nic: client, ports: [80, 443]}
    default_backend: app
backends:
  - name: app
    balance: roundrobin
    retries: 1
    timeouts: {connect: 3s, server: 5s, check: 2s}
    health: {http: {method: GET, uri: /ready, expect: 200}, inter: 2s, rise: 2, fall: 3}
    servers:
      - {name: web1, address: 192.168.50.61:80}
      - {name: web2, address: 192.168.50.62:80}
    sorry: {page: sorry.html, status: 200}
stats: {nic: management, port: 8404, uri: /stats, refresh: 10s, allow: [192.168.11.0/24]}
firewall: {zones: {dmz: {forward: false, remove_services: [ssh]}}}
notifications: {email: {to: [root@localhost], from: root@localhost, smtp_server: localhost}}
`

// fault is one thing that is wrong: old is replaced by new, where § stands
// before the character that the finding points at.
type fault struct {
	name, old, new string
	code           string
	words          []string // parts of summary and detail
}

func faults() []fault {
	return []fault{
		// Keys.
		{"unknown key", "    balance: roundrobin", "    §ballance: roundrobin", "unknown-field",
			[]string{`unknown field "ballance"`, `did you mean "balance"?`}},
		{"unknown key at the top", "stats: {", "§statistics: {", "unknown-field",
			[]string{"expected one of: version, site, defaults_from, platform"}},
		{"a required key misspelt is one fault", "    default_backend: app", "    §default_backed: app", "unknown-field",
			[]string{`did you mean "default_backend"?`}},
		{"a whole section misspelt is one fault", "\nnics:\n", "\n§nisc:\n", "unknown-field", []string{`did you mean "nics"?`}},
		{"another section misspelt", "\nbackends:\n", "\n§backend:\n", "unknown-field", []string{`did you mean "backends"?`}},
		{"key twice", "    retries: 1\n", "    retries: 1\n    §retries: 2\n", "duplicate-key", []string{`key "retries" is defined twice`}},
		{"key in another case", "site: prslb", "§Site: prslb", "unknown-field", []string{`did you mean "site"?`}},

		// Types.
		{"text for a number", "priority: 100", "priority: §high", "wrong-type", []string{"expected a whole number", `found "high"`}},
		{"quoted number", "priority: 100", `priority: §"100"`, "wrong-type", []string{"expected a whole number", `"100", in quotes`}},
		{"true for a number", "priority: 100", "priority: §true", "wrong-type", []string{"expected a whole number"}},
		{"fraction for a number", "priority: 100", "priority: §1.5", "wrong-type", []string{"expected a whole number"}},
		{"octal", "priority: 100", "priority: §0100", "bad-value", []string{"expected a plain number: 100?"}},
		{"hexadecimal", "priority: 100", "priority: §0x10", "wrong-type", []string{"expected a whole number"}},
		{"exponent", "priority: 100", "priority: §1e2", "wrong-type", []string{"expected a whole number"}},
		{"underscore", "priority: 100", "priority: §1_0", "wrong-type", []string{"expected a whole number"}},
		{"plus sign", "priority: 100", "priority: §+100", "bad-value", []string{"expected a plain number: 100?"}},
		{"huge", "priority: 100", "priority: §99999999999999999999", "bad-value", []string{"no number here is that large"}},
		{"text for true or false", "forward: false", "forward: §no", "wrong-type", []string{"expected true or false", `"no"`}},
		{"mapping for a list", "vips: [172.16.110.70]", "vips: §{a: 172.16.110.70}", "wrong-type",
			[]string{"expected a list", "found a mapping"}},
		{"text for a list", "vips: [172.16.110.70]", "vips: §80", "wrong-type",
			[]string{"expected a list", `found "80"`}},
		{"list for a mapping", "addresses: {management: 172.16.10.71, client: 172.16.110.71, web: 192.168.50.71}", "addresses: §[172.16.10.71]",
			"wrong-type", []string{"expected a mapping", "found a list"}},
		{"list for a mapping in block", "health: {http: {method: GET, uri: /ready, expect: 200}, inter: 2s, rise: 2, fall: 3}",
			"health:\n      §- inter: 2s", "wrong-type", []string{"expected a mapping", "found a list"}},
		{"number for a mapping", "stats: {nic: management, port: 8404, uri: /stats, refresh: 10s, allow: [192.168.11.0/24]}", "stats: §8404",
			"wrong-type", []string{"expected a mapping", `"8404"`}},
		{"text for a mapping in a list", "      - {name: web2, address: 192.168.50.62:80}", "      - §192.168.50.62:80", "wrong-type",
			[]string{"expected a mapping", "192.168.50.62:80"}},
		{"mapping for a text", "method: GET", "method: §{a: b}", "wrong-type", []string{"expected a text", "found a mapping"}},
		{"nothing behind a key", "    balance: roundrobin", "    balance:§ ", "missing-value",
			[]string{"the key has no value", "take the key out"}},
		{"empty text", "    balance: roundrobin", `    balance: §""`, "missing-value", []string{"the value is empty"}},

		// Missing.
		{"no version", "version: 1\nsite", "§site", "missing-field", []string{`field "version" is missing`}},
		{"no platform", "version: 1\nsite: prslb\nplatform: rocky9\n", "§version: 1\nsite: prslb\n", "missing-field",
			[]string{`field "platform" is missing`, "lbgen schema"}},
		{"no virtual_router_id", "  - name: VI_1\n    nic: client\n    virtual_router_id: 1\n", "  - §name: VI_1\n    nic: client\n",
			"missing-field", []string{`"virtual_router_id" is missing`}},
		{"no server", "    servers:\n      - {name: web1, address: 192.168.50.61:80}\n      - {name: web2, address: 192.168.50.62:80}\n",
			"    servers: §[]\n", "missing-field", []string{"has no server"}},
		{"no server address", "{name: web1, address: 192.168.50.61:80}", "§{name: web1}", "missing-field", []string{`"address" is missing`}},
		{"no VIP", "vips: [172.16.110.70]", "vips: §[]", "missing-field", []string{`"vips" is empty`}},
		{"VIP without address", "vips: [172.16.110.70]", "vips: [172.16.110.70, §{name: www}]", "missing-field",
			[]string{`"address" is missing`}},
		{"no address in a list", "client: 172.16.110.71,", "client: §[],", "missing-field", []string{"the list is empty"}},
		{"no address on a NIC in use", "client: 172.16.110.72, ", "", "missing-field", []string{`node "lb2" has no address on NIC "client"`}},
		{"no firewall zone", ", zone: dmz}", "}", "missing-field", []string{`NIC "client" has no firewall zone`, "add zone"}},
		{"no priority", "priority: 50, ", "", "missing-field", []string{`node "lb2" has no priority`, "1-254"}},
		{"bind on nothing", "{vip: VI_1, ports: [80, 443]}", "§{ports: [80, 443]}", "missing-field",
			[]string{"exactly one of vip, nic and address"}},
		{"bind on both", "{vip: VI_1, ports: [80, 443]}", "§{vip: VI_1, nic: client, ports: [80, 443]}", "missing-field",
			[]string{"exactly one of vip, nic and address"}},
		{"secret from nowhere", "{file: secret}", "§{}", "bad-value", []string{"exactly one place"}},
		{"secret from two places", "{file: secret}", "§{file: secret, env: SECRET}", "bad-value", []string{"exactly one place"}},

		// Versions and words.
		{"version 2", "version: 1", "version: §2", "bad-value", []string{"expected 1"}},
		{"platform", "platform: rocky9", "platform: §rocky", "bad-value", []string{`did you mean "rocky9"?`, "debian12"}},
		{"balance", "balance: roundrobin", "balance: §round-robin", "bad-value", []string{`did you mean "roundrobin"?`, "leastconn"}},
		{"method", "method: GET", "method: §get", "bad-value", []string{"expected one of: GET"}},

		// Numbers out of range.
		{"priority 0", "priority: 100", "priority: §0", "bad-value", []string{"expected at least 1"}},
		{"priority -1", "priority: 100", "priority: §-1", "bad-value", []string{"expected at least 1"}},
		{"priority 255", "priority: 100", "priority: §255", "bad-value", []string{"expected at most 254"}},
		{"priority equal", "priority: 50", "priority: §100", "duplicate", []string{`priority 100 is defined twice in VRRP instance "VI_1"`}},
		{"virtual_router_id 0", "virtual_router_id: 1", "virtual_router_id: §0", "bad-value", []string{"expected at least 1"}},
		{"virtual_router_id 256", "virtual_router_id: 1", "virtual_router_id: §256", "bad-value", []string{"expected at most 255"}},
		{"port 0", "ports: [80, 443]}\n      - {nic", "ports: [§0]}\n      - {nic", "bad-value", []string{"from 1 to 65535"}},
		{"port 65536", "ports: [80, 443]}\n      - {nic", "ports: [§65536]}\n      - {nic", "bad-value", []string{"from 1 to 65535"}},
		{"stats port", "port: 8404", "port: §70000", "bad-value", []string{"expected at most 65535"}},
		{"status", "status: 200", "status: §404", "bad-value", []string{"expected one of: 200, 503"}},
		{"expect", "expect: 200", "expect: §99", "bad-value", []string{"expected a status from 100 to 599"}},

		// Durations.
		{"bare number", "inter: 2s", "inter: §5", "bad-value", []string{"expected a unit", "5s or 5ms?"}},
		{"nothing", "inter: 2s", "inter: §0s", "bad-value", []string{"more than nothing"}},
		{"fraction", "inter: 2s", "inter: §1.5s", "bad-value", []string{"a whole number and a unit"}},
		{"wrong unit", "inter: 2s", "inter: §2sec", "bad-value", []string{"expected one of the units", `"sec"`}},
		{"negative", "inter: 2s", "inter: §-1s", "bad-value", []string{"a whole number and a unit"}},
		{"space", "inter: 2s", "inter: §2 s", "bad-value", []string{"a whole number and a unit"}},
		{"upper case", "inter: 2s", "inter: §2S", "bad-value", []string{"a whole number and a unit"}},
		{"more than HAProxy's clock holds", "inter: 2s", "inter: §25d", "bad-value", []string{"at most 24d"}},
		{"more than a clock holds", "inter: 2s", "inter: §99999999999999999999s", "bad-value", []string{"a whole number"}},
		{"no digits", "inter: 2s", "inter: §s", "bad-value", []string{"a whole number and a unit"}},
		{"advert_int fraction", "advert_int: 1s", "advert_int: §500ms", "bad-value", []string{"VRRP version 2", "whole seconds"}},
		{"advert_int too long", "advert_int: 1s", "advert_int: §256s", "bad-value", []string{"from 1s to 255s"}},
		{"script interval fraction", "interval: 2s", "interval: §500ms", "bad-value", []string{"whole seconds"}},
		{"refresh fraction", "refresh: 10s", "refresh: §500ms", "bad-value", []string{"whole seconds"}},

		// Addresses.
		{"not an address", "client: 172.16.110.71", "client: §172.16.110", "bad-value", []string{"expected an IP address"}},
		{"leading zero", "client: 172.16.110.71", "client: §172.16.110.071", "bad-value", []string{"expected an IP address"}},
		{"too large a part", "client: 172.16.110.71", "client: §172.16.110.256", "bad-value",
			[]string{"expected an IP address", "256 is more than 255"}},
		{"IPv4 in IPv6", "client: 172.16.110.71", `client: §"::ffff:172.16.110.71"`, "bad-value", []string{"expected plain IPv4: 172.16.110.71"}},
		{"link", "client: 172.16.110.71", `client: §"fe80::1%eth0"`, "bad-value", []string{"without %zone"}},
		{"unspecified", "client: 172.16.110.71", "client: §0.0.0.0", "bad-value", []string{"address of one machine"}},
		{"multicast", "client: 172.16.110.71", "client: §224.0.0.18", "bad-value", []string{"address of one machine"}},
		{"broadcast to all", "client: 172.16.110.71", "client: §255.255.255.255", "bad-value", []string{"address of one machine"}},
		{"network address", "client: 172.16.110.71", "client: §172.16.110.0", "bad-value",
			[]string{"the network's own or its broadcast address"}},
		{"broadcast address", "client: 172.16.110.71", "client: §172.16.110.255", "bad-value",
			[]string{"the network's own or its broadcast address"}},
		{"outside its network", "client: 172.16.110.71", "client: §172.16.111.71", "outside-subnet",
			[]string{`outside the network of NIC "client"`, "172.16.110.0/24"}},
		{"with a prefix length", "client: 172.16.110.71", "client: §172.16.110.71/24", "bad-value", []string{"expected an IP address"}},
		{"same address twice", "client: 172.16.110.72", "client: §172.16.110.71", "duplicate",
			[]string{"address 172.16.110.71 is defined twice"}},
		{"subnet with host bits", "subnet: 172.16.110.0/24", "subnet: §172.16.110.7/24", "bad-value", []string{"did you mean 172.16.110.0/24?"}},
		{"subnet without length", "subnet: 172.16.110.0/24", "subnet: §172.16.110.0", "bad-value", []string{"expected a network"}},
		{"subnets overlap", "subnet: 192.168.50.0/24", "subnet: §172.16.0.0/16", "duplicate", []string{"overlapping networks"}},
		{"VIP outside", "[172.16.110.70]", "[§172.16.111.70]", "outside-subnet", []string{"outside the network", "172.16.111.70/32"}},
		{"VIP outside with length", "[172.16.110.70]", "[§172.16.111.70/24]", "outside-subnet", []string{"outside the network"}},
		{"VIP of the other family", "[172.16.110.70]", `[172.16.110.70, §"2001:db8::70"]`, "outside-subnet", []string{"2001:db8::70/128"}},
		{"VIP prefix length", "[172.16.110.70]", "[§172.16.110.70/33]", "bad-value", []string{"from 1 to 32"}},
		{"VIP is a node's", "[172.16.110.70]", "[§172.16.110.72]", "duplicate", []string{`own address of node "lb2"`}},
		{"VIP twice", "[172.16.110.70]", "[172.16.110.70, §172.16.110.70]", "duplicate", []string{"VIP 172.16.110.70 is defined twice"}},
		{"VIP network address", "[172.16.110.70]", "[§172.16.110.0]", "bad-value", []string{"network's own"}},
		{"server without port", "192.168.50.61:80", "§192.168.50.61", "bad-value", []string{"expected address:port"}},
		{"server port 0", "192.168.50.61:80", "§192.168.50.61:0", "bad-value", []string{"a port from 1 to 65535"}},
		{"server port 65536", "192.168.50.61:80", "§192.168.50.61:65536", "bad-value", []string{`"65536" is not a port`}},
		{"server port by name", "192.168.50.61:80", "§192.168.50.61:http", "bad-value", []string{`"http" is not a port`}},
		{"server port below 0", "192.168.50.61:80", "§192.168.50.61:-1", "bad-value", []string{`"-1" is not a port`}},
		{"server with two ports", "192.168.50.61:80", "§192.168.50.61:80:81", "bad-value", []string{"two colons"}},
		{"server by URL", "192.168.50.61:80", "§http://192.168.50.61:80", "bad-value", []string{"no scheme"}},
		{"server by name", "192.168.50.61:80", "§web1.example.org", "bad-value", []string{"expected address:port"}},
		{"server address: a letter for a digit", "192.168.50.61:80", "§192.168.5O.61:80", "bad-value", []string{`"5O" is not a number`}},
		{"server address: a letter for a dot", "192.168.50.61:80", "§192n168.171.133:80", "bad-value", []string{`"192n168" is not a number`}},
		{"server address: two dots", "192.168.50.61:80", "§web..example.org:80", "bad-value", []string{`"web..example.org" is not a host name`}},
		{"server address: a number too large", "192.168.50.61:80", "§192.168.50.610:80", "bad-value", []string{`610 is more than 255`}},
		{"server address: three numbers", "192.168.50.61:80", "§192.168.50:80", "bad-value", []string{`four numbers, this has 3`}},
		{"server address: five numbers", "192.168.50.61:80", "§192.168.50.61.1:80", "bad-value", []string{`this has 5`}},
		{"server address: a leading zero", "192.168.50.61:80", "§192.168.050.61:80", "bad-value", []string{`write 50 for 050`}},
		{"server address: IPv6 without brackets", "192.168.50.61:80", "§2001:db8::61:80", "bad-value", []string{`in brackets`}},
		{"server address: a group of IPv6 misspelt", "192.168.50.61:80", "§'[2001:db8::6g]:80'", "bad-value", []string{`"6g" is not a group`}},
		{"server address: a group of IPv6 too long", "192.168.50.61:80", "§'[2001:db8::12345]:80'", "bad-value",
			[]string{`"12345" is not a group`}},
		{"server address: too few groups of IPv6", "192.168.50.61:80", "§'[2001:db8:1]:80'", "bad-value", []string{`this has 3`}},
		{"server address: two gaps in IPv6", "192.168.50.61:80", "§'[2001::db8::1]:80'", "bad-value", []string{`may stand once`}},
		{"server address: an underscore", "192.168.50.61:80", "§web_1.example.org:80", "bad-value", []string{`no underscore`}},
		{"server address: an SRV name", "192.168.50.61:80", "§_http._tcp.example.org:80", "bad-value",
			[]string{`SRV names are for server_templates`}},
		{"server address: a range of ports", "192.168.50.61:80", "§web1.example.org:80-90", "bad-value", []string{`ranges of ports`}},
		{"server address: a label that ends in a hyphen", "192.168.50.61:80", "§web-.example.org:80", "bad-value", []string{`not a host name`}},
		{"server is HAProxy itself", "192.168.50.61:80", "§172.16.110.70:80", "loop", []string{"where HAProxy itself listens"}},
		{"allow", "192.168.11.0/24", "§192.168.11.1/24", "bad-value", []string{"did you mean 192.168.11.0/24?"}},

		// References to nothing.
		{"NIC", "    nic: client", "    nic: §clinet", "unknown-reference", []string{`there is no NIC "clinet"`, `did you mean "client"?`}},
		{"NIC in a node", "{management: 172.16.10.71, client:", "{management: 172.16.10.71, §cleint:", "unknown-reference",
			[]string{`did you mean "client"?`}},
		{"NIC renamed where it is defined", "  client: {device", "  clients: {device", "unknown-reference",
			[]string{`there is no NIC "client"`, `did you mean "clients"?`}},
		{"tracked NIC", "nics: [web]", "nics: [§wep]", "unknown-reference", []string{`did you mean "web"?`}},
		{"stats NIC", "{nic: management, port", "{nic: §mgmt, port", "unknown-reference", []string{"there are: client, management, web"}},
		{"VIP name", "{vip: VI_1,", "{vip: §VI_2,", "unknown-reference", []string{`did you mean "VI_1"?`}},
		{"backend", "default_backend: app", "default_backend: §ap", "unknown-reference", []string{`did you mean "app"?`}},
		{"node in priorities", "    vips:", "    priorities: {lb1: 100, §lb3: 50}\n    vips:", "unknown-reference",
			[]string{`there is no node "lb3"`}},
		{"zone", "{zones: {dmz:", "{zones: {§dmzz:", "unknown-reference", []string{`did you mean "dmz"?`}},
		{"device of no NIC", "priority: 50, ", "priority: 50, devices: {§clint: eth1}, ", "unknown-reference",
			[]string{`did you mean "client"?`}},

		// The same thing twice.
		{"node twice", "{name: lb2", "{name: §lb1", "duplicate", []string{`node "lb1" is defined twice`}},
		{"node twice in another case", "{name: lb2", "{name: §LB1", "duplicate", []string{"is defined twice"}},
		{"NIC twice", "  web: {device", "  §client: {device", "duplicate-key", []string{`key "client" is defined twice`}},
		{"server twice", "{name: web2", "{name: §web1", "duplicate", []string{`server "web1" is defined twice`}},
		{"backend twice", "stats: {", "  - {name: §app, servers: [{name: a, address: 192.168.50.63:80}]}\nstats: {", "duplicate",
			[]string{`proxy "app" is defined twice`}},
		{"frontend and backend", "  - name: main", "  - name: §app", "duplicate", []string{`proxy "app" is defined twice`}},
		{"backend named like the statistics page", "stats: {", "  - {name: §stats, servers: [{name: a, address: 192.168.50.63:80}]}\nstats: {",
			"duplicate", []string{"the statistics page has this name"}},
		{"bind twice", "{nic: client, ports: [80, 443]}", "§{vip: VI_1, ports: [443]}", "duplicate",
			[]string{"172.16.110.70:443 is bound twice"}},
		{"bind where the statistics page is", "{nic: client, ports: [80, 443]}", "§{nic: management, ports: [8404]}", "duplicate",
			[]string{"is bound twice"}},
		{"port twice", "ports: [80, 443]}\n      - {nic", "ports: [80, 80]}\n      - {nic", "duplicate",
			[]string{"172.16.110.70:80 is bound twice"}},
		{"virtual_router_id twice", "frontends:", "  - {name: VI_2, nic: client, virtual_router_id: §1, vips: [172.16.110.80], priorities: " +
			"{lb1: 50, lb2: 100}}\nfrontends:", "duplicate", []string{"virtual_router_id 1 is defined twice"}},
		{"instance twice", "frontends:", "  - {name: §VI_1, nic: client, virtual_router_id: 2, vips: [172.16.110.80]}\nfrontends:", "duplicate",
			[]string{`"VI_1" is defined twice`}},
		{"tracked NIC twice", "nics: [web]", "nics: [web, §web]", "duplicate", []string{`NIC "web" is defined twice`}},
		{"own NIC tracked", "nics: [web]", "nics: [§client]", "bad-value", []string{"is the instance's own", "always watched"}},
		{"one interface in two zones", "web: {device: ens256, subnet: 192.168.50.0/24, zone: public}",
			"web: {device: ens192, subnet: 192.168.50.0/24, zone: §dmz}", "bad-value", []string{"two firewall zones"}},

		// Names that would be paths, and words that no grammar carries.
		{"node ../x", "{name: lb1", "{name: §../x", "bad-value", []string{`bad value "../x" for name`, "letters, digits"}},
		{"node a/b", "{name: lb1", "{name: §a/b", "bad-value", []string{"letters, digits"}},
		{"node .", "{name: lb1", "{name: §.", "bad-value", []string{"letters, digits"}},
		{"node ..", "{name: lb1", "{name: §..", "bad-value", []string{"letters, digits"}},
		{"node empty", "{name: lb1", `{name: §""`, "missing-value", []string{"the value is empty"}},
		{"node -x", "{name: lb1", "{name: §-x", "bad-value", []string{"letters, digits"}},
		{"VIP name", "vips: [172.16.110.70]", "vips: [{name: §a b, address: 172.16.110.70}]", "bad-value", []string{"letters, digits"}},
		{"site with a space", "site: prslb", "site: §my site", "bad-value", []string{"letters, digits"}},
		{"device too long", "device: ens224", "device: §ens2244444444444", "bad-value", []string{"at most 15"}},
		{"zone too long", "web: {device: ens256, subnet: 192.168.50.0/24, zone: public}",
			"web: {device: ens256, subnet: 192.168.50.0/24, zone: §publicpublicpublic}", "bad-value", []string{"at most 17"}},
		{"NIC role", "  web: {device: ens256", "  §w b: {device: eth9, subnet: 10.9.0.0/24}\n  web: {device: ens256", "bad-value",
			[]string{"letters, digits"}},
		{"uri without slash", "uri: /ready", "uri: §ready", "bad-value", []string{"begins with a slash"}},
		{"mail", "from: root@localhost", "from: §root", "bad-value", []string{"a mail address"}},
		{"mail server", "smtp_server: localhost", "smtp_server: §local_host", "bad-value", []string{"a host name or an address"}},
		{"page name", "page: sorry.html", "page: §my page.html", "bad-value", []string{"bad file name"}},
		{"page is a folder", "page: sorry.html", "page: §pages/", "bad-value", []string{"bad file name"}},

		// Secrets.
		{"auth_pass of 9", "auth_pass: {file: secret}", "auth_pass: §hunter2xx", "bad-value", []string{"it has 9 bytes", "first 8 only"}},
		{"auth_pass of 9 bytes in 8 characters", "auth_pass: {file: secret}", "auth_pass: §hunter2ü", "bad-value", []string{"it has 9 bytes"}},
		{"auth_pass with a quote", "auth_pass: {file: secret}", `auth_pass: §'pa"ss'`, "bad-value", []string{"double quote"}},
		{"auth_pass empty", "auth_pass: {file: secret}", `auth_pass: §""`, "missing-value", []string{"empty"}},
		{"auth_pass as a list", "auth_pass: {file: secret}", "auth_pass: §[hunter2]", "wrong-type", []string{"expected a text"}},
		{"env is no name", "{file: secret}", "{env: §hunter2!}", "bad-value", []string{"the name of an environment variable"}},
	}
}

// load returns the findings for base with old replaced by new, and where § was.
func load(t *testing.T, old, replacement string) (diag.List, diag.Pos) {
	t.Helper()
	if strings.Count(base, old) != 1 {
		t.Fatalf("%q stands %d times in base", old, strings.Count(base, old))
	}
	return loadMarked(strings.Replace(base, old, replacement, 1))
}

// loadMarked reads a site file and returns the place before the mark §, which
// is taken out.
func loadMarked(text string) (diag.List, diag.Pos) {
	before, _, marked := strings.Cut(text, "§")
	var at diag.Pos
	if marked {
		last := before[strings.LastIndexByte(before, '\n')+1:]
		at = diag.Pos{Line: strings.Count(before, "\n") + 1, Column: utf8.RuneCountInString(last) + 1}
	}
	_, _, found := model.Load("site.yaml", []byte(strings.Replace(text, "§", "", 1)))
	return found, at
}

// TestFaults wants one finding for one fault, at its place, in words that help.
func TestFaults(t *testing.T) { checkFaults(t, faults()) }

func checkFaults(t *testing.T, table []fault) {
	t.Helper()
	for _, c := range table {
		t.Run(c.name, func(t *testing.T) {
			found, at := load(t, c.old, c.new)
			if len(found) != 1 {
				t.Fatalf("%d findings:\n%s", len(found), list(found))
			}
			f := found[0]
			if f.Severity != diag.Error || f.Code != c.code {
				t.Errorf("got %v %s, want error %s", f.Severity, f.Code, c.code)
			}
			if at.Line > 0 && f.Subject.Start != at {
				t.Errorf("at %v, want %v", f.Subject.Start, at)
			}
			for _, w := range c.words {
				if !strings.Contains(f.Summary+"\n"+f.Detail, w) {
					t.Errorf("%q is not in:\n%s", w, list(found))
				}
			}
		})
	}
}

// TestOneInterfaceOfTwoRoles looks at what only one node shows: two roles that
// are one interface there.
func TestOneInterfaceOfTwoRoles(t *testing.T) {
	text := strings.Replace(base, "{name: lb2,", "{name: lb2, devices: {management: ens224},", 1)
	text = strings.Replace(text, "frontends:", "  - {name: VI_2, nic: management, virtual_router_id: 1, vips: [172.16.10.80], track: "+
		"{nics: [client]}}\nfrontends:", 1)
	_, _, found := model.Load("site.yaml", []byte(text))
	if len(found) != 2 || found[0].Code != "duplicate" || !strings.Contains(found[1].Summary, "is the instance's own") {
		t.Error(list(found))
	}
}

// TestFine wants no finding where the table above has a near miss.
func TestFine(t *testing.T) {
	for _, c := range []struct{ name, old, new string }{
		{"nothing changed", "site: prslb", "site: prslb"},
		{"VIP outside as a host", "[172.16.110.70]", "[172.16.110.70, 10.9.9.9/32]"},
		{"IPv6 VIP outside as a host", "[172.16.110.70]", `[172.16.110.70, "2001:db8::70/128"]`},
		{"virtual_router_id twice on two NICs", "frontends:", "  - {name: VI_2, nic: web, virtual_router_id: 1, vips: " +
			"[192.168.50.80]}\nfrontends:"},
		{"server name in two backends", "stats: {", "  - {name: other, servers: [{name: web1, address: 192.168.50.63:80}]}\nstats: {"},
		{"one page in two backends", "stats: {", "  - {name: other, servers: [{name: a, address: 192.168.50.63:80}], sorry: {page: " +
			"sorry.html}}\nstats: {"},
		{"retries 0", "retries: 1", "retries: 0"},
		{"an alias for a whole value", "nic: client\n", "nic: &nic client\n"},
		{"an empty mapping", "haproxy: {interval: 2s, timeout: 2s, rise: 2, fall: 2}", "haproxy: {}"},
		{"host names with dots and dashes", "smtp_server: localhost", "smtp_server: mail-1.example.org"},
		{"no statistics page, so its name is free", "  - name: app", "  - name: app"},
		{"24 days", "inter: 2s", "inter: 24d"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if found, _ := load(t, c.old, c.new); len(found) > 0 {
				t.Error(list(found))
			}
		})
	}
}

func list(l diag.List) string {
	var b strings.Builder
	for _, f := range l {
		fmt.Fprintf(&b, "%s: %s [%s] %s | %s (%s)\n", f.Subject, f.Severity, f.Code, f.Summary, f.Detail, f.Path)
		for _, r := range f.Related {
			fmt.Fprintf(&b, "    %s %s\n", r.Range, r.Message)
		}
	}
	return b.String()
}

// TestEveryFaultInOneRun loads a file with many faults.
func TestEveryFaultInOneRun(t *testing.T) {
	data, err := os.ReadFile("testdata/many_faults.yaml")
	if err != nil {
		t.Fatal(err)
	}
	_, _, found := model.Load("many_faults.yaml", data)
	if *update {
		if err := os.WriteFile("testdata/many_faults.txt", []byte(list(found)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/many_faults.txt")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), list(found)); diff != "" {
		t.Error(diff)
	}
}
