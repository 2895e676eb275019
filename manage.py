#!/usr/bin/env python
"""Django's command line, with the settings of `.env` where the environment has none."""

import os
import sys
from pathlib import Path

from django.core.management import execute_from_command_line
from dotenv import load_dotenv

if __name__ == "__main__":
    load_dotenv(Path(__file__).parent / ".env")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tokensvc.settings")
    execute_from_command_line(sys.argv)
