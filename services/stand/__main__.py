"""``python -m services.stand`` is ``egov``."""

from services.stand.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
