#!/usr/bin/env python
"""Django's command line for this project."""

import os
import sys


def main():
    # The demo is the one command that may turn its comforts on by itself.
    if sys.argv[1:2] == ["demo"]:
        os.environ.setdefault("DEMO", "1")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsroom.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
