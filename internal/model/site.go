// Package model is the site file: its structs, how it is read, and what each
// field may hold. A Site that Load returns without an Error can be rendered.
//
// The comments on the fields are what the JSON Schema shows in an editor and
// what docs/site-file.md prints. A field's tags say how it is written (yaml),
// what it may hold (validate) and, where not every supported version of the
// daemons knows it, from which one on it works (since).
package model

// Site is one site: a group of nodes that share virtual IPs.
type Site struct {
	// Version of the site file's shape. Always 1.
	Version int `yaml:"version" validate:"required,eq=1"`
	// Name of the site. It stands in the header of each rendered file.
	Site string `yaml:"site" validate:"required,name"`
	// File with what several sites share, relative to this one: any keys but version, site and
	// defaults_from. What this file says counts more; mappings are joined key by key, lists are taken
	// whole.
	DefaultsFrom string `yaml:"defaults_from" validate:"omitempty,beside"`
	// Distribution of the nodes: paths, service user and daemon versions follow from it.
	Platform string `yaml:"platform" validate:"required,platform"`
	// Versions of the daemons that the nodes run, where they are not the platform's own.
	Target Target `yaml:"target"`
	// Where things lie on the nodes, where that is not the platform's own place.
	Paths Paths `yaml:"paths"`
	// User and group that HAProxy runs as. Default: the platform's.
	ServiceUser *ServiceUser `yaml:"service_user"`
	// HAProxy's global section.
	Global Global `yaml:"global"`
	// What frontends and backends use where they say nothing themselves.
	Defaults Defaults `yaml:"defaults"`
	// Where HAProxy's log lines go. Default: /dev/log, local2, one file.
	Log []Log `yaml:"log" validate:"max=4,dive"`
	// Network interfaces by the role that they play on every node.
	NICs map[string]NIC `yaml:"nics" validate:"required,min=1,max=500,dive,keys,name,endkeys"`
	// Machines of the site. The one with the highest priority is the preferred master.
	Nodes []Node `yaml:"nodes" validate:"required,min=1,max=16,dive"`
	// Groups of virtual IPs that move between the nodes together. One node alone has none.
	VRRP []VRRP `yaml:"vrrp" validate:"dive"`
	// Keepalived's global_defs.
	Keepalived KeepalivedGlobal `yaml:"keepalived"`
	// Where clients come in.
	Frontends []Frontend `yaml:"frontends" validate:"required,min=1,dive"`
	// Groups of servers that answer.
	Backends []Backend `yaml:"backends" validate:"dive"`
	// Name servers for servers that are given by name.
	Resolvers []Resolvers `yaml:"resolvers" validate:"dive"`
	// Users for pages that ask for a password.
	Userlists []Userlist `yaml:"userlists" validate:"dive"`
	// Channel by which the nodes' HAProxy share their stick tables, so that a failover does not lose them.
	Peers *Peers `yaml:"peers"`
	// HAProxy's statistics page.
	Stats *Stats `yaml:"stats"`
	// Who filters packets on the nodes, and what that is told beyond what the binds need.
	Firewall Firewall `yaml:"firewall"`
	// Settings of the machine itself.
	Host Host `yaml:"host"`
	// Who hears of a change of state.
	Notifications Notifications `yaml:"notifications"`
	// Longest time that a failover may take: lbgen lint says which one takes longer, and why.
	FailoverBudget Duration `yaml:"failover_budget"`
	// Requests, and what has to become of them: lbgen test asks.
	Tests []Test `yaml:"tests" validate:"max=100000,dive"`
	// Severity of the rules of lbgen lint for this site, by number or name: error, warning, info or off.
	Lint map[string]string `yaml:"lint" validate:"dive,keys,name,endkeys,oneof=error warning info off"`
}

// Target is what the nodes run. A field that needs a newer version is an error. For a
// version that lbgen does not know yet the newest that it knows is written (LB4004).
type Target struct {
	// Version of HAProxy, such as "2.4": in quotes, or YAML takes 2.10 for 2.1.
	HAProxy string `yaml:"haproxy" validate:"omitempty,haproxy_version"`
	// Version of Keepalived, such as "2.2".
	Keepalived string `yaml:"keepalived" validate:"omitempty,keepalived_version"`
}

// Paths are places on the nodes.
type Paths struct {
	// HAProxy's program, where it is not the package's: the unit is then written whole.
	HAProxy string `yaml:"haproxy" validate:"omitempty,path"`
	// Folder of haproxy.cfg and of the pages. Default /etc/haproxy.
	Config string `yaml:"config" validate:"omitempty,path"`
	// Folder that HAProxy locks itself into. Default: the platform's.
	Chroot string `yaml:"chroot" validate:"omitempty,path"`
	// HAProxy's runtime socket. Default: the platform's.
	StatsSocket string `yaml:"stats_socket" validate:"omitempty,path"`
	// Folder of HAProxy's log files. Default /var/log/haproxy.
	Logs string `yaml:"logs" validate:"omitempty,path"`
}

