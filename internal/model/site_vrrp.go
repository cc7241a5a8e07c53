package model

// VRRP is one virtual router: virtual IPs that move together.
type VRRP struct {
	// Name of the instance, by which binds refer to all of its VIPs.
	Name string `yaml:"name" validate:"required,name"`
	// Role of the NIC that the VIPs stand on and the adverts go over.
	NIC string `yaml:"nic" validate:"required"`
	// Number of the virtual router (1-255), unique on its network.
	VirtualRouterID int `yaml:"virtual_router_id" validate:"required,min=1,max=255"`
	// Version of VRRP (2 or 3). IPv6 is always version 3. Default 2.
	Version int `yaml:"version" validate:"omitempty,oneof=2 3"`
	// Time between two adverts of the master: whole seconds in version 2, hundredths in version 3. Default 1s.
	AdvertInt Duration `yaml:"advert_int"`
	// Password of the adverts (VRRP version 2), at most 8 bytes.
	AuthPass Secret `yaml:"auth_pass"`
	// Signatures of the adverts (Keepalived 2.4): of both versions of VRRP and both families. Instead of auth_pass.
	AuthHMAC *AuthHMAC `yaml:"auth_hmac" since:"keepalived 2.4"`
	// Virtual IPs. Without a prefix length they get that of the NIC's subnet.
	VIPs []VIP `yaml:"vips" validate:"required,min=1,max=200,dive"`
	// Priority (1-254) of each node in this instance, where it differs from the node's own: for a dual master.
	Priorities map[string]int `yaml:"priorities" validate:"dive,min=1,max=254"`
	// Give the VIP back to the preferred master as soon as that is well again. Default false: nopreempt on all nodes but the lowest.
	Preempt bool `yaml:"preempt"`
	// With preempt: time that the preferred master waits before it takes the VIP back, whole seconds up to 1000s.
	PreemptDelay Duration `yaml:"preempt_delay"`
	// Send adverts to each peer's own address instead of the multicast group, and take them from the
	// peers only: for networks that carry no multicast.
	Unicast bool `yaml:"unicast"`
	// Send multicast adverts from the node's own address in the site file, not from the interface's first one.
	MulticastSource bool `yaml:"mcast_src_ip"`
	// Gratuitous ARP (IPv4) and unsolicited neighbour adverts (IPv6), which tell the network where a VIP is now.
	GARP GARP `yaml:"garp"`
	// What makes a node give the VIP away, beside its own NIC and HAProxy.
	Track Track `yaml:"track"`
	// Instances with the same sync_group move together.
	SyncGroup string `yaml:"sync_group" validate:"omitempty,name"`
	// Who hears of this instance's changes of state, and what is run.
	Notify Notify `yaml:"notify"`
	// Mail on every change of state, by Keepalived itself. Default: true where notifications.email is written and notify.mail is not.
	SMTPAlert *bool `yaml:"smtp_alert"`
	// Lines for the vrrp_instance that lbgen has no field for.
	Raw Raw `yaml:"raw"`
}

// AuthHMAC says how adverts are signed, and what becomes of those that are not.
type AuthHMAC struct {
	// Keys that adverts may be signed with. All nodes have the same; a second one is for the time of a change.
	Keys []HMACKey `yaml:"keys" validate:"required,min=1,max=16,dive"`
	// Number of the key that adverts are signed with. Default: the first one's.
	ActiveKey int `yaml:"active_key" validate:"omitempty,min=1,max=255"`
	// What becomes of an advert without a signature, on the way there: receive-only signs none and takes all, permissive signs and takes
	// all, enforce signs and takes none without. Default enforce.
	Mode string `yaml:"mode" validate:"omitempty,oneof=receive-only permissive enforce"`
	// How an advert that is sent a second time is known: by its time, for which the nodes' clocks must agree, or by its number alone
	// (monotonic). Default time.
	AntiReplay string `yaml:"anti_replay" validate:"omitempty,oneof=time monotonic"`
	// How far the nodes' clocks may be apart, whole seconds up to 300s. Default: Keepalived's 3 advert_int, 5s at least.
	TimeWindow Duration `yaml:"time_window"`
}

