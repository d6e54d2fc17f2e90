"""The command `darbaza`: explain a verdict, plan and apply what is in force, look after a box.

    darbaza explain HOST [--device A | --person P] [--at INSTANT] [--json]
    darbaza plan | apply | status | doctor
    darbaza lists import|fetch|show|accept|release|compile|which
    darbaza audit verify [--checkpoint CODE]
    darbaza keygen PATH
    darbaza agent

Every command takes `--run DIR`, the box's run directory (else `$DARBAZA_RUN`, else `var/box` of the demo if it is
there, else `/var/lib/darbaza`), and `--lang ky|ru|en` (else the language of the locale). Exit codes: 0 done, allowed
or all is well; 1 refused, something differs or does not work; 2 can't be carried out, with the reason on stderr.
"""

from darbaza.cli.main import main

__all__ = ["main"]
