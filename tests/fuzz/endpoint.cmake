# SPDX-License-Identifier: BSD-2-Clause
covey_fuzz(endpoint_receive covey_sim covey_crypto_scripted)
target_include_directories(fuzz_endpoint_receive PRIVATE
    ${PROJECT_SOURCE_DIR}/core/message)
covey_fuzz(group_endpoint covey_sim covey_crypto_scripted)
target_include_directories(fuzz_group_endpoint PRIVATE
    ${PROJECT_SOURCE_DIR}/core/message)
covey_fuzz(endpoint_stream covey_sim covey_crypto_scripted)
target_include_directories(fuzz_endpoint_stream PRIVATE
    ${PROJECT_SOURCE_DIR}/core/message)
