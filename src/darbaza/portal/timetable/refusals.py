"""An act that the school's state does not allow; one kind for the whole portal."""

from darbaza.portal.people.refusals import ActRefusedError as ActRefusedError
