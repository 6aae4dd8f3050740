# SPDX-License-Identifier: BSD-2-Clause
covey_fuzz(crypto_public covey_crypto_openssl)
covey_fuzz(x509_chain covey_crypto_openssl)
