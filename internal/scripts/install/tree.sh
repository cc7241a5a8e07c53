
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

# check_tree: what was tested is what is installed, or nothing is.
check_tree() {
	: >"$work/sha256"
	while read -r path sum; do
		if [ ! -f "$dir/$path" ] || [ -L "$dir/$path" ]; then
			problem "$dir/$path is missing: the tree is not whole, copy it again"
		elif [ "$sum" != - ]; then
			printf '%s  %s\n' "$sum" "$path" >>"$work/sha256"
		elif [ ! -s "$dir/$path" ]; then
			problem "$dir/$path is empty: the tree is not whole, copy it again"
		fi
	done <"$work/sums"
	refuse_problems
	(cd "$dir" && sha256sum --strict -c "$work/sha256") >"$work/out" 2>"$work/err" && return 0
	sed -n 's/: FAILED.*//p' "$work/out" >"$work/bad"
	while read -r path; do
		problem "$dir/$path is not what lbgen wrote: render it again, or copy it again"
	done <"$work/bad"
	refuse "$dir does not agree with its MANIFEST"
}

in_tree() { grep -q "^$1" "$work/entries"; }

# serves SERVICE says whether the tree has the configuration of the service.
serves() {
	case $1 in
	haproxy) in_tree "${config#/}/haproxy\.cfg " ;;
	*) in_tree "etc/$1/" ;;
	esac
}
