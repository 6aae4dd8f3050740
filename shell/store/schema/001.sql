-- SPDX-License-Identifier: BSD-2-Clause
-- Leases with the numbers of security contexts, and counters. The words
-- between @ stand for what the two databases call differently.

CREATE TABLE info (
    name TEXT NOT NULL PRIMARY KEY,
    value @bytes@ NOT NULL
) @strict@;

CREATE TABLE counter (
    name TEXT NOT NULL PRIMARY KEY,
    next @number@ NOT NULL
) @strict@;

-- owner: 0 is nobody. wanted: by whom. recv_window: -1 is lost.
CREATE TABLE lease (
    id @bytes@ NOT NULL PRIMARY KEY,
    owner @number@ NOT NULL,
    epoch @number@ NOT NULL,
    wanted @number@ NOT NULL,
    ssn @number@ NOT NULL CHECK (ssn >= 0 AND ssn <= 1099511627776),
    recv_window @number@ NOT NULL
        CHECK (recv_window >= -1 AND recv_window <= 1099511627776),
    windows_invalid @number@ NOT NULL
) @strict@;
CREATE INDEX lease_owner ON lease (owner);

CREATE TABLE recipient (
    lease @bytes@ NOT NULL REFERENCES lease (id) ON DELETE CASCADE,
    id @bytes@ NOT NULL,
    number @number@ NOT NULL,
    PRIMARY KEY (lease, id)
) @strict@;
