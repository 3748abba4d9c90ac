"""Counters for whoever watches the server. No label holds anything of a person, a section or a code."""

from prometheus_client import Counter, Gauge

BALLOTS = Counter("scenario_app_ballots", "Ballots answered, by outcome.", ["outcome"])
GROUPS = Counter("scenario_app_ballot_groups", "Group commits of the ballot box.")
WAITING = Gauge("scenario_app_ballots_waiting", "Ballots and jobs in the ballot box's queue.")
CUES = Counter("scenario_app_cues", "Cues sent to sections.")
CONNECTED = Gauge("scenario_app_connected", "Connections, by namespace.", ["namespace"])
