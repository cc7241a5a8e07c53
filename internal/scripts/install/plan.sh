
# --- the plan -----------------------------------------------------------------

# $work/plan holds "WHAT PATH MODE UID:GID ACTION" of each file that has to
# change; WHAT is new, change, mode or remove.

plan_files() {
	: >"$work/plan"
	while read -r path mode owner action; do
		what=$(compare "$path" "$mode" "$owner")
		[ -z "$what" ] || printf '%s %s %s %s %s\n' "$what" "$path" "$mode" "$owner" "$action" >>"$work/plan"
	done <"$work/numbered"
	[ -e "$lib/$former.manifest" ] || return 0
	awk 'FILENAME == ARGV[1] { made[$1]; next } $5 ~ /\// && !($5 in made) { print $5, $3 }' \
		"$work/numbered" "$lib/$former.manifest" >"$work/stale"
	while read -r path action; do
		[ ! -e "$root/$path" ] && [ ! -L "$root/$path" ] || printf 'remove %s - - %s\n' "$path" "$action" >>"$work/plan"
	done <"$work/stale"
}

compare() {
	if [ ! -e "$root/$1" ] && [ ! -L "$root/$1" ]; then
		echo new
	elif [ -L "$root/$1" ] || ! cmp -s "$dir/$1" "$root/$1"; then
		echo change
	elif [ "$(stat -c '%a %u:%g' "$root/$1")" != "$2 $3" ]; then
		echo mode
	fi
}

# plan_actions: a run that was cut off (power, kill -9) has left its own in
# pending, because the files that it installed look up to date now.
plan_actions() {
	awk '$1 != "mode" { print $5 }' "$work/plan" >"$work/actions"
	[ ! -e "$lib/$former.pending" ] || cat "$lib/$former.pending" >>"$work/actions"
}

acts() { grep -Fqx "$1" "$work/actions"; }

# settings FILE prints KEY VALUE of each line of a sysctl file.
settings() { sed -n 's/^[[:space:]]*-\{0,1\}\([a-z][^=#;[:space:]]*\)[[:space:]]*=[[:space:]]*\(.*\)$/\1 \2/p' "$1"; }

# proc_of KEY prints the file of a sysctl key, which is written with dots or
# with slashes.
proc_of() {
	case $1 in
	*/*) printf '/proc/sys/%s\n' "$1" ;;
	*) printf '/proc/sys/%s\n' "$(printf '%s' "$1" | tr . /)" ;;
	esac
}

# plan_sysctl compares with what the kernel uses, not with the file: somebody
# may have changed it since. $work/sysctl gets KEY OLD-VALUE > NEW-VALUE.
plan_sysctl() {
	: >"$work/sysctl"
	[ -z "$root" ] || return 0
	grep '^etc/sysctl\.d/' "$work/numbered" >"$work/sysctl.files" || return 0
	while read -r path _; do
		settings "$dir/$path" >"$work/settings"
		while read -r key value; do
			if ! now=$(tr -s '[:blank:]' ' ' 2>/dev/null <"$(proc_of "$key")"); then
				problem "this kernel has no $key, which /$path sets"
			elif [ "$now" != "$(printf '%s' "$value" | tr -s '[:blank:]' ' ')" ]; then
				printf '%s %s > %s\n' "$key" "$now" "$value" >>"$work/sysctl"
			fi
		done <"$work/settings"
	done <"$work/sysctl.files"
}

# plan_directories: what tmpfiles.d asks for and is not there, or may get
# another mode.
plan_directories() {
	: >"$work/directories"
	[ -z "$root" ] || return 0
	grep '^etc/tmpfiles\.d/' "$work/numbered" >"$work/tmpfiles" || return 0
	while read -r path _; do
		awk '$1 ~ /^d/ { print $2 }' "$dir/$path" >>"$work/directories"
	done <"$work/tmpfiles"
	while read -r path; do
		[ -d "$path" ] || echo tmpfiles >>"$work/actions"
	done <"$work/directories"
}
