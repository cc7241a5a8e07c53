
# --- the services -------------------------------------------------------------

# $work/services holds "VERB SERVICE BACK": what is done, in this order, and
# what undoes it.
plan_services() {
	: >"$work/services"
	plan_enabled haproxy
	plan_enabled keepalived
	[ -z "$root" ] || return 0
	! acts rsyslog-restart || plan_service restart rsyslog
	plan_haproxy
	plan_keepalived
}

plan_service() { printf '%s %s %s\n' "$1" "$2" "$(back_of "$1" "$2")" >>"$work/services"; }

back_of() {
	case $1 in
	enable) echo disable ;;
	disable) echo enable ;;
	stop) echo start ;;
	*) if active "$2"; then echo "$1"; else echo stop; fi ;;
	esac
}

active() { systemctl is-active --quiet "$1.service" </dev/null >/dev/null 2>&1; }

enabled() { systemctl ${root:+--root="$root"} is-enabled --quiet "$1.service" </dev/null >/dev/null 2>&1; }

plan_enabled() {
	if serves "$1"; then
		enabled "$1" || ! has "$(program_of "$1")" || plan_service enable "$1"
	elif gone "$1"; then
		! enabled "$1" || plan_service disable "$1"
	fi
}

program_of() { if [ "$1" = haproxy ]; then echo "$program"; else echo "$1"; fi; }

# gone says whether an earlier version of this site ran the service and this
# one does not: without its configuration it must not go on.
gone() { grep -Eq "^remove etc/$1/$1\\.(conf|cfg) " "$work/plan"; }

plan_haproxy() {
	if ! active haproxy; then
		plan_service start haproxy
	elif acts haproxy-restart || moved; then
		plan_service restart haproxy
	elif acts haproxy-reload; then
		plan_service reload haproxy
	fi
}

# moved says whether HAProxy runs with a haproxy.cfg in another place than this
# one's: it reads no other until it is started anew.
moved() { grep -Eq '^(new|remove) [^ ]*/haproxy\.cfg ' "$work/plan"; }

plan_keepalived() {
	if ! in_tree etc/keepalived/; then
		! gone keepalived || ! active keepalived || plan_service stop keepalived
	elif ! active keepalived; then
		plan_service start keepalived
	elif acts keepalived-restart; then
		plan_service restart keepalived
	elif acts keepalived-reload; then
		plan_service reload keepalived
	fi
}
