"""Sign-ins that last as long as they should by the portal's own time, whatever becomes of the machine's wall clock.

Django compares a sign-in's end with the wall clock: one that jumps forwards by a day signs everybody out, teachers'
signs of life stop, and every lesson of the school ends. Here it is compared with `darbaza.clock` (ADR 0023).
"""

from datetime import datetime
from typing import Any

from django.contrib.sessions.backends import db
from django.contrib.sessions.base_session import AbstractBaseSession

from darbaza import clock


class SessionStore(db.SessionStore):
    """Django's sessions in the database, by the time that nobody can turn."""

    def _get_session_from_db(self) -> AbstractBaseSession | None:
        return self._known(self._standing().first())

    async def _aget_session_from_db(self) -> AbstractBaseSession | None:
        return self._known(await self._standing().afirst())

    def _standing(self) -> Any:
        return self.model.objects.filter(session_key=self.session_key, expire_date__gt=clock.utc_now())

    def _known(self, found: AbstractBaseSession | None) -> AbstractBaseSession | None:
        if found is None:
            self._session_key = None
        return found

    def get_expiry_date(self, **kwargs: Any) -> datetime:
        """When the sign-in ends, from now unless `modification` says another instant."""
        return super().get_expiry_date(**{"modification": clock.utc_now(), **kwargs})

    async def aget_expiry_date(self, **kwargs: Any) -> datetime:
        """As `get_expiry_date`."""
        return await super().aget_expiry_date(**{"modification": clock.utc_now(), **kwargs})
