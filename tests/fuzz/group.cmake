# SPDX-License-Identifier: BSD-2-Clause
covey_fuzz(sigcheck covey_crypto_scripted)
covey_fuzz(group_unprotect covey_crypto_openssl covey_crypto_scripted)
