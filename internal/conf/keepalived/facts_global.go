package keepalived

import (
	"slices"
	"strings"
)

// within returns the facts of one block: those given, and the keywords of which
// there is nothing to know but that they may stand there.
func within(block string, facts []Fact, others string) []Fact {
	for i := range facts {
		facts[i].In = block
	}
	more := strings.Fields(others)
	facts = slices.Grow(facts, len(more))
	for _, keyword := range more {
		facts = append(facts, Fact{Keyword: keyword, In: block})
	}
	return facts
}

// topFacts are the keywords that stand in no block. Of the blocks of LVS and BFD
// nothing more is known here: lbgen writes none.
func topFacts() []Fact {
	return within("", []Fact{
		{Keyword: "global_defs", Shape: Block, Many: true},
		{Keyword: "vrrp_instance", Shape: Block, Many: true, Named: true, Decides: true, Fields: []string{"vrrp[].name"}},
		{Keyword: "vrrp_sync_group", Shape: Block, Many: true, Named: true, Fields: []string{"vrrp[].sync_group"}},
		{Keyword: "vrrp_script", Shape: Block, Many: true, Fields: []string{"vrrp[].track.haproxy", "vrrp[].track.scripts[].name"}},
		{Keyword: "vrrp_track_process", Shape: Block, Many: true, Fields: []string{"vrrp[].track.haproxy.method"}},
		{Keyword: "track_file", Shape: Block, Many: true},
		{Keyword: "vrrp_track_file", Shape: Block, Many: true},
		{Keyword: "track_group", Shape: Block, Many: true, Named: true},
		{Keyword: "garp_group", Shape: Block, Many: true},
		{Keyword: "static_ipaddress", Shape: List, Many: true},
		{Keyword: "static_routes", Shape: List, Many: true},
		{Keyword: "static_rules", Shape: List, Many: true},
		{Keyword: "linkbeat_interfaces", Shape: List, Many: true},
		{Keyword: "interface_up_down_delays", Shape: List, Many: true},
		{Keyword: "bfd_instance", Shape: Other, Many: true},
		{Keyword: "virtual_server_group", Shape: Other, Many: true},
		{Keyword: "virtual_server", Shape: Other, Many: true},
		{Keyword: "SSL", Shape: Other},
		{Keyword: "net_namespace", Restart: true},
		{Keyword: "net_namespace_ipvs", Restart: true},
		{Keyword: "instance", Restart: true},
	}, "linkbeat_use_polling namespace_with_ipsets use_pid_dir child_wait_time")
}

// globalFacts are the keywords of global_defs.
func globalFacts() []Fact {
	return within("global_defs", []Fact{
		{Keyword: "router_id", Fields: []string{"nodes[].router_id", "nodes[].name"}},
		{Keyword: "notification_email", Shape: List, Many: true, Fields: []string{"notifications.email.to"}},
		{Keyword: "notification_email_from", Fields: []string{"notifications.email.from"}},
		{Keyword: "smtp_server", Fields: []string{"notifications.email.smtp_server"}},
		{Keyword: "smtp_connect_timeout", Fields: []string{"notifications.email.smtp_connect_timeout"}},
		{Keyword: "script_user", Fields: []string{"keepalived.script_user"}},
		{Keyword: "vrrp_startup_delay", Fields: []string{"keepalived.vrrp_startup_delay"}},
		{Keyword: "vrrp_garp_interval", Fields: []string{"keepalived.vrrp_garp_interval"}},
		{Keyword: "vrrp_gna_interval", Fields: []string{"keepalived.vrrp_gna_interval"}},
		{Keyword: "vrrp_skip_check_adv_addr", Fields: []string{"keepalived.vrrp_skip_check_adv_addr"}},
		{Keyword: "max_auto_priority", Fields: []string{"keepalived.max_auto_priority"}},

		{Keyword: "vrrp_version", Agreed: true, Adverts: true, Default: "2"},
		{Keyword: "vrrp_down_timer_adverts", Agreed: true, Default: "3"},
		{Keyword: "vrrp_mcast_group4", Agreed: true, Adverts: true, Decides: true, Default: "224.0.0.18"},
		{Keyword: "vrrp_mcast_group6", Agreed: true, Adverts: true, Decides: true, Default: "ff02::12"},
		{Keyword: "vrrp_strict", Agreed: true},

		{Keyword: "startup_script", Runs: true},
		{Keyword: "shutdown_script", Runs: true},
		{Keyword: "notify_fifo_script", Runs: true},
		{Keyword: "vrrp_notify_fifo_script", Runs: true},
		{Keyword: "lvs_notify_fifo_script", Runs: true},

		{Keyword: "disable_local_igmp", Restart: true},
		{Keyword: "nftables", Restart: true},
		{Keyword: "nftables_ipvs", Restart: true},
		{Keyword: "tmp_config_directory", Restart: true},

		{Keyword: "fifo_write_vrrp_states_on_reload", Since: "2.2.7", Example: "fifo_write_vrrp_states_on_reload"},
		{Keyword: "json_version", Since: "2.2.8", Example: "json_version 2"},
		{Keyword: "dbus_no_interface_name", Since: "2.3.0", Example: "dbus_no_interface_name"},
		{
			Keyword: "use_symlink_paths", Since: "2.3.0", Changed: "2.4", Example: "use_symlink_paths",
			Remedy: "2.4 wants the file that a link leads to, and the folders above it, to be writable by root alone, too: look at the targets",
		},
		{Keyword: "iproute_etc_dir", Since: "2.3.2", Example: "iproute_etc_dir /etc/iproute2"},
		{Keyword: "iproute_usr_dir", Since: "2.3.2", Example: "iproute_usr_dir /usr/share/iproute2"},
		{Keyword: "json_dump_file", Since: "2.3.3", Example: "json_dump_file /tmp/keepalived.json"},
		{Keyword: "state_dump_file", Since: "2.3.3", Example: "state_dump_file /tmp/keepalived.data"},
		{Keyword: "stats_dump_file", Since: "2.3.3", Example: "stats_dump_file /tmp/keepalived.stats"},
		{Keyword: "vrrp_owner_ignore_adverts", Since: "2.3.3", Example: "vrrp_owner_ignore_adverts"},
		{Keyword: "vrrp_delay_after_boot", Since: "2.4.0", Example: "vrrp_delay_after_boot 5"},
	}, otherGlobals)
}

