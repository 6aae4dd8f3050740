# SPDX-License-Identifier: BSD-2-Clause
covey_fuzz(audit_gate)
target_sources(fuzz_audit_gate PRIVATE
    ${PROJECT_SOURCE_DIR}/tests/unit/audit/gate_model.c)
target_include_directories(fuzz_audit_gate PRIVATE
    ${PROJECT_SOURCE_DIR}/tests/unit/audit)
