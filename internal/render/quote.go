package render

// quoteKeepalived returns a word that Keepalived's parser reads back as text.
// Between double quotes it takes every character as it is, comment signs
// included, but for the double quote and the backslash, which the model refuses
// (model.CheckAuthPass says why).
func quoteKeepalived(text string) string { return `"` + text + `"` }
