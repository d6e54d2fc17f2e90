"""The demo school: invented people, small sites under .test, and a simulated class."""
