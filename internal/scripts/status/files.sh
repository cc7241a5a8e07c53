
# --- files --------------------------------------------------------------------

# kind_of FILE
kind_of() {
	if [ -L "$1" ]; then
		echo link
	elif [ ! -e "$1" ]; then
		echo absent
	elif [ -f "$1" ]; then
		echo file
	elif [ -d "$1" ]; then
		echo folder
	else
		echo other
	fi
}

# tell_file SUM PATH: the content is told where it has another sum.
tell_file() {
	kind=$(kind_of "/$2")
	if [ "$kind" != file ]; then
		row file "$kind" - - - - "$2"
		return 0
	fi
	state=$(stat -c '%a %U:%G %Y' "/$2")
	if grep -q 'PRIVATE KEY-----' "/$2"; then
		row file file "$state" - "$2"
		row content "$2"
		without_key "/$2" | base64 | sed 's/^/ /'
		return 0
	fi
	sum=$(sha256sum <"/$2" | cut -d ' ' -f 1)
	row file file "$state" "$sum" "$2"
	[ "$sum" = "$1" ] || {
		row content "$2"
		content "/$2"
	}
}

# without_key FILE prints a PEM file with stars in place of each line of its key.
without_key() {
	awk '/^-----END .*PRIVATE KEY-----/ { key = 0 } { print (key ? "********" : $0) } /^-----BEGIN .*PRIVATE KEY-----/ { key = 1 }' "$1"
}

# tell_notes tells what install.sh has noted.
tell_notes() {
	for manifest in /var/lib/lbgen/*.manifest; do
		[ -f "$manifest" ] || continue
		other=${manifest##*/}
		row installed "${other%.manifest}"
		[ "$other" != "$1.manifest" ] || content "$manifest"
	done
	[ ! -e "/var/lib/lbgen/$1.pending" ] || row pending "$(tr '\n' ' ' <"/var/lib/lbgen/$1.pending")"
	[ ! -e /var/lib/lbgen/applying ] || row applying "$(sed -n 's/^site //p' /var/lib/lbgen/applying)"
}

# tell_certificates PATH: a file, or a folder of which HAProxy reads all that is not
# something else by its name. A private key is not told, nor is its sum.
tell_certificates() {
	if [ ! -d "$1" ]; then
		tell_certificate "$1"
		return 0
	fi
	row folder "$1"
	for pem in "${1%/}"/*; do
		case $pem in *.key | *.issuer | *.ocsp | *.sctl | *.dh) continue ;; esac
		[ ! -f "$pem" ] || tell_certificate "$pem"
	done
}

tell_certificate() {
	if [ ! -f "$1" ]; then
		row certificate absent - - - "$1"
		return 0
	fi
	key=without
	! grep -q 'PRIVATE KEY-----' "$1" || key=with
	row certificate "$key" "$(stat -L -c '%a %U:%G %Y' "$1")" "$1"
	certificates_of "$1"
	[ -z "$socket" ] || { row loaded "$1" && ask_haproxy "show ssl cert $1" | sed 's/^/ /'; }
}

certificates_of() { awk '/^-----BEGIN CERTIFICATE-----/ { on = 1 } on { print " " $0 } /^-----END CERTIFICATE-----/ { on = 0 }' "$1"; }