// HMACKey is a key that adverts may be signed with.
type HMACKey struct {
	// Number of the key (1-255), which stands in each advert.
	ID int `yaml:"id" validate:"required,min=1,max=255"`
	// The key: 32 to 64 characters, or hex: and 64 to 128 hexadecimal digits, as openssl rand -hex 32 prints them.
	Key Secret `yaml:"key" validate:"required"`
}

// VIP is one virtual IP: an address, or a mapping of name and address.
type VIP struct {
	// Name by which a bind refers to this VIP alone.
	Name string `yaml:"name" validate:"omitempty,name"`
	// Address, with or without prefix length.
	Address VIPAddress `yaml:"address" validate:"required"`
	// Label of the address, shown by ip addr, such as vip or eth0:vip: the interface's name and a colon go in front where they are not
	// there. IPv4 only.
	Label string `yaml:"label" validate:"omitempty,label"`
}

// GARP says how often the network is told where a VIP is.
type GARP struct {
	// Time after becoming master until it is told a second time, whole seconds. Default: Keepalived's 5s.
	MasterDelay Duration `yaml:"master_delay"`
	// Time after which a master tells it again, for networks that forget; whole seconds. Default: never.
	MasterRefresh Duration `yaml:"master_refresh"`
	// How many are sent at once after becoming master (1-100). Default: Keepalived's 5.
	MasterRepeat int `yaml:"master_repeat" validate:"omitempty,min=1,max=100"`
	// How many are sent with each refresh (1-100). Default: Keepalived's 1.
	MasterRefreshRepeat int `yaml:"master_refresh_repeat" validate:"omitempty,min=1,max=100"`
}

// Track says what a node must have to hold the VIP.
type Track struct {
	// Roles of further NICs whose link must be up. The instance's own NIC is always watched.
	NICs []TrackNIC `yaml:"nics" validate:"dive"`
	// How HAProxy is watched. It is by default: a node without it must not hold the VIP. false switches that off.
	HAProxy *TrackHAProxy `yaml:"haproxy"`
	// Programs of your own that are asked.
	Scripts []TrackScript `yaml:"scripts" validate:"dive"`
}

// Weight is what a failure of something tracked does to the priority (-253 to
// 253): 0 makes the node give the VIP away. A positive one is added as long as
// it is well, a negative one is taken off when it fails.
type Weight int

// TrackNIC is a further NIC: its role, or a mapping with a weight.
type TrackNIC struct {
	// Role of the NIC.
	NIC string `yaml:"nic" validate:"required"`
	// What a lost link does to the priority (-253 to 253). Default 0: the node gives the VIP away whatever the priorities are.
	Weight Weight `yaml:"weight" validate:"omitempty,min=-253,max=253"`
}

// TrackHAProxy is how HAProxy is watched.
type TrackHAProxy struct {
	// killall: signal 0 to the process. process: Keepalived watches the kernel's process events. http:
	// HAProxy is asked on loopback. Default killall, or http where http is written.
	Method string `yaml:"method" validate:"omitempty,oneof=killall process http"`
	// Ask HAProxy itself over HTTP on loopback, by a monitor-uri that no server behind it has part in.
	HTTP *TrackHTTP `yaml:"http"`
	// Time between two checks, whole seconds. Default 1s; with profile rhel 2s.
	Interval Duration `yaml:"interval"`
	// Time after which a check has failed, whole seconds. Default 1s; with profile rhel 2s.
	Timeout Duration `yaml:"timeout"`
	// Good checks in a row until HAProxy counts as up. Default 2.
	Rise int `yaml:"rise" validate:"omitempty,min=1,max=255"`
	// Bad checks in a row until HAProxy counts as down. Default 2.
	Fall int `yaml:"fall" validate:"omitempty,min=1,max=255"`
	// What a failed check does to the priority (-253 to 253). Default 0: the node gives the VIP away whatever the priorities are.
	Weight Weight `yaml:"weight" validate:"omitempty,min=-253,max=253"`
	// Off is true where the site file says false.
	Off bool `yaml:"-"`
}

