"""Pretend LMS servers on 127.0.0.1 for development, tests and the demo: never part of a connector image.

`lms.py` says what a pretend LMS is, `server.py` runs one, `gate.py` is what every request passes through,
and there is one folder for each vendor.
"""