// ServiceUser is whom HAProxy becomes after it has bound its ports.
type ServiceUser struct {
	// User.
	User string `yaml:"user" validate:"required,account"`
	// Group. Default: named like the user.
	Group string `yaml:"group" validate:"omitempty,account"`
}

// Global is HAProxy's global section.
type Global struct {
	// Connections that HAProxy accepts at the same time, over all frontends, or none. Default: as many as the files that it may open allow;
	// with profile rhel 4000.
	Maxconn Limit `yaml:"maxconn"`
	// Threads that work (1-64). Default: as many as there are processors.
	Nbthread int `yaml:"nbthread" validate:"omitempty,min=1,max=64"`
	// Time after which a process that was reloaded ends, with the connections that it still has.
	HardStopAfter Duration `yaml:"hard_stop_after"`
	// Time over which a process that was reloaded closes its idle connections, so that not all clients come back at once.
	CloseSpreadTime Duration `yaml:"close_spread_time" since:"haproxy 2.6"`
	// Who may use the runtime socket.
	StatsSocket StatsSocket `yaml:"stats_socket"`
	// What TLS uses where a bind or a server says nothing itself.
	TLS TLSDefaults `yaml:"tls"`
	// Size of a buffer in bytes: the longest request head, and a page (4096-1048576). Default: HAProxy's 16384.
	Bufsize int `yaml:"tune_bufsize" validate:"omitempty,min=4096,max=1048576"`
	// Part of a health check's interval by which it is moved at random, so that not all servers are asked at once (0-50 per cent).
	SpreadChecks int `yaml:"spread_checks" validate:"omitempty,min=1,max=50"`
	// Lines for the global section that lbgen has no field for.
	Raw Raw `yaml:"raw"`
}

// StatsSocket is the runtime socket, by which programs ask and steer HAProxy.
type StatsSocket struct {
	// What it may do: user, operator or admin. Default admin.
	Level string `yaml:"level" validate:"omitempty,oneof=user operator admin"`
	// Mode of the socket, such as "660". Default "600".
	Mode string `yaml:"mode" validate:"omitempty,oneof=600 660"`
	// Group that owns it, with mode 660.
	Group string `yaml:"group" validate:"omitempty,account"`
	// Time that a silent user of it is waited for. Default: HAProxy's 10s.
	Timeout Duration `yaml:"timeout"`
}

// TLSDefaults are HAProxy's ssl-default-* lines.
type TLSDefaults struct {
	// Oldest TLS version that is spoken. Default TLSv1.2.
	MinVersion string `yaml:"min_version" validate:"omitempty,oneof=TLSv1.0 TLSv1.1 TLSv1.2 TLSv1.3"`
	// Ciphers up to TLS 1.2, in OpenSSL's words. Default: the system's.
	Ciphers string `yaml:"ciphers" validate:"omitempty,ciphers"`
	// Ciphers of TLS 1.3, in OpenSSL's words. Default: the system's.
	Ciphersuites string `yaml:"ciphersuites" validate:"omitempty,ciphersuites"`
	// Bits of the Diffie-Hellman parameters. Default: HAProxy's 2048.
	DHParam int `yaml:"dh_param" validate:"omitempty,oneof=2048 3072 4096"`
}

