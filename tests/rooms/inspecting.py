"""What reports of inspected tokens say."""


def wildcard(name: str) -> str:
    return f"Its {name} is a wildcard: it opens more than one."
