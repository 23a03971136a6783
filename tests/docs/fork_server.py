"""A process that imports once what most commands import, and forks for each of them: that saves seconds each.

Reads a JSON line {"words" or "code", "folder", "environment", "log"} at a time, answers with the exit code.
"""

import importlib
import json
import os
import sys
import traceback

PRELOADED = (
    "cv2", "torch", "vunet.cli.main", "vunet.data.prepare", "vunet.evaluate.report", "vunet.output.batch",
    "vunet.pose.estimators.mediapipe", "vunet.studio", "vunet.train.command", "vunet.train.prior.command",
)  # fmt: skip


def main():
    for name in PRELOADED:
        importlib.import_module(name)
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            os._exit(_run(json.loads(line)))
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


def _run(job):
    """In the child: as if it had been started for this command alone."""
    os.chdir(job["folder"])
    os.environ.clear()
    os.environ.update(job["environment"])
    log = os.open(job["log"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(source, target)
    code = 0
    try:
        if "code" in job:
            exec(compile(job["code"], "example", "exec"), {"__name__": "__main__"})
        else:
            sys.argv = ["vunet", *job["words"]]
            importlib.import_module("vunet.cli.main").main()
    except SystemExit as end:
        code = int(end.code or 0)
    except BaseException:
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    return code


if __name__ == "__main__":
    main()
