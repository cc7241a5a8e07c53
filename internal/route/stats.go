package route

// special says whether the request goes to one of lbgen's own frontends, and answers it.
func (w *walk) special() bool { return false }
