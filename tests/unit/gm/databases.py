# SPDX-License-Identifier: BSD-2-Clause
"""Where the kits of the programs and of PostgreSQL are, and stores in both
databases that several managers can have."""
import itertools
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
for folder in ("../store", "../../cli"):
    sys.path.insert(0, os.path.join(HERE, folder))

import gm_kit as kit  # noqa: E402
import with_postgres  # noqa: E402

COUNT = itertools.count(1)


def schema(server):
    """A URI of an empty schema."""
    name = f"gm{next(COUNT)}"
    subprocess.run([os.path.join(server.bin, "psql"), "-q", "-h", "127.0.0.1",
                    "-p", str(server.port), "-U", "postgres", "-c",
                    f"CREATE SCHEMA {name}"], check=True, timeout=60)
    return f"{server.uri}?options=-csearch_path%3D{name}"


__all__ = ["kit", "schema", "with_postgres"]
