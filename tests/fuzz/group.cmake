# SPDX-License-Identifier: BSD-2-Clause
covey_fuzz(sigcheck covey_crypto_scripted)
