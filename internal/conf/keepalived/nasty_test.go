package keepalived_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// nasty makes lines that the daemon reads in surprising ways.
type nasty struct{ *rand.Rand }

func (g *nasty) pick(list []string) string { return list[g.IntN(len(list))] }

// pieces that a line is put together from. Some need care: a comment sign at the very
// start of a line, behind a backslash, is one that Keepalived itself stumbles over.
func pieces() []string {
	return []string{
		"word", "a", "10.0.0.1/24", "ä", " ", "  ", "\t", "\f", "\v", "\r", `"`, `""`, `" "`, "'", "' '", `"a b"`, `'a b'`, `"a`, `b"`,
		`\`, `\\`, `\"`, `\'`, `\#`, `\!`, `\x41`, `\b`, `\101`, "#", "!", " # c", " ! c", `"#"`, `"!"`, `"a # b"`, `'#'`, "{", "}", `"{"`,
		`"}"`, " { ", " } ",
		"$", "$A", "$A ", "${A}", "${B}x", "$B,", "$NOTHING", "${NOTHING}", "${_HASH}", "${_BANG}", "${_PWD", "$$", "$A$B", "@", "@me", "@you",
		"~", "=", ",", "(", ")",
		"include", "end", "group", "weight",
	}
}

// line returns a line or a few of them, without the pieces that hold one of the words
// in without.
func (g *nasty) line(i int, without ...string) string {
	var text string
	switch g.IntN(12) {
	case 0:
		text = "$A=" + strings.ReplaceAll(g.words(without), "$", "")
	case 1:
		text = "$B= " + strings.NewReplacer("$B", "$A", "{B}", "{A}").Replace(g.words(without)) // one that holds itself stops Keepalived
	case 2:
		// without a definition in the definition, that might hold itself
		inner := strings.ReplaceAll(g.words(without)+" \\\n"+g.words(without), "=", "")
		text = "$M= \\\n" + inner + "\\\nlast\n\n${M}"
	case 3:
		text = g.pick([]string{"@me ", "@you ", "@^me ", "@^you\t", "@ ", "@^ ", "@me", "@me @"}) + g.words(without)
		if strings.HasPrefix(text, "@me @") {
			text = strings.ReplaceAll(text, "$", "") // Keepalived 2.2.7 loses the end of such a line
		}
	case 4:
		text = g.pick([]string{"~SEQ(S%d, 3) ", "~SEQ(S%d,2,4)", "~SEQx(S%d, 8, 4, 0x14) ", "~SEQ(S%d, -2)", "~SEQ(S%d, 3, -1, 1) ",
			"~SEQ(S%d,)", "~SEQ(S%d, 1, -1, 3)", "~SEQ (S%d, 010) "})
		text = fmt.Sprintf(text, i) + fmt.Sprintf("${S%d} ", i) + g.words(without)
	case 5:
		// not a wrong one
		text = g.pick([]string{"~LST(L%d, a, b,c) ", "~LST({L%d, Z}, {a,1},{b}) ${Z}", "~LST(L%d,) ", "~LST({L%d, Z}, {1,2}, {}) "})
		text = fmt.Sprintf(text, i) + fmt.Sprintf("${L%d} ", i) + g.words(without)
	default:
		text = g.words(without)
	}
	for _, w := range without {
		text = strings.ReplaceAll(text, w, "")
	}
	return text
}

func (g *nasty) words(without []string) string {
	all := pieces()
	for _, w := range without {
		all = slices.DeleteFunc(all, func(p string) bool { return strings.Contains(p, w) })
	}
	text := g.pick([]string{"w", "w ", " ", "", `"`, "\t"})
	for range g.IntN(6) + 1 {
		text += g.pick(all)
	}
	if first := strings.TrimLeft(text, " \t"); strings.HasPrefix(first, `\#`) || strings.HasPrefix(first, `\!`) {
		return "w" + first
	}
	return text
}

// command returns what may stand behind script.
func (g *nasty) command() string {
	all := slices.DeleteFunc(pieces(), func(p string) bool {
		return strings.ContainsAny(p, "\f\v\r$@{}") || strings.HasPrefix(p, "' '")
	})
	all = append(all, `\x7`, `\cA`, `\E`, `\a`, `\7`, `\42`, `\x22`, `\`+"\t")
	var text string
	for range g.IntN(7) + 1 {
		text += g.pick(all)
	}
	switch g.IntN(3) {
	case 0:
		return `"/usr/bin/true ` + text + `"`
	case 1:
		return `'/usr/bin/true ` + text + `'`
	default:
		return `/usr/bin/true ` + text
	}
}
