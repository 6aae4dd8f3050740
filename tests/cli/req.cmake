# SPDX-License-Identifier: BSD-2-Clause
add_test(NAME rule.req COMMAND ${Python3_EXECUTABLE} -B
    ${CMAKE_CURRENT_LIST_DIR}/test_req.py)
set_tests_properties(rule.req PROPERTIES LABELS rule)
add_test(NAME rule.bench_all COMMAND ${Python3_EXECUTABLE} -B
    ${CMAKE_CURRENT_LIST_DIR}/test_bench_all.py)
set_tests_properties(rule.bench_all PROPERTIES LABELS rule)
add_test(NAME rule.links COMMAND ${Python3_EXECUTABLE} -B
    ${CMAKE_CURRENT_LIST_DIR}/test_links.py)
set_tests_properties(rule.links PROPERTIES LABELS rule)
