"""`python -m destination_pluvo`."""

from destination_pluvo.run import run

run()
