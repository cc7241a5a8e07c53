package render

import "strings"

// quoteHAProxy returns a word that HAProxy's parser reads back as text
// (configuration.txt 2.2, "Quoting and escaping"). Between single quotes
// nothing but the single quote itself has a meaning.
func quoteHAProxy(text string) string {
	if text != "" && strings.Trim(text, plain) == "" {
		return text
	}
	return quotes(text)
}

// quotes puts the text between single quotes, whatever it is.
func quotes(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

// plain characters have no meaning to any of the grammars.
const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:,@%+=()[]"

// quoteKeepalived returns a word that Keepalived's parser reads back as text.
// Between double quotes it takes every character as it is, comment signs
// included, but for the double quote and the backslash, which the model refuses
// (model.CheckAuthPass says why).
func quoteKeepalived(text string) string { return `"` + text + `"` }
