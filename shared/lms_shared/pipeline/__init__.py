"""`lms-sync`: runs a source into a destination from the shell, as Airbyte does, from a folder that holds the pipeline.

folder.py     what the folder holds, and its lock
secrets.py    `${NAME}` in the configs
connector.py  a connector as an installed command or as a container
catalog.py    which streams are synced, and how
states.py     the states that the destination acknowledged
chain.py      both processes, and what passes between them
run.py        one run: check both sides, chain them, say how it ended
progress.py   what is told meanwhile; terminal.py and json_lines.py tell it
setup.py      `init`; report.py, examine.py and cli.py are the other commands
"""
