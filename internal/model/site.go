// Package model is the site file: its structs, how it is read, and what each
// field may hold. A Site that Load returns without an Error can be rendered.
//
// The comments on the fields are what the JSON Schema shows in an editor.
package model

// Site is one site: a group of nodes that share virtual IPs.
type Site struct {
	// Version of the site file's shape. Always 1.
	Version int `yaml:"version" validate:"required,eq=1"`
	// Name of the site. It stands in the header of each rendered file.
	Site string `yaml:"site" validate:"required,name"`
	// Distribution of the nodes: paths, service user and daemon versions follow from it.
	Platform string `yaml:"platform" validate:"required,platform"`
	// Limits of the whole HAProxy process.
	Global Global `yaml:"global"`
	// What frontends and backends use where they say nothing themselves.
	Defaults Defaults `yaml:"defaults"`
	// Network interfaces by the role that they play on every node.
	NICs map[string]NIC `yaml:"nics" validate:"required,min=1,max=500,dive,keys,name,endkeys"`
	// Machines of the site. The one with the highest priority is the preferred master.
	Nodes []Node `yaml:"nodes" validate:"required,min=1,max=16,dive"`
	// Groups of virtual IPs that move between the nodes together. One node alone has none.
	VRRP []VRRP `yaml:"vrrp" validate:"dive"`
	// Where clients come in.
	Frontends []Frontend `yaml:"frontends" validate:"required,min=1,dive"`
	// Groups of servers that answer.
	Backends []Backend `yaml:"backends" validate:"required,min=1,dive"`
	// HAProxy's statistics page.
	Stats *Stats `yaml:"stats"`
	// What firewalld is told beyond what the binds need.
	Firewall Firewall `yaml:"firewall"`
	// Who hears of a change of state.
	Notifications Notifications `yaml:"notifications"`
}

// Global holds the limits of the HAProxy process.
type Global struct {
	// Connections that HAProxy accepts at the same time, over all frontends. Default 4000.
	Maxconn int `yaml:"maxconn" validate:"omitempty,min=1,max=10000000"`
}

// Defaults holds what frontends and backends use where they say nothing.
type Defaults struct {
	// Connections that one frontend accepts at the same time. Default 3000.
	Maxconn int `yaml:"maxconn" validate:"omitempty,min=1,max=10000000"`
	// Attempts to connect to a server after the first has failed. Default 3.
	Retries *int `yaml:"retries" validate:"omitempty,min=0,max=100"`
	// Time-outs of every section.
	Timeouts DefaultTimeouts `yaml:"timeouts"`
}

// DefaultTimeouts are the time-outs of HAProxy's defaults section.
type DefaultTimeouts struct {
	// Time for a client to send a whole request head. Default 10s.
	HTTPRequest Duration `yaml:"http_request"`
	// Time that a request waits for a free connection slot. Default 1m.
	Queue Duration `yaml:"queue"`
	// Time for a connection to a server to be established. Default 10s.
	Connect Duration `yaml:"connect"`
	// Time that a client may stay silent. Default 1m.
	Client Duration `yaml:"client"`
	// Time that a server may stay silent. Default 1m.
	Server Duration `yaml:"server"`
	// Time that an idle connection is kept for the client's next request. Default 10s.
	HTTPKeepAlive Duration `yaml:"http_keep_alive"`
	// Time for a health check to answer once it is connected. Default 10s.
	Check Duration `yaml:"check"`
}

// NIC is a network interface in one role.
type NIC struct {
	// Name of the interface, such as ens192. A node where it differs says so under devices.
	Device string `yaml:"device" validate:"required,device"`
	// Network of the interface, or a list of an IPv4 and an IPv6 one, such as 172.16.10.0/24.
	Subnet Subnets `yaml:"subnet" validate:"required"`
	// firewalld zone that the interface belongs to. Left out, the zone stays as it is.
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
}

