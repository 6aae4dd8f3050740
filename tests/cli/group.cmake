# SPDX-License-Identifier: BSD-2-Clause
# `covey group` on the vectors, as a person calls it, and as its page shows it.
foreach(part vectors cli directory)
    add_test(NAME cli.group_${part}
        COMMAND ${Python3_EXECUTABLE} -B
            ${CMAKE_CURRENT_LIST_DIR}/group_${part}.py)
    set_tests_properties(cli.group_${part} PROPERTIES LABELS cli TIMEOUT 900
        ENVIRONMENT "COVEY=$<TARGET_FILE:covey>")
endforeach()

# The page's examples use files that nobody else can read.
set(folder ${CMAKE_CURRENT_BINARY_DIR}/group_man)
file(COPY ${PROJECT_SOURCE_DIR}/share/contexts/ DESTINATION ${folder}
    FILE_PERMISSIONS OWNER_READ OWNER_WRITE)
add_test(NAME cli.group_man COMMAND ${Python3_EXECUTABLE} -B
    ${CMAKE_CURRENT_LIST_DIR}/test_man_examples.py $<TARGET_FILE:covey>
    ${PROJECT_SOURCE_DIR}/docs/man/covey-group.1)
set_tests_properties(cli.group_man PROPERTIES LABELS cli
    WORKING_DIRECTORY ${folder})
