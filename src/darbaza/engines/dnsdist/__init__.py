"""dnsdist: which names are answered.

`render` makes the configuration, `check` has dnsdist read it, `apply` puts it in force and keeps the last good one,
`verify` asks the running resolver. dnsdist reads its configuration once, so a changed one is in force after a restart,
which whoever supervises the process does; a new catalogue is found by itself within a second, without one.
"""
