package example

// The success path is in another file.
func (c *controller) after(err error, key interface{}) {
	if err != nil {
		c.queue.AddRateLimited(key)
		return
	}
	c.queue.Forget(key)
}
