package keepalived

import "slices"

// instanceFacts are the keywords of vrrp_instance and of its blocks.
//
// What begins an instance anew at a reload is what vrrp_exist in vrrp.c compares:
// virtual_router_id, the family of the addresses, the interface, whether it is
// unicast and from which address, use_vmac and the multicast group. A tracked thing
// that is new keeps the instance out of MASTER until it has been looked at.
func instanceFacts() []Fact {
	return slices.Concat(
		within("vrrp_instance", instanceLines(), otherInstance),
		running("vrrp_instance", "notify_backup notify_master notify_fault notify_stop notify_deleted notify_master_rx_lower_pri"),
		within("authentication", []Fact{
			{Keyword: "auth_type", Agreed: true, Adverts: true, Fields: []string{"vrrp[].auth_pass"}},
			{Keyword: "auth_pass", Agreed: true, Adverts: true, Secret: true, Fields: []string{"vrrp[].auth_pass"}},
		}, ""),
		within("auth_hmac", []Fact{
			{Keyword: "key", Many: true, Agreed: true, Adverts: true, Secret: true, Fields: []string{"vrrp[].auth_hmac.keys[].key"}},
			{Keyword: "active_key", Agreed: true, Adverts: true, Fields: []string{"vrrp[].auth_hmac.active_key"}},
			{Keyword: "time_window", Fields: []string{"vrrp[].auth_hmac.time_window"}},
			{Keyword: "anti_replay", Fields: []string{"vrrp[].auth_hmac.anti_replay"}},
			{Keyword: "mode", Fields: []string{"vrrp[].auth_hmac.mode"}},
		}, ""),
	)
}

func instanceLines() []Fact {
	return []Fact{
		{Keyword: "state", Decides: true, Default: "BACKUP"},
		{Keyword: "interface", Decides: true, Fields: []string{"vrrp[].nic", "nics{}.device", "nodes[].devices"}},
		{Keyword: "version", Agreed: true, Adverts: true, Default: "2", Fields: []string{"vrrp[].version"}},
		{Keyword: "virtual_router_id", Agreed: true, Adverts: true, Decides: true, Fields: []string{"vrrp[].virtual_router_id"}},
		{Keyword: "priority", Decides: true, Default: "100", Fields: []string{"nodes[].priority", "vrrp[].priorities"}},
		{Keyword: "preempt", Decides: true},
		{Keyword: "nopreempt", Decides: true, Fields: []string{"vrrp[].preempt"}},
		{Keyword: "preempt_delay", Decides: true, Fields: []string{"vrrp[].preempt_delay"}},
		{Keyword: "advert_int", Agreed: true, Adverts: true, Default: "1", Fields: []string{"vrrp[].advert_int"}},
		{Keyword: "down_timer_adverts", Agreed: true, Default: "3"},
		{Keyword: "strict_mode", Agreed: true},
		{Keyword: "old_unicast_checksum", Agreed: true, Adverts: true},
		{Keyword: "v3_checksum_as_v2", Agreed: true, Adverts: true, Since: "2.2.8", Example: "v3_checksum_as_v2"},

		{Keyword: "mcast_src_ip", Agreed: true, Fields: []string{"vrrp[].mcast_src_ip"}},
		{Keyword: "mcast_dst_ip", Agreed: true, Adverts: true, Decides: true, Since: "2.2.7", Example: "mcast_dst_ip 224.0.0.19"},
		{Keyword: "unicast_src_ip", Agreed: true, Decides: true, Fields: []string{"vrrp[].unicast"}},
		{Keyword: "unicast_peer", Shape: List, Many: true, Agreed: true, Decides: true, Fields: []string{"vrrp[].unicast"}},
		{Keyword: "check_unicast_src", Fields: []string{"vrrp[].unicast"}},
		{Keyword: "unicast_fault_no_peer", Since: "2.2.7", Example: "unicast_fault_no_peer"},
		{Keyword: "authentication", Shape: Block, Fields: []string{"vrrp[].auth_pass"}},
		{Keyword: "auth_hmac", Shape: Block, Agreed: true, Since: "2.4.0", Example: "auth_hmac {",
			Fields: []string{"vrrp[].auth_hmac"}},
		{Keyword: "use_vmac", Decides: true},
		{Keyword: "use_vmac_addr", Decides: true},

		{Keyword: "virtual_ipaddress", Shape: List, Many: true, Agreed: true, Adverts: true, Fields: []string{"vrrp[].vips"}},
		{Keyword: "virtual_ipaddress_excluded", Shape: List, Many: true, Agreed: true},
		{Keyword: "virtual_routes", Shape: List, Many: true},
		{Keyword: "virtual_rules", Shape: List, Many: true},

		{Keyword: "dont_track_primary", Decides: true},
		{Keyword: "track_src_ip", Decides: true},
		{Keyword: "track_interface", Shape: List, Many: true, Decides: true, Fields: []string{"vrrp[].track.nics"}},
		{Keyword: "track_script", Shape: List, Many: true, Decides: true,
			Fields: []string{"vrrp[].track.haproxy", "vrrp[].track.scripts[].name"}},
		{Keyword: "track_process", Shape: List, Many: true, Decides: true, Fields: []string{"vrrp[].track.haproxy.method"}},
		{Keyword: "track_file", Shape: List, Many: true, Decides: true},
		{Keyword: "track_bfd", Shape: List, Many: true, Decides: true},

		{Keyword: "garp_master_delay", Fields: []string{"vrrp[].garp.master_delay"}},
		{Keyword: "garp_master_repeat", Fields: []string{"vrrp[].garp.master_repeat"}},
		{Keyword: "garp_master_refresh", Fields: []string{"vrrp[].garp.master_refresh"}},
		{Keyword: "garp_master_refresh_repeat", Fields: []string{"vrrp[].garp.master_refresh_repeat"}},
		{Keyword: "notify", Runs: true, Fields: []string{"vrrp[].notify"}},
		{Keyword: "smtp_alert", Fields: []string{"vrrp[].smtp_alert", "notifications.email"}},

		{Keyword: "vrf", Since: "2.2.7", Example: "vrf lo"},
		{Keyword: "no_virtual_ipaddress", Since: "2.2.8", Example: "no_virtual_ipaddress"},
		{Keyword: "timer_expired_backup", Since: "2.2.8", Example: "timer_expired_backup"},
		{Keyword: "owner_ignore_adverts", Since: "2.3.3", Example: "owner_ignore_adverts"},
	}
}

const otherInstance = `vmac_xmit_base use_ipvlan native_ipv6 unicast_ttl promote_secondaries linkbeat_use_polling accept no_accept
	skip_check_adv_addr debug notify_priority_changes lvs_sync_daemon_interface
	garp_lower_prio_delay garp_lower_prio_repeat garp_extra_if vmac_garp_intvl
	lower_prio_no_advert higher_prio_send_advert kernel_rx_buf_size`

// running are keywords that name a program to be run, and of which there is nothing
// more to know.
func running(block, keywords string) []Fact {
	facts := within(block, nil, keywords)
	for i := range facts {
		facts[i].Runs = true
	}
	return facts
}