// TrackHTTP is HAProxy's own page that says whether it is alive.
type TrackHTTP struct {
	// Path. Default /alive.
	URI string `yaml:"uri" validate:"omitempty,uri_path"`
	// TCP port on loopback (1-65535). Default 8405.
	Port int `yaml:"port" validate:"omitempty,min=1,max=65535"`
}

// TrackScript is a check of your own: it must end with 0 where all is well.
type TrackScript struct {
	// Name.
	Name string `yaml:"name" validate:"required,name"`
	// Absolute path of the program, and its arguments. No shell reads it.
	Command []string `yaml:"command" validate:"required,min=1,max=50,dive,argument"`
	// Time between two checks, whole seconds. Default 1s; with profile rhel 2s.
	Interval Duration `yaml:"interval"`
	// Time after which a check has failed, whole seconds. Default 1s; with profile rhel 2s.
	Timeout Duration `yaml:"timeout"`
	// Good checks in a row until it counts as up. Default 2.
	Rise int `yaml:"rise" validate:"omitempty,min=1,max=255"`
	// Bad checks in a row until it counts as down. Default 2.
	Fall int `yaml:"fall" validate:"omitempty,min=1,max=255"`
	// What a failed check does to the priority (-253 to 253). Default 0: the node gives the VIP away whatever the priorities are.
	// With preempt, and a command that asks another machine, it is one more than the gap between the priorities: what one
	// node alone sees moves the VIP, what all see does not.
	Weight *Weight `yaml:"weight" validate:"omitempty,min=-253,max=253"`
	// User that it runs as. Default root.
	User string `yaml:"user" validate:"omitempty,account"`
	// What fails it: haproxy where it fails when HAProxy does not run, so that nothing else has to watch HAProxy; other. Default: haproxy
	// for a command that names HAProxy (killall, pidof, pgrep, systemctl, its socket) or asks one of its ports on this node.
	Watches string `yaml:"watches" validate:"omitempty,oneof=haproxy other"`
}

// Notify is what happens when a node changes its state.
type Notify struct {
	// States that a mail is sent for, to notifications.email, by a small script that lbgen makes:
	// through notifications.email.smtp_server, or the node's own /usr/sbin/sendmail where that is localhost, once for each change.
	Mail []string `yaml:"mail" validate:"unique,dive,oneof=master backup fault stop"`
	// States that a line is written to syslog for, by the same script.
	Syslog []string `yaml:"syslog" validate:"unique,dive,oneof=master backup fault stop"`
	// Program of your own, absolute path: it is given INSTANCE, the name, the new state in capitals
	// (MASTER, BACKUP, FAULT, STOP) and the priority.
	Script string `yaml:"script" validate:"omitempty,path"`
}

// KeepalivedGlobal is Keepalived's global_defs, beside what notifications say.
type KeepalivedGlobal struct {
	// User that check and notify scripts run as. Default root.
	ScriptUser string `yaml:"script_user" validate:"omitempty,account"`
	// Time after the start during which no instance becomes master, whole seconds: for switches whose ports take a while.
	StartupDelay Duration `yaml:"vrrp_startup_delay"`
	// Time between two gratuitous ARP on one interface, for switches that limit them.
	GARPInterval Duration `yaml:"vrrp_garp_interval"`
	// Time between two unsolicited neighbour adverts on one interface.
	GNAInterval Duration `yaml:"vrrp_gna_interval"`
	// Do not look again at the addresses of an advert from the same master as before. Default false.
	SkipCheckAdvAddr bool `yaml:"vrrp_skip_check_adv_addr"`
	// Raise Keepalived's scheduling priority by itself when it is late, up to this (1-99).
	MaxAutoPriority int `yaml:"max_auto_priority" validate:"omitempty,min=1,max=99"`
	// Lines for global_defs that lbgen has no field for.
	Raw Raw `yaml:"raw"`
}