// VRRP is one virtual router: virtual IPs that move together.
type VRRP struct {
	// Name of the instance, by which binds refer to all of its VIPs.
	Name string `yaml:"name" validate:"required,name"`
	// Role of the NIC that the VIPs stand on and the adverts go over.
	NIC string `yaml:"nic" validate:"required"`
	// Number of the virtual router (1-255), unique on its network.
	VirtualRouterID int `yaml:"virtual_router_id" validate:"required,min=1,max=255"`
	// Time between two adverts of the master: whole seconds for IPv4 (VRRP version 2). Default 1s.
	AdvertInt Duration `yaml:"advert_int"`
	// Password of the adverts (VRRP version 2), at most 8 bytes.
	AuthPass Secret `yaml:"auth_pass"`
	// Virtual IPs. Without a prefix length they get that of the NIC's subnet.
	VIPs []VIP `yaml:"vips" validate:"required,min=1,max=200,dive"`
	// Priority (1-254) of each node in this instance, where it differs from the node's own: for a dual master.
	Priorities map[string]int `yaml:"priorities" validate:"dive,min=1,max=254"`
	// Give the VIP back to the preferred master as soon as that is well again. Default false: nopreempt on the master.
	Preempt bool `yaml:"preempt"`
	// What makes a node give the VIP away, beside its own NIC and HAProxy.
	Track Track `yaml:"track"`
}

// VIP is one virtual IP: an address, or a mapping of name and address.
type VIP struct {
	// Name by which a bind refers to this VIP alone.
	Name string `yaml:"name" validate:"omitempty,name"`
	// Address, with or without prefix length.
	Address VIPAddress `yaml:"address" validate:"required"`
}

// Track says what a node must have to hold the VIP.
type Track struct {
	// Roles of further NICs whose link must be up. The instance's own NIC is always watched.
	NICs []string `yaml:"nics"`
	// How the HAProxy process is watched. It always is: a node without it must not hold the VIP.
	HAProxy *TrackHAProxy `yaml:"haproxy"`
}

// TrackHAProxy is how HAProxy is watched: by signal 0 to its process.
type TrackHAProxy struct {
	// Time between two checks, whole seconds. Default 2s.
	Interval Duration `yaml:"interval"`
	// Time after which a check has failed, whole seconds. Default 2s.
	Timeout Duration `yaml:"timeout"`
	// Good checks in a row until HAProxy counts as up. Default 2.
	Rise int `yaml:"rise" validate:"omitempty,min=1,max=255"`
	// Bad checks in a row until HAProxy counts as down. Default 2.
	Fall int `yaml:"fall" validate:"omitempty,min=1,max=255"`
}

// Frontend is a place where clients come in.
type Frontend struct {
	// Name, unique among frontends and backends.
	Name string `yaml:"name" validate:"required,name"`
	// Addresses and ports that it listens on.
	Binds []Bind `yaml:"binds" validate:"required,min=1,dive"`
	// Connections that it accepts at the same time. Default: that of defaults.
	Maxconn int `yaml:"maxconn" validate:"omitempty,min=1,max=10000000"`
	// Time-outs towards the client, where they differ from defaults.
	Timeouts FrontendTimeouts `yaml:"timeouts"`
	// Backend that gets the requests.
	DefaultBackend string `yaml:"default_backend" validate:"required"`
}

// FrontendTimeouts are the time-outs that mean something in a frontend.
type FrontendTimeouts struct {
	// Time for a client to send a whole request head.
	HTTPRequest Duration `yaml:"http_request"`
	// Time that a client may stay silent.
	Client Duration `yaml:"client"`
	// Time that an idle connection is kept for the client's next request.
	HTTPKeepAlive Duration `yaml:"http_keep_alive"`
}

