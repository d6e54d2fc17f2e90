"""On the box, without Django: fetch, verify, activate, fall back, ship the verdict log, and say why.

`daemon` runs it all on one event loop: `keeper` follows the portal's state and puts it on disk, where the engines'
helpers look; `engines` renders, checks and applies the engines' configuration and `supervisor` keeps them alive;
`cutter` closes the connections of devices whose access ended; `shipper` brings verdict events to the portal; `why`
answers students' browsers. Each does its part alone: nothing here stops because something else does.
"""
