# SPDX-License-Identifier: BSD-2-Clause
# Bare Cortex-M with Debian's arm-none-eabi compiler; COVEY_CPU chooses.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR arm)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
set(CMAKE_C_COMPILER arm-none-eabi-gcc)
set(COVEY_CPU cortex-m0plus CACHE STRING "cortex-m0plus or cortex-m4")
set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES COVEY_CPU)
set(CMAKE_C_FLAGS_INIT "-mcpu=${COVEY_CPU} -mthumb -fstack-usage")
set(CMAKE_C_FLAGS_MINSIZEREL "-Os")
