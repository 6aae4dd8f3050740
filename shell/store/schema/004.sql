-- SPDX-License-Identifier: BSD-2-Clause
-- Where the other side of a lease's context was last heard, in the words of
-- the program; NULL: not known.

ALTER TABLE lease ADD COLUMN peer TEXT;
