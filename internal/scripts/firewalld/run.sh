
# --- the run ------------------------------------------------------------------

ensure() {
	if [ "$1" = interface ]; then
		ensure_interface "$2" "$3"
	else
		ensure_item "$1" "$2" "$3"
	fi
}

ensure_item() {
	missing=
	for layer_ in $layers; do
		holds "$layer_" "$1" "$2" "$3" || missing="$missing $layer_"
	done
	own=$(owned "$1" "$2" "$3")
	if [ -z "$own" ]; then
		case $missing in
		" $layers") own=both ;;
		*permanent*) own=permanent ;;
		esac
	fi
	[ -z "$own" ] || remember "$1" "$2" "$own" "$3"
	[ -z "$missing" ] || announce "$1" "$2" "$3"
	for layer_ in $missing; do
		change "$layer_" "$1" "$2" "$3"
	done
}

ensure_interface() {
	own=$(former "$2")
	permanent=$(zone_of permanent "$2")
	runtime=$permanent
	[ "$mode" = offline ] || runtime=$(zone_of runtime "$2")
	[ -n "$own" ] || [ "$permanent" = "$1" ] || own=$permanent,$runtime
	[ -z "$own" ] || remember interface "$1" "$own" "$2"
	[ "$permanent $runtime" != "$1 $1" ] || return 0
	announce interface "$1" "$2"
	[ "$mode" = online ] || tell_networkmanager "$1" "$2"
	[ "$permanent" = "$1" ] || change permanent interface "$1" "$2" "$permanent"
	[ "$mode" = online ] || return 0
	# NetworkManager may have taken the running zone along.
	runtime=$(zone_of runtime "$2")
	[ "$runtime" = "$1" ] || change runtime interface "$1" "$2" "$runtime"
}

tell_networkmanager() {
	[ -d "$root/etc/NetworkManager" ] || return 0
	warn "NetworkManager is not reached offline: if it manages $2, set connection.zone to $1 there as well"
}

# release KIND ZONE OWN VALUE takes back what an earlier run did.
release() {
	case $1 in
	interface) release_interface "$2" "$3" "$4" ;;
	-*) release_item "${1#-}" "$2" "$3" "$4" ;;
	*) release_item "-$1" "$2" "$3" "$4" ;;
	esac
}

release_item() {
	said=
	for layer_ in $layers; do
		[ "$3-$layer_" != permanent-runtime ] || continue
		! holds "$layer_" "$1" "$2" "$4" || continue
		[ -n "$said" ] || announce "$1" "$2" "$4"
		said=1
		change "$layer_" "$1" "$2" "$4"
	done
}

# release_interface gives an interface back to its former zone, unless somebody
# else has moved it since or this version wants it elsewhere.
release_interface() {
	! grep -Eq "^interface [^ ]+ $3\$" "$work/wanted" || return 0
	said=
	for layer_ in $layers; do
		back=${2%,*}
		[ "$layer_" = permanent ] || back=${2#*,}
		[ "$back" != "$1" ] || continue
		holds "$layer_" interface "$1" "$3" || continue
		[ -n "$said" ] || say "zone $1: give back interface $3"
		said=1
		change "$layer_" interface "$back" "$3" "$1"
	done
}

apply() {
	while read -r kind zone value; do
		ensure "$kind" "$zone" "$value"
	done <"$work/wanted"
	while read -r kind zone own value; do
		grep -Fqx -e "$kind $zone $value" "$work/wanted" || release "$kind" "$zone" "$own" "$value"
	done <"$work/old"
	save "$work/new" || fail "$state cannot be written"
}
