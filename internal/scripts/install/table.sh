
# --- node.table ---------------------------------------------------------------

# What lbgen knows of the node: a key and one or two words on each line. Every
# word is looked at before it is used, for some become parts of file names.

site=
node=
platform=
program=
config=

# is_word: letters, digits, _ . and -, with a letter or digit first.
is_word() { case $1 in "" | [!A-Za-z0-9]* | *[!A-Za-z0-9_.-]*) return 1 ;; esac }
is_path() { case $1/ in [!/]* | *//* | */../* | */./* | *[!A-Za-z0-9_.@+/-]*) return 1 ;; esac }
is_address() { case $1 in "" | *[!0-9A-Fa-f:.]*) return 1 ;; esac }
is_list() { case $1 in "" | *[!A-Za-z0-9_.:,-]*) return 1 ;; esac }
is_port() { case $1 in "" | ??????* | *[!0-9]*) return 1 ;; esac }

# is_row KEY FIRST SECOND says whether it is a row that lbgen writes.
is_row() {
	case $1-$3 in
	site- | node- | platform- | peer-) is_word "$2" ;;
	known- | agreed- | decides- | lists- | usual-) is_list "$2" ;;
	config- | needs-) is_path "$2" ;;
	program-) [ "$2" = haproxy ] || is_path "$2" ;;
	address-?* | vip-?*) is_word "$2" && is_address "$3" ;;
	port-?*) { [ "$2" = bind ] || [ "$2" = connect ]; } && is_port "$3" ;;
	*) return 1 ;;
	esac
}

read_table() {
	[ -f "$dir/node.table" ] || refuse "$dir has no node.table: the tree is not whole, copy it again"
	while read -r key first second more; do
		case $key in "" | "#"*) continue ;; esac
		if [ -n "$more" ] || ! is_row "$key" "$first" "$second"; then
			refuse "$dir/node.table is damaged at: $key $first $second $more"
		fi
		case $key in
		site) site=$first ;;
		node) node=$first ;;
		platform) platform=$first ;;
		program) program=$first ;;
		config) config=$first ;;
		known | agreed | decides | lists) printf '%s\n' "$first" | tr , '\n' >>"$work/$key" ;;
		usual) printf '%s\n' "$first" | tr ,: '\n ' >>"$work/usual" ;;
		*) printf '%s\n' "$first${second:+ $second}" >>"$work/$key" ;;
		esac
	done <"$dir/node.table"
	for word in "$site" "$node" "$platform" "$program" "$config"; do
		[ -n "$word" ] || refuse "$dir/node.table is not whole: copy the tree again"
	done
	installed=$lib/$site.manifest
	pending=$lib/$site.pending
	former=$site
}
