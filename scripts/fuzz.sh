#!/bin/sh
# Runs every fuzz target of the module, one after the other, for the time that
# is given: scripts/fuzz.sh 30s
set -eu
found=$(go test -list '^Fuzz' ./...)
echo "$found" | awk '/^Fuzz/ { names = names " " $1 } /^ok/ { n = split(names, name); for (i = 1; i <= n; i++) print $2, name[i]; names = "" }' |
	while read -r package target; do
		echo "== $package $target"
		go test "$package" -run '^$' -fuzz "^$target\$" -fuzztime "$1" -fuzzminimizetime 100x </dev/null
	done
