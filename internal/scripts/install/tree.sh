
# --- the tree -----------------------------------------------------------------

read_manifest() {
	[ -f "$dir/MANIFEST" ] || refuse "$dir has no MANIFEST: the tree is not whole, copy it again"
	[ "$(sed -n 1p "$dir/MANIFEST")" = "# Made by lbgen from site $site for node $node. Do not edit." ] ||
		refuse "$dir/MANIFEST is not that of site $site, node $node"
	while read -r mode owner action sum path more; do
		case $mode in "#"*) continue ;; esac
		case /$path/ in *//* | */../* | */./*) more=bad ;; esac
		[ -z "$more" ] || refuse "$dir/MANIFEST is damaged at: $mode $owner $action $sum $path"
		printf '%s %s\n' "$path" "$sum" >>"$work/sums"
		case $path in
		*/*) printf '%s %s %s %s %s\n' "$path" "$mode" "${owner%:*}" "${owner#*:}" "$action" >>"$work/entries" ;;
		esac
	done <"$dir/MANIFEST"
}

# check_tree: what was tested is what is installed, or nothing is. A file with a
# secret has the sum of what it is with its secrets masked, and where they stand.
check_tree() {
	: >"$work/sha256"
	while read -r path sum; do
		if [ ! -f "$dir/$path" ] || [ -L "$dir/$path" ]; then
			problem "$dir/$path is missing: the tree is not whole, copy it again"
			continue
		fi
		case $sum in
		*@*) check_masked "$path" "${sum%@*}" "${sum#*@}" ;;
		*) printf '%s  %s\n' "$sum" "$path" >>"$work/sha256" ;;
		esac
	done <"$work/sums"
	refuse_problems
	(cd "$dir" && sha256sum --strict -c "$work/sha256") >"$work/out" 2>"$work/err" && return 0
	sed -n 's/: FAILED.*//p' "$work/out" >"$work/bad"
	while read -r path; do
		problem "$dir/$path is not what lbgen wrote: render it again, or copy it again"
	done <"$work/bad"
	refuse "$dir does not agree with its MANIFEST"
}

# check_masked PATH SUM STRETCHES: the last line has to end, or what was cut off
# behind a secret would not be missed.
check_masked() {
	set -- "$1" "$2" "$(masked "$dir/$1" "$3" | sha256sum)"
	if [ "${3%% *}" != "$2" ] || [ -n "$(tail -c 1 "$dir/$1")" ]; then
		problem "$dir/$1 is not what lbgen wrote: render it again, or copy it again"
	fi
}

# masked FILE STRETCHES prints the file with eight stars in place of each stretch,
# LINE:BEFORE:BEHIND, which are bytes. How long a secret is makes no difference.
masked() {
	awk -v stretches="$2" '
	BEGIN {
		n = split(stretches, s, ",")
		for (i = 1; i <= n; i++) { split(s[i], f, ":"); before[f[1]] = f[2]; behind[f[1]] = f[3] }
	}
	NR in before { $0 = substr($0, 1, before[NR]) "********" substr($0, length($0) - behind[NR] + 1) }
	{ print }' "$1"
}

# find_secrets keeps the secrets of the tree, for show: as they stand in their
# files, and without the quotes around them.
find_secrets() {
	: >"$work/secrets"
	while read -r path sum; do
		case $sum in *@*) ;; *) continue ;; esac
		awk -v stretches="${sum#*@}" '
		BEGIN {
			n = split(stretches, s, ",")
			for (i = 1; i <= n; i++) { split(s[i], f, ":"); before[f[1]] = f[2]; behind[f[1]] = f[3] }
		}
		NR in before { print substr($0, before[NR] + 1, length($0) - before[NR] - behind[NR]) }' "$dir/$path" >"$work/quoted"
		# Redis is told the length of its password first.
		sed -e "s/^'[$][0-9]*'\\\\r\\\\n\\('.*'\\)\\\\r\\\\n\$/\\1/" "$work/quoted" >"$work/words"
		sed -e 's/^"\(.*\)"$/\1/' -e t -e "s/^'\\(.*\\)'\$/\\1/" "$work/words" >"$work/unquoted"
		sed "s/'\\\\''/'/g" "$work/unquoted" | cat - "$work/unquoted" | grep . | sort -u >>"$work/secrets" || :
	done <"$work/sums"
}

in_tree() { grep -q "^$1" "$work/entries"; }

# serves SERVICE says whether the tree has the configuration of the service.
serves() {
	case $1 in
	haproxy) in_tree "${config#/}/haproxy\.cfg " ;;
	*) in_tree "etc/$1/" ;;
	esac
}
