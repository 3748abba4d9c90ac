"""The tables of a pack, described once: CSV files, codebook and data package are all made from this.

To add a table, describe it in `vote_tables` or `floor_tables`, name it here, and give it rows in
`evidence.tables`; nothing else needs to know.
"""

from evidence import floor_tables, vote_tables

TABLES = (
    vote_tables.DECISIONS,
    vote_tables.RESPONSES,
    vote_tables.ROUNDS,
    vote_tables.RESULTS,
    vote_tables.ORDERS,
    vote_tables.REASONS,
    vote_tables.RESULTS_BY_ROLE,
    vote_tables.ROLE_BALLOTS,
    vote_tables.PATH,
    vote_tables.ATTENDANCE,
    floor_tables.STOPS,
    floor_tables.INTERVENTIONS,
    floor_tables.PROPOSALS,
    floor_tables.AMENDMENTS,
    floor_tables.PUBLIC_ANSWERS,
    floor_tables.COMMITMENTS,
    floor_tables.UPDATES,
    floor_tables.STORIES,
    floor_tables.SENSE_CHECKS,
    floor_tables.EQUALITY_SUMMARY,
    floor_tables.MODERATION_LOG,
)
TABLE_OF = {table.name: table for table in TABLES}
