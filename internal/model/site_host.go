package model

// Log is one target of HAProxy's log lines. [none] and [stdout] are short for [{target: none}] and [{target: stdout}].
type Log struct {
	// The socket /dev/log, an address that a syslog server listens on, with UDP: 127.0.0.1 or [::1]:514, stdout or stderr, which systemd's
	// journal has, or none, which logs nothing at all. Default /dev/log.
	Target LogTarget `yaml:"target"`
	// Syslog facility, which rsyslog's rule names too. Default local2.
	Facility string `yaml:"facility" validate:"omitempty,oneof=local0 local1 local2 local3 local4 local5 local6 local7 daemon user"`
	// Least important level that is sent. Default: all.
	Level string `yaml:"level" validate:"omitempty,oneof=emerg alert crit err warning notice info debug"`
	// Longest line in bytes (80-65535). Default: HAProxy's 1024.
	Length int `yaml:"length" validate:"omitempty,min=80,max=65535"`
	// What surrounds a line (configuration.txt, 3.1 "log"); for stdout, stderr and another machine. Default short for stdout and stderr, which
	// is what systemd reads, and the form of RFC 3164 elsewhere.
	Format string `yaml:"format" validate:"omitempty,oneof=local rfc3164 rfc5424 priority short timed iso raw"`
	// Name of the log file in the folder of logs. Default haproxy.log, for a second one haproxy-FACILITY.log.
	File string `yaml:"file" validate:"omitempty,file_name"`
}

// Stats is HAProxy's statistics page.
type Stats struct {
	// Role of the NIC that it is served on, at every node's own address.
	NIC string `yaml:"nic" validate:"required"`
	// TCP port (1-65535). Default 8404.
	Port int `yaml:"port" validate:"omitempty,min=1,max=65535"`
	// Path of the page. Default /stats.
	URI string `yaml:"uri" validate:"omitempty,uri_path"`
	// Time after which a browser loads the page again. Left out, it does not.
	Refresh Duration `yaml:"refresh"`
	// Networks that may see it. Others are refused by HAProxy and by the firewall.
	Allow []Network `yaml:"allow" validate:"required,min=1"`
	// Users that may see it, with their passwords.
	Users []StatsUser `yaml:"users" validate:"max=100,dive"`
	// What the browser shows when it asks for the password.
	Realm string `yaml:"realm" validate:"omitempty,realm"`
	// Do not tell HAProxy's version.
	HideVersion bool `yaml:"hide_version"`
	// Users may switch servers on and off. It needs users.
	Admin bool `yaml:"admin"`
	// Show the name of the node.
	ShowNode bool `yaml:"show_node"`
	// Show a text at the top of the page.
	Desc string `yaml:"desc" validate:"omitempty,text"`
	// Show what each column means when the pointer is on it.
	ShowLegends bool `yaml:"show_legends"`
	// Serve the page by TLS.
	TLS *BindTLS `yaml:"tls"`
	// Log its requests, and those for metrics, which come every few seconds. Refused ones are always logged. Default false; with profile rhel
	// true.
	Log *bool `yaml:"log"`
	// Path of metrics for Prometheus on the same port, such as /metrics. The allow list counts for it, users do not.
	Prometheus string `yaml:"prometheus" validate:"omitempty,uri_path"`
}

// StatsUser is a user of the statistics page.
type StatsUser struct {
	// Name.
	Name string `yaml:"name" validate:"required,name"`
	// Password.
	Password Secret `yaml:"password"`
}

// Firewall is who filters packets on the nodes, and what that is told beyond what the binds need.
type Firewall struct {
	// Who filters: firewalld; nftables, with a table of lbgen's own beside what the node has; or none, and
	// lbgen touches no firewall. Default firewalld, which does nothing on a node that has none.
	Kind string `yaml:"kind" validate:"omitempty,oneof=firewalld nftables none"`
	// Changes to zones, by name. With kind none they change nothing.
	Zones map[string]FirewallZone `yaml:"zones" validate:"dive,keys,zone,endkeys"`
}

// FirewallZone is what a zone lets in beyond what the binds need, and what is taken away from it. The latter is
// never a default.
type FirewallZone struct {
	// Whether packets may pass between the interfaces of the zone. Only false changes anything.
	Forward *bool `yaml:"forward"`
	// Services that are no longer reachable, such as ssh. With nftables a zone has ssh and dhcpv6-client to begin with.
	RemoveServices []string `yaml:"remove_services" validate:"dive,zone"`
	// Ports of other programs that are reachable, too, such as that of a monitoring agent.
	OpenPorts []OpenPort `yaml:"open_ports" validate:"max=100,dive"`
}

// OpenPort is a port of a program that lbgen has nothing to do with.
type OpenPort struct {
	// Number of the port.
	Port int `yaml:"port" validate:"required,min=1,max=65535"`
	// Protocol. Default tcp.
	Protocol string `yaml:"protocol" validate:"omitempty,oneof=tcp udp"`
	// Networks that may reach it. Default: all.
	From []Network `yaml:"from"`
}

// Host is settings of the machine itself.
type Host struct {
	// Kernel settings by name, such as net.core.somaxconn. What HAProxy needs for its binds is added by itself.
	Sysctl map[string]SysctlValue `yaml:"sysctl" validate:"max=200,dive,keys,sysctl,endkeys"`
	// Days that log files are kept. Default 30.
	LogDays int `yaml:"log_days" validate:"omitempty,min=1,max=3650"`
	// Put the date in the names of old log files instead of a number.
	LogDateExt bool `yaml:"log_dateext"`
}

// Notifications says who hears of a change of state.
type Notifications struct {
	// By mail, from Keepalived.
	Email *Email `yaml:"email"`
}

// Email is how Keepalived sends mail.
type Email struct {
	// Addresses that get the mails.
	To []string `yaml:"to" validate:"required,min=1,dive,mail"`
	// Address that they come from.
	From string `yaml:"from" validate:"required,mail"`
	// Mail server: a host name or an address. Default localhost.
	SMTPServer string `yaml:"smtp_server" validate:"omitempty,host"`
	// Time for the mail server to answer, whole seconds. Default 30s.
	SMTPConnectTimeout Duration `yaml:"smtp_connect_timeout"`
}