const otherGlobals = `process_names process_name vrrp_process_name checker_process_name lvs_process_name bfd_process_name
	smtp_helo_name smtp_alert smtp_alert_vrrp smtp_alert_checker checker_log_all_failures no_email_faults
	startup_script_timeout shutdown_script_timeout enable_script_security
	min_auto_priority_delay dynamic_interfaces default_interface
	lvs_timeouts lvs_flush lvs_flush_on_stop lvs_flush_onstop lvs_sync_daemon
	vrrp_garp_master_delay vrrp_garp_master_repeat vrrp_garp_master_refresh vrrp_garp_master_refresh_repeat
	vrrp_garp_lower_prio_delay vrrp_garp_lower_prio_repeat vrrp_min_garp vrrp_garp_extra_if vrrp_vmac_garp_intvl
	vrrp_lower_prio_no_advert vrrp_higher_prio_send_advert vrrp_iptables vrrp_ipsets
	nftables_priority nftables_ifindex nftables_ipvs_priority nftables_ipvs_start_fwmark nftables_counters
	vrrp_check_unicast_src vrrp_priority vrrp_no_swap vrrp_rt_priority vrrp_cpu_affinity vrrp_rlimit_rttime vrrp_rlimit_rtime
	notify_fifo vrrp_notify_fifo vrrp_notify_priority_changes lvs_notify_fifo
	checker_priority checker_no_swap checker_rt_priority checker_cpu_affinity checker_rlimit_rttime checker_rlimit_rtime
	bfd_priority bfd_no_swap bfd_rt_priority bfd_cpu_affinity bfd_rlimit_rttime bfd_rlimit_rtime
	snmp_socket enable_traps enable_snmp_vrrp enable_snmp_keepalived enable_snmp_rfc enable_snmp_rfcv2 enable_snmp_rfcv3 enable_snmp_checker
	enable_dbus dbus_service_name
	vrrp_netlink_cmd_rcv_bufs vrrp_netlink_cmd_rcv_bufs_force vrrp_netlink_monitor_rcv_bufs vrrp_netlink_monitor_rcv_bufs_force
	process_monitor_rcv_bufs process_monitor_rcv_bufs_force
	lvs_netlink_cmd_rcv_bufs lvs_netlink_cmd_rcv_bufs_force lvs_netlink_monitor_rcv_bufs lvs_netlink_monitor_rcv_bufs_force
	rs_init_notifies no_checker_emails vrrp_rx_bufs_policy vrrp_rx_bufs_multiplier log_unknown_vrids vmac_prefix vmac_addr_prefix
	umask random_seed reload_check_config reload_time_file reload_repeat reload_file include_check config_save_dir data_use_instance
	snmp_rs_stats_update_interval snmp_vs_stats_update_interval thread_timer_expired`
