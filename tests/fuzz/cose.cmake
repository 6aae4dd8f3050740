# SPDX-License-Identifier: BSD-2-Clause
covey_fuzz(cbor)
covey_fuzz(spki)
covey_fuzz(cose_credential)
