# SPDX-License-Identifier: BSD-2-Clause
include(GNUInstallDirs)
install(TARGETS covey_core ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY include/covey DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY share/rules share/wireshark
    DESTINATION ${CMAKE_INSTALL_DATADIR}/covey)
