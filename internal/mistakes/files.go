package mistakes

// InFiles is a mistake in files written by hand that a daemon speaks of by itself, so that
// `lbgen check` of the pair shows it.
type InFiles struct {
	ID string
	// Fragment is a piece of the files of two nodes, as internal/pair/rules reads one.
	Fragment string
	Says     string // a part of what the daemon says
	// Cut is true where the last line feed is missing.
	Cut bool
}

// SaidOfFiles returns what the daemons themselves say of files written by hand.
func SaidOfFiles() []InFiles {
	front := func(lines string) string {
		return "\nfrontend main\n    bind 192.0.2.10:80\n" + lines + "    default_backend app\n"
	}
	back := func(lines string) string {
		return "\nbackend app\n    option httpchk\n    http-check send meth GET uri /ready\n    http-check expect status 200\n" + lines
	}
	const noPeer = "\npeers others\n    peer somebody 192.0.2.9:10000\n\nbackend app\n    stick-table type ip size 1k peers others\n    " +
		"stick on src\n    server a 192.0.2.21:80 check\n"
	return []InFiles{
		{ID: "KA20", Fragment: "\n// what follows is new\nvrrp_script other {\n    script /bin/true\n}\n", Says: "Unknown keyword"},
		{ID: "KA21", Fragment: "\nvrrp_script alive {\n    script /bin/true\n    interval 2\n    rise 2\n    fall 2\n", Says: "missing"},
		{ID: "XN20", Fragment: noPeer, Says: "no peer named 'lb1'"},
		{ID: "HA03", Fragment: front("    timeout client 30sec\n"), Says: "unexpected character"},
		{ID: "HA13", Fragment: front("") + "\nglobal # once more\n    maxconn 100\n", Says: "already specified"},
		{ID: "HA14", Cut: true, Says: "Missing LF on last line"},
		{ID: "HA24", Fragment: front("    use_backend app if { path /x }\n    http-request deny if { path /y }\n"),
			Says: "still be processed before"},
		{ID: "HA25", Fragment: "\nfrontend nothing\n    default_backend app\n", Says: "no 'bind' directive"},
		{ID: "HA48", Fragment: back("    server a 192.0.2.21 check\n"), Says: "neither service port nor check port"},
		{ID: "HA50", Fragment: "\nbackend app\n    option external-check\n    external-check command /bin/true\n" +
			"    server a 192.0.2.21:80 check\n", Says: "external-check"},
		{ID: "HA83", Fragment: noPeer, Says: "Removing incomplete section 'peers others'"},
		{ID: "TL02", Fragment: front("    bind 192.0.2.10:443 ssl\n"), Says: "no SSL certificate specified"},
		{ID: "TL04", Fragment: back("    server a 192.0.2.21:443 check ssl\n"), Says: "no CA file specified"},
	}
}
