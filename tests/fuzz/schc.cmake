# SPDX-License-Identifier: BSD-2-Clause
covey_fuzz(schc_compress)
covey_fuzz(schc_decompress)
