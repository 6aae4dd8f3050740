-- SPDX-License-Identifier: BSD-2-Clause
-- What a member of groups got from its Group Managers. lease: NULL if it has
-- no numbers (a monitor).

CREATE TABLE membership (
    name TEXT NOT NULL PRIMARY KEY,
    lease @bytes@,
    saved @bytes@ NOT NULL
) @strict@;
