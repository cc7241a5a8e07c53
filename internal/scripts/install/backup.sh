
# --- the backup ---------------------------------------------------------------
# Each is a folder of its own, NUMBER-TIME: the number only grows, and the time is
# for the reader. In it are the files as they were, at their own paths; list,
# which says of each "WHAT SUM PATH" (file, link, or absent: it was not there);
# and journal, which gets a line before each further step, with the way back.
# What is not on a finished list is never put back.

# same A B says whether two files are the same, links by where they point.
same() {
	if [ -L "$1" ] || [ -L "$2" ]; then
		[ "$(readlink "$1")" = "$(readlink "$2")" ]
	else
		cmp -s "$1" "$2"
	fi
}

# all_backups prints the folders of all finished backups, the oldest first. Those
# that have a time only are of an earlier lbgen.
all_backups() {
	for folder in "$backups"/*Z.[0-9]* "$backups"/[0-9][0-9][0-9][0-9][0-9][0-9]-*; do
		[ ! -d "$folder" ] || printf '%s\n' "$folder"
	done
}

next_number() {
	all_backups | awk -F / '$NF ~ /^[0-9][0-9][0-9][0-9][0-9][0-9]-/ { last = $NF + 0 } END { printf "%06d", last + 1 }'
}

# back_up saves what the plan is about to change, and the notes. A run that was
# cut off has a backup already: what is in there is how it was, and is kept.
back_up() {
	(umask 022 && mkdir -p "$root/var/lib") && mkdir -p "$backups" && rm -rf "$backups/.new" "$backups/.gone" || return 1
	fresh=$backups/.new
	mkdir "$fresh" && : >"$fresh/.list" || return 1
	{ [ -z "$base" ] || cp "$base/journal" "$fresh/journal"; } && touch "$fresh/journal" || return 1
	paths_to_save | awk '!seen[$0]++' >"$work/save" || return 1
	while read -r path; do
		save "$path" || { echo "$root/$path cannot be saved" && return 1; }
	done <"$work/save"
	find "$fresh" ! -type l -exec sync {} + && printf '# Saved by install.sh of lbgen for site %s.\n' "$site" | cat - "$fresh/.list" >"$fresh/list" &&
		[ "$(wc -l <"$fresh/list")" -gt "$(wc -l <"$work/save")" ] || return 1
	backup=$backups/$(next_number)-$(date -u +%Y%m%dT%H%M%SZ)
	rm -f "$fresh/.list" && sync "$fresh/list" "$fresh/journal" "$fresh" && mv "$fresh" "$backup" && sync "$backups"
}

paths_to_save() {
	[ -z "$base" ] || listed "$base/list" | cut -d ' ' -f 3
	cut -d ' ' -f 2 "$work/plan"
	for note in "$site" "$replace"; do
		printf 'var/lib/lbgen/%s\n' "$note.manifest" "$note.pending" "$note.firewalld"
	done
	[ ! -s "$work/firewall" ] || zone_files
}

listed() { grep -v '^#' "$1"; }

# zone_files: firewalld writes a file for each zone that it changes, keeps the one
# before as .old, and copies its own zones when they are changed first.
zone_files() {
	for file in "$root/etc/firewalld/zones"/*.xml "$root/usr/lib/firewalld/zones"/*.xml; do
		[ ! -e "$file" ] || printf 'etc/firewalld/zones/%s\n' "${file##*/}" "${file##*/}.old"
	done | sort -u
}

is_listed() { awk -v path="$2" '$3 == path { found = 1 } END { exit !found }' "$1"; }

# all_listed says whether the backup has all that the plan changes.
all_listed() {
	awk 'FILENAME == ARGV[1] { listed[$3]; next }
		!($2 in listed) { print "/" $2 " is not in it"; bad = 1 }
		END { exit bad }' "$backup/list" "$work/plan"
}

# save PATH copies one file into the new backup and compares the copy.
save() {
	from=$root/$1
	[ -z "$base" ] || ! is_listed "$base/list" "$1" || from=$base/$1
	if [ ! -e "$from" ] && [ ! -L "$from" ]; then
		printf 'absent - %s\n' "$1" >>"$fresh/.list"
		return "$?"
	fi
	mkdir -p "$fresh/${1%/*}" && cp -a "$from" "$fresh/$1" && same "$from" "$fresh/$1" || return 1
	what="link -"
	[ -L "$from" ] || what="file $(sum_of "$fresh/$1")" || return 1
	printf '%s %s\n' "$what" "$1" >>"$fresh/.list"
}

