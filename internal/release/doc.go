// Package release holds tests alone: of what make release-snapshot builds. The deb is
// installed into a fresh Debian and used there, the rpm is read by rpm, the image is
// taken apart, and all of it is built once more and compared.
package release
