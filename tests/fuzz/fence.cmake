# SPDX-License-Identifier: BSD-2-Clause
covey_fuzz(fence_order covey_address)
target_sources(fuzz_fence_order PRIVATE
    ${PROJECT_SOURCE_DIR}/apps/covey-fence/order.c
    ${PROJECT_SOURCE_DIR}/apps/covey-fence/rules.c)
target_include_directories(fuzz_fence_order PRIVATE ${PROJECT_SOURCE_DIR})
target_compile_definitions(fuzz_fence_order PRIVATE _GNU_SOURCE)
