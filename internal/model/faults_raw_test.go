package model_test

import (
	"strings"
	"testing"
)

// rawFaults are raw lines that would leave their section.
func rawFaults() []fault {
	global := func(lines string) string { return "global: {raw: §" + lines + "}\nstats: {" }
	vrrp := func(lines string) string { return "    virtual_router_id: 1\n    raw: §" + lines + "\n" }
	const id = "    virtual_router_id: 1\n"
	return []fault{
		{"section in global", "stats: {", global(`"spread-checks 5\nfrontend x"`), "bad-value",
			[]string{"raw line 2 (frontend …)", "opens another section"}},
		{"section in defaults", "stats: {", "defaults: {raw: §listen x}\nstats: {", "bad-value", []string{"raw line 1 (listen …)"}},
		{"section of a newer version", "stats: {", global("crt-store x"), "bad-value", []string{"opens another section"}},
		{"section in a frontend", "    default_backend: app", "    default_backend: app\n    raw: §|\n      option socket-stats\n      " +
			"backend x", "bad-value", []string{"raw line 2 (backend …)"}},
		{"section in a backend", "    retries: 1", "    retries: 1\n    raw: §'  peers x'", "bad-value", []string{"raw line 1 (peers …)"}},
		{"section behind no", "stats: {", global("no frontend x"), "bad-value", []string{"opens another section"}},
		{"section in quotes", "stats: {", global(`'"frontend" x'`), "bad-value", []string{"begins with a quoted word"}},
		{"section quoted in part", "stats: {", global(`"fron't'end x"`), "bad-value", []string{"begins with a quoted word"}},
		{"section escaped", "stats: {", global(`'\x66rontend x'`), "bad-value", []string{"begins with a quoted word"}},
		{"section from the environment", "stats: {", global(`'"$X" x'`), "bad-value", []string{"begins with a quoted word"}},
		{"quoted section behind no", "stats: {", global(`'no "frontend" x'`), "bad-value", []string{"opens another section"}},
		{"open quote", "stats: {", global(`'description "a b'`), "bad-value", []string{"has a quote that nothing closes"}},
		{"open single quote", "stats: {", global(`"description it's"`), "bad-value", []string{"has a quote that nothing closes"}},
		{"backslash at the end", "stats: {", global(`'description a\'`), "bad-value", []string{"ends with a backslash"}},
		{".if alone", "stats: {", global(`.if 1`), "bad-value", []string{".if without .endif"}},
		{".endif alone", "stats: {", global(`".endif\n.if 1"`), "bad-value", []string{".if without .endif"}},
		{"one .if for two places", "    retries: 1", "    retries: 1\n    raw: §\".if 1\\ndefault-server tfo\\nhttp-request allow\\n.endif\"",
			"bad-value", []string{"act at different places"}},
		{"a second default_backend", "    default_backend: app", "    default_backend: app\n    raw: §default_backend other", "bad-value",
			[]string{"has no effect beside the field"}},
		{"a second request of a check", "    retries: 1", "    retries: 1\n    raw: §http-check send hdr A b", "bad-value",
			[]string{"would send a second request"}},

		{"brace that closes ours", id, vrrp(`"}"`), "bad-value", []string{"closes a block that lbgen has opened"}},
		{"brace in the middle of a line", id, vrrp(`"debug 2 } vrrp_instance x {"`), "bad-value",
			[]string{"closes a block that lbgen has opened"}},
		{"brace that stays open", id, vrrp(`"track_bfd {"`), "bad-value", []string{"open a block", "1 } too few"}},
		{"brace in a comment", id, vrrp(`"track_bfd { # }"`), "bad-value", []string{"brace in quotes or in a comment"}},
		{"brace in quotes", id, vrrp(`'notify "}"'`), "bad-value", []string{"brace in quotes or in a comment"}},
		{"quote in Keepalived", id, vrrp(`'notify "x'`), "bad-value", []string{"has a quote that nothing closes"}},
		{"backslash in Keepalived", id, vrrp(`'debug 2 \'`), "bad-value", []string{"has a backslash"}},
		{"include", id, vrrp(`include /etc/keepalived/x`), "bad-value", []string{"includes another file"}},
		{"definition", id, vrrp(`$X=1`), "bad-value", []string{"begins with $"}},
		{"condition in global_defs", "stats: {", "keepalived: {raw: §'@lb1 dynamic_interfaces'}\nstats: {", "bad-value",
			[]string{"begins with @"}},
	}
}

func TestRawStaysInItsSection(t *testing.T) { checkFaults(t, rawFaults()) }

// TestRawIsFine wants no finding where the table above has a near miss.
func TestRawIsFine(t *testing.T) {
	for _, c := range []struct{ name, old, new string }{
		{"comment with an apostrophe", "stats: {", "global: {raw: \"description a # it's\"}\nstats: {"},
		{"section in an argument", "stats: {", "defaults: {raw: 'log-tag frontend'}\nstats: {"},
		{"no option", "stats: {", "defaults: {raw: 'no option dontlognull'}\nstats: {"},
		{"escaped blank", "stats: {", `global: {raw: 'description a\ b'}` + "\nstats: {"},
		{"condition that is closed", "stats: {", "global:\n  raw: |\n    .if version_atleast(2.5)\n      zero-warning\n    .endif\nstats: {"},
		{"block in Keepalived", "    virtual_router_id: 1\n", "    virtual_router_id: 1\n    raw: |\n      track_file {\n        f weight " +
			"1\n      }\n"},
		{"quoted word in Keepalived", "    virtual_router_id: 1\n", "    virtual_router_id: 1\n    raw: 'notify_stop \"/bin/x # y\" root'\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if found, _ := load(t, c.old, c.new); len(found) > 0 {
				t.Error(list(found))
			}
		})
	}
}

// TestRawHidesWhatFollows: a raw line may hold a password.
func TestRawHidesWhatFollows(t *testing.T) {
	found, _ := load(t, "stats: {", "global: {raw: 'description \"pa55word'}\nstats: {")
	if len(found) != 1 || strings.Contains(list(found), "pa55word") {
		t.Error(list(found))
	}
}
