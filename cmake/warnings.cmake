# SPDX-License-Identifier: BSD-2-Clause
# Warnings for all our own code; errors only where COVEY_STRICT says so, so
# that a newer compiler never breaks somebody's build of a release.
function(covey_warnings target)
    target_compile_options(${target} PRIVATE
        -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow
        -Wstrict-prototypes -Wmissing-prototypes -Wcast-qual -Wcast-align
        -Wswitch-enum -Wvla -Wundef -Wformat=2 -Wnull-dereference
        -Wdouble-promotion)
    if(COVEY_STRICT)
        target_compile_options(${target} PRIVATE -Werror)
    endif()
endfunction()
