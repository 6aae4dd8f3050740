# SPDX-License-Identifier: BSD-2-Clause
covey_fuzz(oscore_unprotect covey_crypto_scripted)
