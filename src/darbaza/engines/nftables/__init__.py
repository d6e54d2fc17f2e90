"""nftables: the lock on the door. What is not granted leaves this box by no way but portal and captive page.

`layout` says how a box is wired, `render` makes the rules of it, `adapter` puts them in force and reads them back,
`gatekeeper` is the one process that may do so, and `client` asks it to, in the messages of `protocol`.
"""
