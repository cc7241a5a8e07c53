package model_test

import "testing"

// hostFaults are faults of what the machine and HAProxy as a whole are told.
func hostFaults() []fault {
	const stats = "stats: {"
	add := func(text string) string { return text + "\nstats: {" }
	return []fault{
		{"a frontend's maxconn above the whole",
			"    default_backend: app", "    default_backend: app\n    maxconn: §5000\ndefaults: {profile: rhel}",
			"bad-value",
			[]string{"maxconn 5000 is more than HAProxy takes in all", "global.maxconn is 4000"}},
		{"defaults above global", stats, add("global: {maxconn: 4000}\ndefaults: {maxconn: §60000}"), "bad-value",
			[]string{"maxconn 60000", "raise that, or lower this"}},
		{"group without rights", stats, add("global: {stats_socket: {group: §adm}}"), "bad-value", []string{`add mode: "660"`}},
		{"root as service user", stats, add("service_user: {user: §root}"), "bad-value", []string{"HAProxy would keep root's rights"}},
		{"config in another program's folder", stats, add("paths: {config: §/etc/rsyslog.d}"), "bad-value",
			[]string{"/etc/rsyslog.d belongs to another program"}},
		{"config in the place of a script", stats, add("paths: {config: §/install.sh/x}"), "bad-value",
			[]string{"/install.sh/x belongs to another program"}},
		{"a program of another name", stats, add("paths: {haproxy: §/opt/haproxy-3.0/sbin/haproxy3}"), "bad-value",
			[]string{"would be called haproxy3"}},
		{"config in a folder of the root", stats, add("paths: {config: §/srv}"), "bad-value", []string{"such as /srv/haproxy"}},
		{"logs in Keepalived's folder", stats, add("paths: {logs: §/var/log/keepalived}"), "bad-value", []string{"is Keepalived's folder"}},

		{"one log twice", stats, add("log: [{target: 127.0.0.1}, §{target: '127.0.0.1:514'}]"), "duplicate",
			[]string{"127.0.0.1:514 with local2 twice"}},
		{"one facility by socket and by UDP", stats,
			add("log: [{target: /dev/log, facility: local3}, §{target: '[::1]:514', facility: local3}]"), "duplicate",
			[]string{"facility local3 is defined twice", "tells the lines apart by facility"}},
		{"one file for two facilities", stats, add("log: [{facility: local3}, §{facility: local4, file: haproxy.log}]"), "duplicate",
			[]string{"log file haproxy.log is defined twice"}},
		{"file of a remote log", stats, add("log: [{target: 192.0.2.9, file: §x.log}]"), "bad-value", []string{"192.0.2.9:514", "take file out"}},
		{"facility of others", stats, add("log: [{facility: §daemon}]"), "bad-value", []string{"not HAProxy's alone", "local0 to local7"}},
		{"form for the node's own rsyslog", stats, add("log: [{format: §rfc5424}]"), "bad-value", []string{"take format out"}},
		{"file of a stream", stats, add("log: [{target: stdout, file: §x.log}]"), "bad-value", []string{"the lines go to stdout"}},
		{"none and another log", stats, add("log: [stdout, §none]"), "bad-value", []string{"none stands beside something else"}},
		{"none with a level", stats, add("log: [§{target: none, level: info}]"), "bad-value", []string{"none stands beside something else"}},
		{"a form of lines without a log", stats, add("log: [none]\ndefaults: {log_format: §\"%ci\"}"), "bad-value",
			[]string{"log_format has no effect without a log"}},
		{"a log that is none", stats, add("log: [§nowhere]"), "bad-value", []string{"stdout, stderr or none"}},

		{"sysctl against HAProxy", stats, add("host: {sysctl: {net.ipv4.ip_nonlocal_bind: §0}}"), "bad-value",
			[]string{"net.ipv4.ip_nonlocal_bind 0 contradicts", "lbgen sets it to 1"}},
		{"sysctl against HAProxy with slashes", stats, add("host: {sysctl: {net/ipv4/ip_nonlocal_bind: §0}}"), "bad-value",
			[]string{"contradicts"}},
		{"sysctl twice", stats, add("host: {sysctl: {net.core.somaxconn: 1, net/core/somaxconn: §2}}"), "duplicate",
			[]string{"net.core.somaxconn is defined twice"}},
	}
}

func TestHostFaults(t *testing.T) { checkFaults(t, hostFaults()) }

// TestHostIsFine wants no finding where the table above has a near miss.
func TestHostIsFine(t *testing.T) {
	for name, text := range map[string]string{
		"one facility to two machines":                   "log: [{target: 192.0.2.8}, {target: 192.0.2.9}]",
		"one facility here and elsewhere":                "log: [{}, {target: 192.0.2.9}]",
		"a log on stdout, of any facility":               "log: [{target: stdout, facility: daemon, format: raw}]",
		"no log":                                         "log: [none]",
		"another machine's facility":                     "log: [{target: 192.0.2.9, facility: daemon}]",
		"a global maxconn below the default of defaults": "global: {maxconn: 2000}",
		"nonlocal bind that agrees":                      "host: {sysctl: {net.ipv4.ip_nonlocal_bind: 1, net.ipv6.ip_nonlocal_bind: 0}}",
		"a group that may use the socket":                `global: {stats_socket: {mode: "660", group: adm}}`,
		"a prefix": "paths: {haproxy: /home/ha/haproxy/sbin/haproxy, config: " +
			"/home/ha/haproxy/conf}\nservice_user: {user: ha}",
	} {
		t.Run(name, func(t *testing.T) {
			if found, _ := load(t, "stats: {", text+"\nstats: {"); len(found) > 0 {
				t.Error(list(found))
			}
		})
	}
}
