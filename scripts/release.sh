#!/bin/sh
# Builds a release of the checked-out commit into a folder: archives for every platform,
# deb and rpm, an OCI image, an SBOM and checksums. The same commit gives the same bytes.
#
#   scripts/release.sh DIR    the tools are in PATH: nfpm, cyclonedx-gomod, crane
set -eu
cd "$(dirname "$0")/.."
[ $# = 1 ] || { echo "usage: scripts/release.sh DIR" >&2; exit 2; }
mkdir -p "$1"
out=$(cd "$1" && pwd)
[ -z "$(ls "$out")" ] || { echo "release: $out is not empty" >&2; exit 1; }

work=$(mktemp -d)
registry=
clean() {
	[ -z "$registry" ] || kill "$registry"
	rm -rf "$work"
}
trap clean EXIT
trap 'exit 1' HUP INT TERM

export CGO_ENABLED=0 GOFLAGS=-buildvcs=true
SOURCE_DATE_EPOCH=$(git show -s --format=%ct HEAD)
export SOURCE_DATE_EPOCH
# A tag is the version; without one the commit is, of a version before all others.
VERSION=$(git describe --tags --exact-match --match 'v[0-9]*' 2>/dev/null) ||
	VERSION=v0.0.0-$(TZ=UTC0 git show -s --date=format-local:%Y%m%d%H%M%S --format=%cd HEAD).$(git rev-parse --short=12 HEAD)
VERSION=${VERSION#v}
export VERSION

# archive FILE FOLDER: the folder as a tar file that says nothing of who made it when
archive() {
	tar -C "$2" --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner --mode=u+rw,go+r,go-w -cf "$1" .
}

# What is the same for every platform.
SHARE=$work/share
export SHARE
mkdir -p "$SHARE/completion" "$SHARE/schema"
go run ./internal/gen/cli man "$SHARE/man"
gzip -n9 "$SHARE"/man/*
go build -trimpath -o "$work/lbgen" ./cmd/lbgen
"$work/lbgen" completion bash >"$SHARE/completion/lbgen.bash"
"$work/lbgen" completion zsh >"$SHARE/completion/_lbgen"
"$work/lbgen" completion fish >"$SHARE/completion/lbgen.fish"
"$work/lbgen" schema >"$SHARE/schema/lbgen.schema.json"
"$work/lbgen" schema --findings >"$SHARE/schema/lbgen.findings.json"
cp -r README.md CHANGELOG.md LICENSE docs examples "$SHARE"
find "$SHARE" -exec touch -d "@$SOURCE_DATE_EPOCH" {} + # nfpm keeps these times

# $PLATFORMS is the Makefile's.
for platform in ${PLATFORMS:?}; do
	os=${platform%/*} arch=${platform#*/} exe=
	[ "$os" != windows ] || exe=.exe
	STAGE=$work/$os-$arch
	mkdir -p "$STAGE/bin" "$work/archive"
	GOOS=$os GOARCH=$arch go build -trimpath -ldflags='-s -w' -o "$STAGE/bin/lbgen$exe" ./cmd/lbgen
	touch -d "@$SOURCE_DATE_EPOCH" "$STAGE/bin/lbgen$exe"
	name=lbgen_${VERSION}_${os}_$arch
	mkdir "$work/archive/$name"
	cp -r "$SHARE"/* "$STAGE/bin/lbgen$exe" "$work/archive/$name"
	archive "$work/$name.tar" "$work/archive"
	gzip -n9 <"$work/$name.tar" >"$out/$name.tar.gz"
	rm -rf "$work/archive" "$work/$name.tar"
	[ "$os" = linux ] || continue
	for kind in deb rpm; do
		STAGE=$STAGE ARCH=$arch nfpm package --config packaging/nfpm.yaml --packager "$kind" --target "$out/$name.$kind" >/dev/null
	done
done

# The image: lbgen alone, for who runs render, lint and prove in CI. crane puts images
# together in a registry; this one is in memory, on a port of its own.
crane registry serve --address 127.0.0.1:0 >"$work/registry.log" 2>&1 &
registry=$!
for _ in 1 2 3 4 5 6 7 8 9 10; do
	port=$(sed -n 's/.*port \([0-9][0-9]*\).*/\1/p' "$work/registry.log")
	[ -z "$port" ] || break
	sleep 0.5
done
repository=127.0.0.1:${port:?the registry did not start}/lbgen
manifests=
for arch in amd64 arm64; do
	archive "$work/layer.tar" "$work/linux-$arch"
	crane append --oci-empty-base --new_layer "$work/layer.tar" --new_tag "$repository:$arch"
	crane mutate "$repository:$arch" --tag "$repository:$arch" --set-platform "linux/$arch" --entrypoint /bin/lbgen --workdir /work \
		--label "org.opencontainers.image.version=$VERSION" --label "org.opencontainers.image.revision=$(git rev-parse HEAD)" \
		--label org.opencontainers.image.source=https://github.com/lbgen/lbgen --label org.opencontainers.image.licenses=Apache-2.0
	manifests="$manifests --manifest $repository:$arch"
done >"$work/image.log" 2>&1 || { cat "$work/image.log" >&2; exit 1; }
# shellcheck disable=SC2086 # a list of words
crane index append --tag "$repository:all" --docker-empty-base=false $manifests >"$work/image.log" 2>&1 || { cat "$work/image.log" >&2; exit 1; }
crane pull --format=oci "$repository:all" "$work/image"
archive "$work/image.tar" "$work/image"
gzip -n9 <"$work/image.tar" >"$out/lbgen_${VERSION}_image.oci.tar.gz"

cyclonedx-gomod app -json -licenses -std -noserial -notimestamp -output "$out/lbgen_${VERSION}_sbom.cdx.json" -main cmd/lbgen . 2>"$work/sbom.log" || {
	cat "$work/sbom.log" >&2
	exit 1
}
cd "$out"
sha256sum -- * >"$work/SHA256SUMS"
mv "$work/SHA256SUMS" .
