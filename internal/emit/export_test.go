package emit

// WithStep returns the options with a function that is called before each step
// of the commit.
func (o Options) WithStep(step func(name string) error) Options {
	o.step = step
	return o
}
