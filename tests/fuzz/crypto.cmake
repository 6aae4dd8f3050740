# SPDX-License-Identifier: BSD-2-Clause
covey_fuzz(crypto_public covey_crypto_openssl)
