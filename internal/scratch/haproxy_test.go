package scratch

import (
	"slices"
	"testing"
)

func TestNeeds(t *testing.T) {
	t.Parallel()
	const cfg = `global
    ca-base /etc/ca
    crt-base /etc/crt
frontend main
    bind :443 ssl crt site.pem ca-file clients.pem verify required
    bind :444 ssl crt /srv/certs/
    errorfile 503 /srv/503.http
resolvers dns
    parse-resolv-conf
    http-request return status 200 content-type text/html file /srv/page.html if { src -f /srv/nets }
    use_backend %[req.hdr(host),lower,map_dom(/srv/hosts.map,app)]
backend app
    server a 10.0.0.1:443 ssl ca-file @system-ca verify required
    server b 10.0.0.1:443 ssl ca-file /etc/ca/clients.pem verify required
`
	want := []need{
		{"certificate", "crt", "/etc/crt/site.pem"}, {"certificate", "ca-file", "/etc/ca/clients.pem"}, {"certificate", "crt", "/srv/certs/"},
		{"page", "errorfile", "/srv/503.http"}, {"name servers", "parse-resolv-conf", "/etc/resolv.conf"},
		{"page", "file", "/srv/page.html"}, {"list", "-f", "/srv/nets"}, {"list", "map", "/srv/hosts.map"},
	}
	if got := needs([]byte(cfg)); !slices.Equal(got, want) {
		t.Errorf("got %v\nwant %v", got, want)
	}
}
