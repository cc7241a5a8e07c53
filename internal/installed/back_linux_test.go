package installed_test

import (
	"strconv"
	"strings"
	"testing"
)

// undo goes back from the second tree to the first, under load.
func (w *way) undo(t *testing.T) {
	w.client.loses(t, 0, func() {
		for _, node := range []string{"prslb02", "prslb01"} {
			list := strings.Fields(w.ssh(t, 0, node, "sh "+node+"/install.sh --list"))
			dry := w.ssh(t, 0, node, "sh "+node+"/install.sh --undo --dry-run")
			has(t, dry, "back to /var/lib/lbgen/backup/000002-", "put back  /etc/haproxy/haproxy.cfg")
			said := w.ssh(t, 0, node, "sh "+node+"/install.sh --undo")
			has(t, said, "this node is as it was before the run that made /var/lib/lbgen/backup/000002-")
			has(t, strings.Join(list, " "), "/backup/000001-", "/backup/000002-")
		}
	})
	both(func(node string) { w.well(t, w.first, node) })
	w.stays(t, "prslb01")
	w.client.isServed(t)
}

// backups are how many the node has.
func (w *way) backups(t *testing.T, node string) int {
	t.Helper()
	n, err := strconv.Atoi(strings.TrimSpace(w.must(t, node, "ls /var/lib/lbgen/backup | wc -l")))
	ok(t, err)
	return n
}

// removal undoes every run: then the nodes are as they were before the site came.
func (w *way) removal(t *testing.T) {
	for _, node := range []string{"prslb02", "prslb01"} {
		for range w.backups(t, node) {
			w.ssh(t, 0, node, "sh "+node+"/install.sh --undo")
		}
	}
	if got := w.masters(); got != "" {
		t.Errorf("%s has the virtual IP of a site that is gone", got)
	}
	if after := w.configured(t, "/etc") + w.daemons(t, "ActiveState", "UnitFileState"); after != w.bare {
		t.Errorf("the nodes are not as they were before the site:\n%s", lines(w.bare, after))
	}
}

// byHand is a pair as an admin has written it.
const byHand = `
cat >/etc/haproxy/haproxy.cfg <<END
# our load balancer
global
    log /dev/log local0
    user haproxy
    group haproxy
defaults
    mode http
    timeout connect 3s
    timeout client 30s
    timeout server 30s
listen main
    bind 172.16.110.70:80
    server a 192.168.50.61:80 check
    server b 192.168.50.62:80 check
END
cat >/etc/keepalived/keepalived.conf <<END
vrrp_instance VI_1 {
    interface ens224
    state BACKUP
    nopreempt
    virtual_router_id 1
    priority $priority
    advert_int 1
    authentication {
        auth_type PASS
        auth_pass passw123
    }
    virtual_ipaddress {
        172.16.110.70/24
    }
}
END
chmod 600 /etc/keepalived/keepalived.conf
chown root:haproxy /etc/haproxy/haproxy.cfg
chmod 640 /etc/haproxy/haproxy.cfg
echo 'net.ipv4.ip_nonlocal_bind=1' >/etc/sysctl.d/50-by-hand.conf
sysctl -q -p /etc/sysctl.d/50-by-hand.conf
echo '/var/log/haproxy.log { daily }' >/etc/logrotate.d/haproxy
systemctl enable --quiet haproxy keepalived
systemctl restart haproxy keepalived
`

// takeOver installs the site where a pair written by hand serves, and goes back.
func (w *way) takeOver(t *testing.T) {
	w.must(t, "prslb01", "priority=100\n"+byHand)
	w.becomes(t, "prslb01")
	w.must(t, "prslb02", "priority=90\n"+byHand)
	w.client.isServed(t)
	before := w.configured(t, "/etc") + w.daemons(t, "ActiveState", "UnitFileState")
	old := map[string]string{}
	lost := w.foreseen(t, "prslb01 is lost")
	w.within(t, lost, func() {
		for _, node := range []string{"prslb02", "prslb01"} {
			old[node] = w.must(t, node, "cd /; sha256sum "+taken)
			w.install(t, 0, w.first, node)
		}
		w.client.isServed(t)
	})
	both(func(node string) {
		w.well(t, w.first, node)
		kept := w.must(t, node, "cd /var/lib/lbgen/backup/; cd $(ls | tail -n 1); sha256sum "+taken)
		if kept != old[node] {
			t.Errorf("%s: the backup has not what was there:\n%s", node, lines(old[node], kept))
		}
	})
	w.within(t, lost, func() {
		for _, node := range []string{"prslb02", "prslb01"} {
			w.ssh(t, 0, node, "sh "+node+"/install.sh --undo")
		}
		w.client.isServed(t)
	})
	if after := w.configured(t, "/etc") + w.daemons(t, "ActiveState", "UnitFileState"); after != before {
		t.Errorf("the nodes are not as they were by hand:\n%s", lines(before, after))
	}
}

// taken are the files of the hand-written pair whose places the site takes.
const taken = "etc/haproxy/haproxy.cfg etc/keepalived/keepalived.conf etc/logrotate.d/haproxy"