sum_of() { sha256sum <"$1" | cut -d ' ' -f 1; }

# find_cut_off sets base to the backup of a run that was cut off after it had
# begun to change files, and cut_replace to the site that it was to replace.
find_cut_off() {
	[ -e "$marker" ] || return 0
	base=$backups/$(sed -n 's/^backup //p' "$marker")
	cut_replace=$(sed -n 's/^replace //p' "$marker")
	[ -n "$replace" ] || replace=$cut_replace
	owner=$(sed -n 's/^site //p' "$marker")
	[ "$owner" = "$site" ] ||
		refuse "an installation of site $owner was cut off on this machine: run its install.sh again, or with --undo"
	[ -e "$base/list" ] || refuse "$marker names the backup $base, which is not there: docs/install.md says what to do"
}

# begin marks that the files are about to be changed, and by which backup they
# can be put back.
begin() {
	{
		printf 'site %s\nbackup %s\n' "$site" "${backup##*/}"
		[ "$replace" = "$site" ] || printf 'replace %s\n' "$replace"
	} >"$marker.new" && sync "$marker.new" && mv -f "$marker.new" "$marker" && sync "$lib"
}

# journal WORD... notes a step with its way back before it is done.
journal() { printf '%s\n' "$*" >>"$backup/journal" && sync "$backup/journal"; }

journaled() { grep "^$1 " "$backup/journal" | cut -d ' ' -f 2-; }

# drop FOLDER removes a backup, which is no backup any more from its first step on.
drop() { rm -rf "$backups/.gone" && mv "$1" "$backups/.gone" && sync "$backups" && rm -rf "$backups/.gone"; }

# forget_old_backups keeps the first, which has the machine as it was before
# lbgen, and the last five.
forget_old_backups() {
	all_backups >"$work/backups"
	count=$(wc -l <"$work/backups")
	[ "$count" -gt 6 ] || return 0
	oldest=$(sed -n 1p "$work/backups")
	sed -n "2,$((count - 5))p" "$work/backups" | while read -r folder; do
		{ hand_on "$folder" && drop "$folder"; } || warn "the old backup $folder cannot be removed"
	done
}

# hand_on FOLDER gives the first backup what it has not: the files that a later run
# was the first to change, and the ways back of its steps. Those of a firewall are
# with firewalld.sh.
hand_on() {
	[ -e "$1/list" ] && [ -e "$oldest/list" ] || return 0 # of an earlier lbgen
	awk 'FILENAME == ARGV[1] { has[$3]; next } !/^#/ && !($3 in has)' "$oldest/list" "$1/list" >"$work/handed" &&
		hand_on_files "$1" <"$work/handed" && grep -v '^firewall ' "$1/journal" | cat "$oldest/journal" - >"$oldest/journal.new" &&
		cat "$oldest/list" "$work/handed" >"$oldest/list.new" && sync "$oldest/journal.new" "$oldest/list.new" &&
		mv -f "$oldest/journal.new" "$oldest/journal" && mv -f "$oldest/list.new" "$oldest/list" && sync "$oldest"
}

hand_on_files() {
	while read -r what _ path; do
		[ "$what" != absent ] || continue
		mkdir -p "$oldest/${path%/*}" && cp -a "$1/$path" "$oldest/$path" && same "$1/$path" "$oldest/$path" || return 1
		[ "$what" = link ] || sync "$oldest/$path" || return 1
	done
}

list_backups() {
	all_backups >"$work/backups"
	[ -s "$work/backups" ] || say "there is no backup in $backups"
	while read -r folder; do
		if [ -e "$folder/list" ]; then
			say "$folder  $(grep -c -e '^file' -e '^link' "$folder/list") files, $(sed -n 's/^# Saved by .* for \(site .*\)\.$/\1/p' "$folder/list")"
		else
			say "$folder  of an earlier lbgen: to be put back by hand"
		fi
	done <"$work/backups"
	[ ! -e "$marker" ] || say "an installation was cut off: --undo goes back to $(sed -n 's/^backup //p' "$marker")"
}
