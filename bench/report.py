# SPDX-License-Identifier: Apache-2.0
"""report: figures become rows, rows a table, and the table a page."""
import datetime
import platform
import statistics
import subprocess

from proxies import PEERS, ROOT

COLUMNS = ["openalb", *(peer.name for peer in PEERS)]


def ratio(ours, theirs):
    """Round by round, since the machine's own speed drifts."""
    return statistics.median(a / b for a, b in zip(ours, theirs))


def judge(case, figures):
    """A row of the table."""
    medians = {name: statistics.median(values) for name, values in figures.items()}
    peer = min((make.name for make in PEERS), key=medians.get)
    if case.rules:
        peer = "openalb-without-rules"
    value = medians["openalb"] if case.is_absolute else ratio(figures["openalb"], figures[peer])
    return {"case": case.name, "note": case.note, "goal": case.goal, "rounds": figures,
            "peer": "KiB" if case.is_absolute else peer, "ratio": round(value, 2), "reached": round(value, 2) <= case.goal,
            **{name: round(median, 2) for name, median in medians.items()}}


def failed(case, why):
    return {"case": case.name, "note": case.note, "goal": case.goal, "error": str(why)}


def line(row):
    if "error" in row:
        cells = [row["case"], *("" for _ in COLUMNS), "", row["goal"], "", "error: " + " ".join(row["error"].split())]
    else:
        cells = [row["case"], *(row[name] for name in COLUMNS), row["ratio"], row["goal"], row["peer"],
                 "" if row["reached"] else "not reached"]
    return "| " + " | ".join(map(str, cells)) + " |"


def table(rows):
    head = ["| case | openalb | nginx | HAProxy | ratio | goal | against | |", "|---|---|---|---|---|---|---|---|"]
    return "\n".join(head + [line(row) for row in rows])


def output_of(*command):
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=10)
    return (done.stdout + done.stderr).strip().split("\n")[0]


def machine():
    model = [text for text in open("/proc/cpuinfo") if text.startswith("model name")]
    return {"commit": output_of("git", "rev-parse", "--short", "HEAD"),
            "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d"),
            "cpu": model[0].split(":")[1].strip() if model else platform.machine(),
            "kernel": platform.release(), "nginx": output_of("nginx", "-v"), "haproxy": output_of("haproxy", "-v"),
            "openssl": output_of("openssl", "version")}


def publish(rows, about):
    notes = "\n".join(f"- **{row['case']}**: {row['note']}" for row in rows if row["note"])
    (ROOT / "docs/performance.md").write_text(f"""# Performance

CPU microseconds of the proxy per request (of its process, all threads), one worker on one core, load
and target on another. `bench/run --publish` made this page at commit {about['commit']} on {about['date']};
bench/README.md says how and why.

{table(rows)}

{notes}

{about['cpu']}, Linux {about['kernel']}; {about['nginx']}; {about['haproxy']}; {about['openssl']}.
""")
