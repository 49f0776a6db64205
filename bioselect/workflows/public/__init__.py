"""Jobs on public sets of images: list them, bring them to this machine."""
