#!/bin/sh
# Rehearses sites with every drill, one after the other, on a quiet machine:
#   rehearse-all.sh [SITE.yaml]...     without a site all examples
# A drill that has failed fails it; what this machine was too busy to judge is
# said, and is not taken for a pass.
set -eu
cd "$(dirname "$0")/.."
CGO_ENABLED=0 go build -o bin/lbgen ./cmd/lbgen
[ $# -gt 0 ] || set -- examples/*.yaml examples/fleet/*.yaml
failed='' unsure=''
for site; do
	grep -q '^version:' "$site" || continue # what several sites share
	echo "== $site"
	code=0
	bin/lbgen rehearse "$site" || code=$?
	case $code in
	0) ;;
	4) unsure="$unsure $site" ;;
	*) failed="$failed $site" ;;
	esac
done
[ -z "$unsure" ] || echo "this machine was too busy for:$unsure"
[ -z "$failed" ] || { echo "FAILED:$failed"; exit 1; }
