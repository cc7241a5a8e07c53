package versions

// keepalivedGates are the directives of Keepalived that came or changed after
// 2.2.4, from the source of each version. None has gone between 2.2 and 2.4.
func keepalivedGates() []Gate {
	const globals, instance = "global_defs", "vrrp_instance"
	return []Gate{
		{
			Keepalived: true, Words: "use_symlink_paths", Since: "2.3.0", Changed: "2.4",
			Remedy:  "2.4 wants the file that a link leads to, and the folders above it, to be writable by root alone, too: look at the targets",
			Section: globals, Example: "use_symlink_paths",
		},
		{Keepalived: true, Words: "iproute_etc_dir", Since: "2.3.2", Section: globals, Example: "iproute_etc_dir /etc/iproute2"},
		{Keepalived: true, Words: "iproute_usr_dir", Since: "2.3.2", Section: globals, Example: "iproute_usr_dir /usr/share/iproute2"},
		{Keepalived: true, Words: "json_dump_file", Since: "2.3.3", Section: globals, Example: "json_dump_file /tmp/keepalived.json"},
		{Keepalived: true, Words: "state_dump_file", Since: "2.3.3", Section: globals, Example: "state_dump_file /tmp/keepalived.data"},
		{Keepalived: true, Words: "stats_dump_file", Since: "2.3.3", Section: globals, Example: "stats_dump_file /tmp/keepalived.stats"},
		{Keepalived: true, Words: "vrrp_owner_ignore_adverts", Since: "2.3.3", Section: globals, Example: "vrrp_owner_ignore_adverts"},
		{Keepalived: true, Words: "owner_ignore_adverts", Since: "2.3.3", Section: instance, Example: "owner_ignore_adverts"},
		{Keepalived: true, Words: "vrrp_delay_after_boot", Since: "2.4.0", Section: globals, Example: "vrrp_delay_after_boot 5"},
		{Keepalived: true, Words: "auth_hmac", Since: "2.4.0", Section: instance, Example: "auth_hmac {"},
	}
}
