"""Documents that people attach, opened and made anew in a process of its own: `darbaza.publication.attachments`."""
