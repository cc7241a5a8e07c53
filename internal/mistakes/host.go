package mistakes

// zoned is a NIC where firewalld is in use.
const zoned = "platform: rocky9\nnics: {front: {device: eth0, subnet: 192.0.2.0/24, zone: public}}\n"

// host are the mistakes on the machine itself.
func host() []Row {
	return []Row{
		{ID: "SY01", Mistake: "`ip_nonlocal_bind` is set for IPv4 and not for IPv6", Answer: Impossible,
			Fragment: "nics: {front: {device: eth0, subnet: [192.0.2.0/24, '2001:db8::/64']}}\n" +
				"nodes: [{name: lb1, priority: 100, addresses: {front: [192.0.2.1, '2001:db8::1']}}, {name: lb2, priority: 50, addresses: {front: " +
				"[192.0.2.2, '2001:db8::2']}}]\n" +
				"vrrp: [{name: VI_1, nic: front, virtual_router_id: 23, vips: [192.0.2.10]}, {name: VI_6, nic: front, virtual_router_id: 23, vips: " +
				"['2001:db8::10']}]\n" +
				"frontends: [{name: main, binds: [{vip: VI_1, port: 80}, {vip: VI_6, port: 80}], default_backend: app}]\n",
			File: "etc/sysctl.d/99-nonlocal_bind.conf", Has: []string{"net.ipv4.ip_nonlocal_bind = 1", "net.ipv6.ip_nonlocal_bind = 1"}},
		{ID: "SY02", Mistake: "the firewall drops VRRP: both nodes are master", Answer: Impossible,
			Fragment: zoned, File: "firewalld.table", On: "lb1",
			Has: []string{`rule public rule family="ipv4" source address="192.0.2.2" protocol value="vrrp" accept`},
			Why: "where firewalld is in use; a filter on the way between the nodes shows on a running node only"},
		{ID: "SY03", Mistake: "VRRP gets through by the connection table alone, until the node has been silent", Answer: Impossible,
			Fragment: zoned, File: "firewalld.table", On: "lb1",
			Has: []string{`rule public rule family="ipv4" source address="192.0.2.2" protocol value="vrrp" accept`},
			Why: "each node has a rule for each other one"},
		{ID: "SY04", Mistake: "the ports between the nodes, and those for monitoring, are open to all or to nobody", Answer: Impossible,
			Fragment: zoned + "peers: {nic: front}\nstats: {nic: front, allow: [198.51.100.0/24], users: [{name: ops, password: {env: OPS}}]}\n",
			File:     "firewalld.table", On: "lb1", Has: []string{
				`rule public rule family="ipv4" source address="198.51.100.0/24" destination address="192.0.2.1" ` +
					`port port="8404" protocol="tcp" accept`,
				`rule public rule family="ipv4" source address="192.0.2.2" destination address="192.0.2.1" port port="10001" protocol="tcp" accept`,
			}},
		{ID: "SY05", Mistake: "Keepalived starts before the addresses are there", Answer: Impossible,
			Fragment: "paths: {haproxy: /opt/haproxy/sbin/haproxy}\n", File: "etc/systemd/system/haproxy.service",
			Has: []string{"After=network-online.target rsyslog.service", "Wants=network-online.target"},
			Why: "HAProxy waits for the network, as with the distributions' own unit, and Keepalived for HAProxy; where the network says too " +
				"early that it is there, LB1014"},
		{ID: "SY06", Mistake: "Keepalived before HAProxy at boot", Answer: Impossible,
			File: "etc/systemd/system/keepalived.service.d/override.conf", Has: []string{"After=haproxy.service", "Wants=haproxy.service"},
			HasNot: "Requires="},
		{ID: "SY07", Mistake: "SELinux keeps HAProxy from its ports, and somebody switches it off", Answer: Impossible,
			File: "install.sh", Has: []string{`port) try "labelling port $number" outside semanage port -a -t http_port_t -p tcp "$number" ;;`},
			HasNot: "setenforce",
			Why:    "install.sh labels the ports that HAProxy binds"},
		{ID: "SY08", Mistake: "networkd, netplan or NetworkManager takes the virtual IP away when it configures the interface again",
			Answer: Waits,
			Why:    "who configures a node's network is seen on the node only"},
		{ID: "SY09", Mistake: "HAProxy is restarted where a reload is enough", Answer: Impossible, File: "MANIFEST",
			Has: []string{"0644 root:root haproxy-reload etc/haproxy/haproxy.cfg"}, HasNot: "haproxy-restart",
			Why: "what each file needs stands in MANIFEST; install.sh does no more"},
		{ID: "SY10", Mistake: "rsyslog takes log lines by UDP from everybody", Answer: Impossible,
			Fragment: "log: [{target: 127.0.0.1}]\n", File: "etc/rsyslog.d/49-haproxy.conf",
			Has: []string{`input(type="imudp" address="127.0.0.1" port="514")`}},
		{ID: "SY11", Mistake: "log files are rotated and rsyslog writes on into the old ones", Answer: Impossible,
			File: "etc/logrotate.d/haproxy", Has: []string{"postrotate", "/usr/lib/rsyslog/rsyslog-rotate"}},
		{ID: "SY12", Mistake: "the unit checks the configuration with `-q`, or without `-Ws`, and the reason stays hidden", Answer: Impossible,
			Fragment: "paths: {haproxy: /opt/haproxy/sbin/haproxy}\n", File: "etc/systemd/system/haproxy.service",
			Has: []string{"ExecStartPre=/opt/haproxy/sbin/haproxy -Ws -c -f /etc/haproxy/haproxy.cfg $EXTRAOPTS"}, HasNot: " -q"},
		{ID: "SY13", Mistake: "another machine has the virtual IP already", Answer: Waits,
			Why: "the network itself knows that; LB9002 finds it between site files"},
		{ID: "SY14", Mistake: "fewer open files than connections", Answer: Impossible,
			Fragment: "global: {maxconn: 400000}\n", File: "etc/systemd/system/haproxy.service.d/override.conf", Has: []string{"LimitNOFILE=801002"},
			Why: "LB4001 finds what is more than the kernel allows"},
		{ID: "SY15", Mistake: "passwords in files that everybody can read", Answer: Impossible,
			Fragment: "stats: {nic: front, allow: [192.0.2.0/24], users: [{name: ops, password: {env: OPS}}]}\n", File: cfg, Mode: 0o640,
			Why: "haproxy.cfg and keepalived.conf are 0640 as soon as they hold one"},
	}
}
