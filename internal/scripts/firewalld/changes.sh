
# --- changes, and the way back ------------------------------------------------

# change LAYER KIND ZONE VALUE [FORMER-ZONE] makes it so and notes the opposite
# first, so that even a run that is killed has said what it did.
change() {
	[ -z "$dry" ] || return 0
	case $2 in
	interface) undo="$1 interface $5 $4" ;;
	-*) undo="$1 ${2#-} $3 $4" ;;
	*) undo="$1 -$2 $3 $4" ;;
	esac
	printf '%s\n' "$undo" >>"$state.undo"
	put "$@" || fail "zone $3: $(describe "$2" "$4") failed ($1)"
}

# take_back undoes the noted changes, the last one first. It goes on after a
# failure: what can be put back is.
take_back() {
	failed=
	sed '1!G;h;$!d' "$state.undo" >"$work/undo"
	while read -r layer kind zone value; do
		put "$layer" "$kind" "$zone" "$value" || {
			failed=1
			warn "zone $zone: $(describe "$kind" "$value") failed while taking back ($layer):"
			sed 's/^/  /' "$work/err" >&2 || :
		}
	done <"$work/undo"
	[ -z "$failed" ] || return 1
	if [ -e "$state.before" ]; then mv -f "$state.before" "$state"; else rm -f "$state"; fi
	rm -f "$state.undo"
}

describe() {
	case $1 in
	rule) printf 'add %s' "$2" ;;
	-rule) printf 'remove %s' "$2" ;;
	forward) printf 'forward between its interfaces' ;;
	-forward) printf 'do not forward between its interfaces' ;;
	service) printf 'let in service %s' "$2" ;;
	-service) printf 'no longer let in service %s' "$2" ;;
	interface) printf 'take interface %s' "$2" ;;
	esac
}

announce() {
	say "zone $2: $(describe "$1" "$3")"
	[ "$1 $3" != "-service ssh" ] || warn_admin "$2"
}

# warn_admin ZONE: the admin's own connection lives on when its zone loses ssh,
# and the next one does not come in.
warn_admin() {
	# shellcheck disable=SC2086 # it is four words: client, port, server, port
	set -- "$1" ${SSH_CONNECTION:-}
	[ $# -eq 5 ] && [ "$mode" = online ] || return 0
	nic=$(ip -o addr | awk -v ip="$4" '{ split($4, a, "/") } a[1] == ip { print $2; exit }')
	[ -n "$nic" ] || return 0
	grep -Fqx "interface $1 $nic" "$work/wanted" || holds runtime interface "$1" "$nic" || return 0
	warn "you are logged in through $nic, in zone $1: this connection stays, but there will be no new one"
}
