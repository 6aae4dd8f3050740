# SPDX-License-Identifier: BSD-2-Clause
# Checks of covey-audit, with the broker of tests/unit/worker.
covey_fuzz(worker audit_checks_fake)
target_link_libraries(fuzz_worker PRIVATE covey_crypto_scripted)
