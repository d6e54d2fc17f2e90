"""Why a snapshot, a presence or a spool file is refused."""


class SnapshotError(ValueError):
    """Something that came from outside is refused. The text names what and why; whatever was in force stays so."""
