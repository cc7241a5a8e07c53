package lab

// other speaks what is not HTTP, if the server does, and says whether it has.
func (s *standIn) other(c *tracked) bool { return false }
