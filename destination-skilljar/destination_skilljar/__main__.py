"""`python -m destination_skilljar`."""

from destination_skilljar.run import run

run()
