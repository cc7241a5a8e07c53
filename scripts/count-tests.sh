#!/bin/sh
# Counts the test cases that passed, subtests included, in what
# `go test -json ./...` wrote, and says which of an earlier run are gone.
#
#   go test -json ./... >new.json
#   scripts/count-tests.sh new.json [old.json]
#
# Exit code: 0; 1 where a case of the earlier run passes nowhere any more. A case
# that has moved to another package, or has the same name below another test, is
# named and counts as there.
set -eu
LC_ALL=C
export LC_ALL

# passed FILE prints "TEST PACKAGE", each once.
passed() {
	sed -n 's/.*"Action":"pass","Package":"\([^"]*\)","Test":"\(.*\)","Elapsed":.*/\2 \1/p' "$1" | sort -u
}

count() { wc -l <"$1" | tr -d ' '; }

[ $# -eq 1 ] || [ $# -eq 2 ] || {
	echo "usage: count-tests.sh NEW.json [OLD.json]" >&2
	exit 2
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed "$1" >"$work/new"
echo "$(count "$work/new") test cases passed"
[ $# -eq 2 ] || exit 0

passed "$2" >"$work/old"
echo "$(count "$work/old") before"
comm -13 "$work/new" "$work/old" >"$work/missing"
awk 'NR == FNR { sub(/ [^ ]*$/, "", $0); there[$0] = 1; next }
	{ test = $0; sub(/ [^ ]*$/, "", test); print (test in there ? "moved" : "gone"), $0 }' \
	"$work/new" "$work/missing" | sort >"$work/said"
cat "$work/said"
! grep -q '^gone ' "$work/said"
