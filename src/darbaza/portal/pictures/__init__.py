"""Pictures that people bring, opened in a process of its own: `darbaza.publication.pictures`, and OCR beside it."""
