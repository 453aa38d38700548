"""A DAG for each pipeline. An exit code other than 0 fails the task, and a retry goes on from the last state."""

from datetime import datetime, timedelta

from airflow import DAG
from airflow.operators.bash import BashOperator

for pipeline in ("pluralsight-to-skilljar", "pluralsight-to-pluvo", "skilljar-to-pluvo"):
    with DAG(pipeline, schedule="15 3 * * *", start_date=datetime(2026, 1, 1), catchup=False, max_active_runs=1) as dag:
        BashOperator(
            task_id="sync",
            bash_command=f".venv/bin/lms-sync run examples/{pipeline}",
            cwd="/srv/lms",
            retries=2,
            retry_delay=timedelta(minutes=15),
        )
    globals()[pipeline] = dag
