package scripts_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/artifact"
	conf "github.com/lbgen/lbgen/internal/conf/keepalived"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/render"
	"github.com/lbgen/lbgen/internal/scripts"
	"github.com/lbgen/lbgen/internal/testbox"
)

func prslbInstall() render.Install {
	return render.Install{
		Addresses: []render.Address{{Device: "ens192", IP: "172.16.10.71"}, {Device: "ens224", IP: "172.16.110.71"}},
		VIPs:      []render.Address{{Device: "ens224", IP: "172.16.110.70"}},
		Peers:     []string{"prslb02"},
		Ports:     []render.Port{{Number: 80, Bind: true}, {Number: 8080}, {Number: 8404, Bind: true}},
		Known:     "debian12,rocky9",
		Words: &render.Words{
			Agreed: strings.Join(conf.Agreed(), ","), Decides: strings.Join(conf.Decides(), ","), Lists: strings.Join(conf.Lists(), ","),
			Usual: strings.ReplaceAll(strings.Join(conf.Defaults(), ","), " ", ":"),
		},
	}
}

const (
	haproxyCfg = `global
    user haproxy
    group haproxy
    chroot /var/lib/haproxy
defaults
    mode http
    timeout connect 3s
    timeout client 5s
    timeout server 5s
    errorfile 503 /etc/haproxy/pages/sorry.http
frontend main
    bind 172.16.110.70:80
    default_backend app
frontend stats
    bind 172.16.10.71:8404
    stats enable
backend app
    server a 192.168.50.61:8080 check
`
	keepalivedConf = `global_defs {
    router_id LB_01
}
vrrp_instance VI_1 {
    state BACKUP
    interface ens224
    virtual_router_id 1
    priority 100
    authentication {
        auth_type PASS
        auth_pass s3cr3tpw
    }
    virtual_ipaddress {
        172.16.110.70/24
    }
}
`
)

// tree is a node's tree in the making: path -> file.
type tree map[string]artifact.File

func (tr tree) put(path, text string, action artifact.Action) tree {
	tr[path] = artifact.File{Path: path, Mode: 0o644, Owner: "root", Group: "root", Action: action, Data: []byte(text)}
	return tr
}

// prslb is a tree with a file of each action.
func prslb() tree {
	tr := tree{}
	tr.put("etc/haproxy/haproxy.cfg", haproxyCfg, artifact.ReloadHAProxy)
	tr.put("etc/haproxy/pages/sorry.http", "HTTP/1.0 503 Sorry\r\n\r\nsorry\n", artifact.ReloadHAProxy)
	tr.put("etc/keepalived/keepalived.conf", keepalivedConf, artifact.ReloadKeepalived)
	tr.put("etc/default/keepalived", "DAEMON_ARGS=\"-D -S 0\"\n", artifact.RestartKeepalived)
	tr.put("etc/sysctl.d/99-nonlocal_bind.conf", "net.ipv4.ip_nonlocal_bind = 1\n", artifact.Sysctl)
	tr.put("etc/rsyslog.d/49-haproxy.conf", "local2.* /var/log/haproxy/haproxy.log\n", artifact.RestartRsyslog)
	tr.put("etc/logrotate.d/haproxy", "/var/log/haproxy/haproxy.log {\n daily\n missingok\n}\n", artifact.None)
	tr.put("etc/tmpfiles.d/lbgen.conf", "d /var/log/haproxy 0750 root adm -\n", artifact.Tmpfiles)
	tr.put("etc/systemd/system/haproxy.service.d/override.conf", "[Unit]\nBefore=keepalived.service\n", artifact.DaemonReload)
	return tr.hide("etc/keepalived/keepalived.conf", "s3cr3tpw")
}

// hide makes the first place where the file has the text a secret.
func (tr tree) hide(path, text string) tree {
	f := tr[path]
	at := strings.Index(string(f.Data), text)
	f.Mode, f.Secrets = 0o600, []artifact.Secret{{Start: at, End: at + len(text), Known: true}}
	tr[path] = f
	return tr
}

// ship writes the tree with its scripts and MANIFEST as scp would leave it, all
// modes wrong, and returns the path of install.sh.
func (tr tree) ship(t *testing.T, zones ...render.Zone) string {
	t.Helper()
	platform, _ := model.PlatformNamed("debian12")
	node := render.Node{Site: "prslb", Name: "prslb01", Platform: platform, Install: prslbInstall(), Firewall: render.Firewall{Zones: zones}}
	tr.put("install.sh", string(scripts.Install()), artifact.Tool)
	tr.put("firewalld.sh", string(scripts.Firewalld()), artifact.Tool)
	tr.put("node.table", table(t, "install/node.table.tmpl", node), artifact.Tool)
	tr.put("firewalld.table", table(t, "firewalld/firewalld.table.tmpl", node), artifact.Firewall)
	var files []artifact.File
	for _, f := range tr {
		files = append(files, f)
	}
	set, err := artifact.New("prslb", "prslb01", artifact.Host{}, files)
	if err != nil {
		t.Fatal(err)
	}
	return shipSet(t, set)
}

func shipSet(t *testing.T, set artifact.Set) string {
	t.Helper()
	dir := t.TempDir()
	for _, f := range set.Files {
		testbox.Write(t, filepath.Join(dir, f.Path), string(f.Data), 0o640)
	}
	testbox.Write(t, filepath.Join(dir, artifact.ManifestName), string(set.Manifest()), 0o640)
	return filepath.Join(dir, "install.sh")
}

// upgraded is a tree in which every kind of change is due after prslb.
func upgraded() tree {
	tr := prslb()
	delete(tr, "etc/logrotate.d/haproxy")
	tr.put("etc/haproxy/haproxy.cfg", haproxyCfg+"# new\n", artifact.ReloadHAProxy)
	tr.put("etc/default/keepalived", "new\n", artifact.RestartKeepalived)
	tr.put("etc/rsyslog.d/49-haproxy.conf", "local3.* /x\n", artifact.RestartRsyslog)
	tr.put("etc/haproxy/more/new.http", "new\n", artifact.ReloadHAProxy)
	tr.put("etc/sysctl.d/99-nonlocal_bind.conf", "net.ipv4.ip_nonlocal_bind = 0\n", artifact.Sysctl)
	return tr.put("etc/tmpfiles.d/lbgen.conf", "d /var/log/haproxy 0700 root root -\n", artifact.Tmpfiles)
}

// keepalived is the tree with another keepalived.conf; its passwords are secrets.
func (tr tree) keepalived(text string) tree {
	tr.put("etc/keepalived/keepalived.conf", text, artifact.ReloadKeepalived)
	f := tr["etc/keepalived/keepalived.conf"]
	_, after, _ := strings.Cut(text, "auth_pass ")
	value, _, _ := strings.Cut(after, "\n")
	at := len(text) - len(after)
	f.Mode, f.Secrets = 0o600, []artifact.Secret{{Start: at, End: at + len(value), Known: true}}
	tr["etc/keepalived/keepalived.conf"] = f
	return tr
}
