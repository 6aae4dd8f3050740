# SPDX-License-Identifier: BSD-2-Clause
covey_fuzz(hello)
target_sources(fuzz_hello PRIVATE
    ${PROJECT_SOURCE_DIR}/apps/covey-audit/hello.c)
target_include_directories(fuzz_hello PRIVATE ${PROJECT_SOURCE_DIR})
covey_fuzz(flight)
target_sources(fuzz_flight PRIVATE
    ${PROJECT_SOURCE_DIR}/apps/covey-audit/flight.c)
target_include_directories(fuzz_flight PRIVATE ${PROJECT_SOURCE_DIR})
covey_fuzz(greeting)
target_sources(fuzz_greeting PRIVATE
    ${PROJECT_SOURCE_DIR}/apps/covey-audit/greeting.c)
target_include_directories(fuzz_greeting PRIVATE ${PROJECT_SOURCE_DIR})
