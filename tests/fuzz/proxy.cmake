# SPDX-License-Identifier: BSD-2-Clause
covey_fuzz(proxy_origin)
covey_fuzz(proxy_request)
