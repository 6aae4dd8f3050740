# SPDX-License-Identifier: BSD-2-Clause
covey_fuzz(message_receive)
target_sources(fuzz_message_receive PRIVATE
    ${PROJECT_SOURCE_DIR}/tests/sim/message_check.c)
target_include_directories(fuzz_message_receive PRIVATE
    ${PROJECT_SOURCE_DIR}/tests/sim ${PROJECT_SOURCE_DIR}/core/message)