// Defaults holds what frontends and backends use where they say nothing.
type Defaults struct {
	// Where what this file leaves out comes from: modern (what HAProxy's manual recommends), rhel (Red Hat's haproxy.cfg, the default of
	// earlier versions) or haproxy (HAProxy's own values, and no line of lbgen's). Default modern.
	Profile string `yaml:"profile" validate:"omitempty,oneof=modern rhel haproxy"`
	// http or tcp. Default http.
	Mode string `yaml:"mode" validate:"omitempty,oneof=http tcp"`
	// Connections that one frontend accepts at the same time, or none. Default: as many as HAProxy does; with profile rhel 3000.
	Maxconn Limit `yaml:"maxconn"`
	// Attempts to connect to a server after the first has failed. Default 3.
	Retries *int `yaml:"retries" validate:"omitempty,min=0,max=100"`
	// Give a request to another server where its own cannot be reached. Default true.
	Redispatch *bool `yaml:"redispatch"`
	// What becomes of a connection after the answer: keep-alive, server-close or close. Default keep-alive; with profile rhel server-close.
	HTTPConnection string `yaml:"http_connection" validate:"omitempty,oneof=keep-alive server-close close"`
	// Tell servers the client's address in X-Forwarded-For. Default: to all but requests from 127.0.0.0/8.
	ForwardFor *ForwardFor `yaml:"forwardfor"`
	// Tell servers how the client came, in X-Forwarded-Proto, where TLS ends here. Default true.
	ForwardedProto *bool `yaml:"forwarded_proto"`
	// Time-outs of every section.
	Timeouts DefaultTimeouts `yaml:"timeouts"`
	// Pages that HAProxy sends instead of its own short ones, by status: HTML files, relative to the file that names them.
	ErrorPages map[string]string `yaml:"error_pages" validate:"dive,keys,error_status,endkeys,beside"`
	// Say in the log when a server's health changes, and why.
	LogHealthChecks bool `yaml:"log_health_checks"`
	// Log connections on which nothing was sent, such as a monitor's. Default false.
	LogEmpty bool `yaml:"log_empty"`
	// Format of the log lines, in HAProxy's own language. Default: option httplog or tcplog.
	LogFormat string `yaml:"log_format" validate:"omitempty,log_format"`
	// Lines for the defaults section that lbgen has no field for.
	Raw Raw `yaml:"raw"`
}

// DefaultTimeouts are the time-outs of HAProxy's defaults section; none of them is there where it says none.
type DefaultTimeouts struct {
	// Time for a client to send a whole request head. Default 10s.
	HTTPRequest TimeLimit `yaml:"http_request"`
	// Time that a request waits for a free connection slot. Default 30s; with profile rhel 1m.
	Queue TimeLimit `yaml:"queue"`
	// Time for a connection to a server to be established. Default 5s; with profile rhel 10s.
	Connect TimeLimit `yaml:"connect"`
	// Time that a client may stay silent. Default 1m.
	Client TimeLimit `yaml:"client"`
	// Time that a server may stay silent. Default 1m.
	Server TimeLimit `yaml:"server"`
	// Time that an idle connection is kept for the client's next request. Default 10s.
	HTTPKeepAlive TimeLimit `yaml:"http_keep_alive"`
	// Time for a health check to answer once it is connected. Default 1s; with profile rhel 10s.
	Check TimeLimit `yaml:"check"`
	// Time that both sides of a WebSocket or a TCP connection may stay silent.
	Tunnel TimeLimit `yaml:"tunnel"`
	// Time that a client may stay silent after it has closed its half.
	ClientFin TimeLimit `yaml:"client_fin"`
	// Time that a server may stay silent after it has closed its half.
	ServerFin TimeLimit `yaml:"server_fin"`
}

// ForwardFor is how servers hear of the client's address: false, or how.
type ForwardFor struct {
	// Networks whose requests are passed on as they are. Default 127.0.0.0/8.
	Except *Network `yaml:"except"`
	// Name of the header. Default X-Forwarded-For.
	Header string `yaml:"header" validate:"omitempty,token"`
	// Leave a header that is there already: only where every client is a proxy of yours.
	IfNone bool `yaml:"if_none"`
	// Off is true where the site file says false.
	Off bool `yaml:"-"`
}

// NIC is a network interface in one role.
type NIC struct {
	// Name of the interface, such as ens192. A node where it differs says so under devices.
	Device string `yaml:"device" validate:"required,device"`
	// Network of the interface, or a list of an IPv4 and an IPv6 one, such as 172.16.10.0/24.
	Subnet Subnets `yaml:"subnet" validate:"required"`
	// Firewall zone that the interface belongs to: one of firewalld, or a chain of lbgen's table for nftables. Left out,
	// the interface stays as it is.
	Zone string `yaml:"zone" validate:"omitempty,zone"`
}

// Node is one machine.
type Node struct {
	// Short host name. The node's files are written to a folder of this name.
	Name string `yaml:"name" validate:"required,name"`
	// VRRP priority (1-254) in every instance that has no priorities of its own. The highest is the preferred master.
	Priority int `yaml:"priority" validate:"omitempty,min=1,max=254"`
	// This node's address on each NIC, by role; a list where it has IPv4 and IPv6.
	Addresses map[string]Addresses `yaml:"addresses" validate:"required,min=1"`
	// Names of interfaces that differ on this node, by role.
	Devices map[string]string `yaml:"devices" validate:"dive,device"`
	// Keepalived's name for this node in its mails. Default: the node's name.
	RouterID string `yaml:"router_id" validate:"omitempty,name"`
	// Distribution of this node, while it differs from the others' because they are upgraded one after the other: of the same family.
	Platform string `yaml:"platform" validate:"omitempty,platform"`
}
