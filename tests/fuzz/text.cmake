# SPDX-License-Identifier: BSD-2-Clause
covey_fuzz(weblink covey_text)
target_include_directories(fuzz_weblink PRIVATE ${PROJECT_SOURCE_DIR})
