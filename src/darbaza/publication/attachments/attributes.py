"""Attributes of elements in office files, as the parser hands them over."""


def attributes_of(attrs: object) -> dict[str, str]:
    """Attributes without their namespaces."""
    return {name.rpartition(":")[2]: value for name, value in attrs.items()}  # type: ignore[attr-defined] # xml.sax's


def whole_number(written: str | None) -> int:
    """A whole number that a file writes; 0 for anything else."""
    return int(written) if written and written.isascii() and written.isdigit() and len(written) < 9 else 0
