# SPDX-License-Identifier: BSD-2-Clause
covey_fuzz(keying)
