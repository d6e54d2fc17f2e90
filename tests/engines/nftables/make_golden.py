"""Write the golden rulesets anew. Read the difference before you commit it."""

from tests.engines.nftables.test_render import GOLDEN, TEXTS

if __name__ == "__main__":
    for name, text in TEXTS.items():
        (GOLDEN / f"{name}.nft").write_text(text, "utf-8")