// Bind is what a frontend listens on: exactly one of vip and nic, and the ports.
type Bind struct {
	// Name of a VRRP instance (all its VIPs) or of one VIP.
	VIP string `yaml:"vip"`
	// Role of a NIC: every node's own address there, so that one file serves all nodes.
	NIC string `yaml:"nic"`
	// TCP ports (1-65535).
	Ports []int `yaml:"ports" validate:"required,min=1,max=1000,dive,min=1,max=65535"`
	// Open these ports to clients in the firewall. Default: true for a VIP, false for a NIC.
	Open *bool `yaml:"open"`
}

// Backend is a group of servers.
type Backend struct {
	// Name, unique among frontends and backends.
	Name string `yaml:"name" validate:"required,name"`
	// How a server is chosen. Default roundrobin.
	Balance string `yaml:"balance" validate:"omitempty,oneof=roundrobin static-rr leastconn source first random"`
	// Attempts to connect to a server after the first has failed. Default: that of defaults.
	Retries *int `yaml:"retries" validate:"omitempty,min=0,max=100"`
	// Time-outs towards the servers, where they differ from defaults.
	Timeouts BackendTimeouts `yaml:"timeouts"`
	// How HAProxy finds out that a server is well.
	Health Health `yaml:"health"`
	// The servers.
	Servers []Server `yaml:"servers" validate:"required,min=1,dive"`
	// What clients get when no server is left.
	Sorry *Sorry `yaml:"sorry"`
}

// BackendTimeouts are the time-outs that mean something in a backend.
type BackendTimeouts struct {
	// Time that a request waits for a free connection slot.
	Queue Duration `yaml:"queue"`
	// Time for a connection to a server to be established.
	Connect Duration `yaml:"connect"`
	// Time that a server may stay silent.
	Server Duration `yaml:"server"`
	// Time for a health check to answer once it is connected.
	Check Duration `yaml:"check"`
}

// Health is how servers are checked. Without http it is a TCP connection.
type Health struct {
	// Ask over HTTP.
	HTTP *HealthHTTP `yaml:"http"`
	// Time between two checks. Default 2s.
	Inter Duration `yaml:"inter"`
	// Good checks in a row until a server counts as up. Default 2.
	Rise int `yaml:"rise" validate:"omitempty,min=1,max=100"`
	// Bad checks in a row until a server counts as down. Default 3.
	Fall int `yaml:"fall" validate:"omitempty,min=1,max=100"`
}

// HealthHTTP is the request of a health check and the answer that is good.
type HealthHTTP struct {
	// Method of the request. Default GET.
	Method string `yaml:"method" validate:"omitempty,oneof=GET HEAD OPTIONS POST"`
	// Path of the request, beginning with a slash.
	URI string `yaml:"uri" validate:"required,uri_path"`
	// Status that a healthy server answers with (100-599). Default 200.
	Expect int `yaml:"expect" validate:"omitempty,min=100,max=599"`
}

// Server is one machine behind HAProxy.
type Server struct {
	// Name, unique in its backend.
	Name string `yaml:"name" validate:"required,name"`
	// Address and port, such as 192.168.50.61:80 or [2001:db8::61]:80.
	Address Endpoint `yaml:"address" validate:"required"`
}

// Sorry is what clients get when every server is down.
type Sorry struct {
	// HTML file, relative to the site file. HAProxy serves it itself.
	Page string `yaml:"page" validate:"required,text"`
	// Status that the page is sent with: 503 or 200. Default 503, so that caches and search engines do not keep it.
	Status int `yaml:"status" validate:"omitempty,oneof=200 503"`
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
}

// Firewall is what firewalld is told beyond what the binds need.
type Firewall struct {
	// Changes to zones, by name.
	Zones map[string]FirewallZone `yaml:"zones" validate:"dive,keys,zone,endkeys"`
}

// FirewallZone is what is taken away from a zone. That is never a default.
type FirewallZone struct {
	// Whether packets may pass between the interfaces of the zone. Only false changes anything.
	Forward *bool `yaml:"forward"`
	// Services that are no longer reachable, such as ssh.
	RemoveServices []string `yaml:"remove_services" validate:"dive,zone"`
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
