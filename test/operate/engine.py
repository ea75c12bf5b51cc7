# Runs queries of Analytics Engine in ClickHouse (chdb). Standard input: {"tables": {NAME: [row]}, "queries": [[NAME, sql]]}.
# A row has `ago` (seconds), `interval`, `index`, `blobs`, `doubles`. Standard output: the rows of each query, or its error.

import json
import sys

from chdb.session import Session

given = json.load(sys.stdin)
session = Session()
columns = [f"blob{n}" for n in range(1, 21)], [f"double{n}" for n in range(1, 21)]
answers = []


def quoted(text):
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


for name, rows in given["tables"].items():
    session.query(f"CREATE DATABASE IF NOT EXISTS {name} ENGINE = Atomic")
    session.query(
        f"CREATE TABLE {name}.lanekeeper (timestamp DateTime, index1 String, _sample_interval UInt32, "
        + ", ".join([f"{blob} String" for blob in columns[0]] + [f"{double} Float64" for double in columns[1]])
        + ") ENGINE = Memory"
    )
    for row in rows:
        blobs = row["blobs"] + [""] * (20 - len(row["blobs"]))
        doubles = row["doubles"] + [0] * (20 - len(row["doubles"]))
        values = [f"NOW() - {row['ago']}", quoted(row["index"]), str(row["interval"])]
        values += [quoted(blob) for blob in blobs] + [str(double) for double in doubles]
        session.query(f"INSERT INTO {name}.lanekeeper SELECT " + ", ".join(values))

for name, sql in given["queries"]:
    try:
        text = str(session.query(sql.replace("FROM lanekeeper", f"FROM {name}.lanekeeper"), "JSONEachRow"))
        answers.append({"rows": [json.loads(line) for line in text.splitlines() if line]})
    except Exception as error:
        answers.append({"error": str(error).splitlines()[0][:300]})
print(json.dumps(answers))
