
# --- what is remembered -------------------------------------------------------
# Each line is "KIND ZONE OWN VALUE". OWN says what this script changed: both
# layers, or the permanent one only because the runtime one was so before; for
# an interface it is its former zones, PERMANENT,RUNTIME.

# owned KIND ZONE VALUE prints OWN as an earlier run left it, or nothing.
owned() {
	while read -r kind_ zone_ own_ value_; do
		[ "$kind_ $zone_ $value_" = "$1 $2 $3" ] || continue
		printf '%s\n' "$own_"
		return 0
	done <"$work/old"
}

# former INTERFACE prints OWN of the interface, whichever zone it was moved to.
former() {
	while read -r kind_ _ own_ value_; do
		[ "$kind_ $value_" = "interface $1" ] || continue
		printf '%s\n' "$own_"
		return 0
	done <"$work/old"
}

# save FILE... writes what is remembered, all of it or nothing.
save() {
	[ -z "$dry" ] || return 0
	{
		printf '# What firewalld.sh of lbgen has changed for site %s. Do not edit.\n' "$site"
		cat "$@"
	} >"$state.new" && mv -f "$state.new" "$state"
}

# remember KIND ZONE OWN VALUE goes to disk before the change is made.
remember() {
	printf '%s %s %s %s\n' "$@" >>"$work/new"
	save "$work/new" "$work/old" || fail "$state cannot be written"
}
