-- SPDX-License-Identifier: BSD-2-Clause
-- What a Group Manager knows.

-- Serials that ever were: they are part of Gids.
CREATE TABLE serial (
    serial @number@ NOT NULL PRIMARY KEY
) @strict@;

CREATE TABLE grp (
    serial @number@ NOT NULL PRIMARY KEY REFERENCES serial (serial),
    revision @number@ NOT NULL,
    name TEXT NOT NULL UNIQUE,
    active @number@ NOT NULL,
    deleted @number@ NOT NULL,
    version @number@ NOT NULL,
    stale_from @number@ NOT NULL,
    sender_next @number@ NOT NULL,
    sender_floor @number@ NOT NULL,
    keyed_at @number@ NOT NULL,
    master_secret @bytes@ NOT NULL,
    master_salt @bytes@ NOT NULL,
    settings @bytes@ NOT NULL
) @strict@;

CREATE TABLE member (
    serial @number@ NOT NULL REFERENCES grp (serial) ON DELETE CASCADE,
    name TEXT NOT NULL,
    standing @number@ NOT NULL,
    roles @number@ NOT NULL,
    sender_id @bytes@,
    credential @bytes@,
    n_c @bytes@,
    uri TEXT,
    joined @number@ NOT NULL,
    told @number@ NOT NULL,
    PRIMARY KEY (serial, name)
) @strict@;

CREATE TABLE stale (
    serial @number@ NOT NULL REFERENCES grp (serial) ON DELETE CASCADE,
    version @number@ NOT NULL,
    sender_id @bytes@ NOT NULL,
    PRIMARY KEY (serial, version, sender_id)
) @strict@;

-- OSCORE associations of nodes with the manager. context: h'' is no ID
-- Context, otherwise it begins with 01.
CREATE TABLE enrolment (
    name TEXT NOT NULL PRIMARY KEY,
    aead @number@ NOT NULL,
    hkdf @number@ NOT NULL,
    sender_id @bytes@ NOT NULL,
    recipient_id @bytes@ NOT NULL,
    context @bytes@ NOT NULL,
    master_secret @bytes@ NOT NULL,
    master_salt @bytes@,
    scope @bytes@ NOT NULL,
    credential @bytes@,
    UNIQUE (recipient_id, context)
) @strict@;

CREATE TABLE event (
    seq @sequence@,
    at @number@ NOT NULL,
    what TEXT NOT NULL,
    serial @number@ NOT NULL,
    node TEXT,
    detail TEXT
) @strict@;
