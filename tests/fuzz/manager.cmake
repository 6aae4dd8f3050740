# SPDX-License-Identifier: BSD-2-Clause
covey_fuzz(manager covey_crypto_scripted)
