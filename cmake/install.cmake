# SPDX-License-Identifier: BSD-2-Clause
# What a packager gets: the library with what finds it, the programs (each
# installs itself), manuals, rules, and what a service manager reads.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

option(COVEY_SHARED "also the core as a shared library" OFF)

install(TARGETS covey_core covey_crypto_openssl EXPORT covey
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
    INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY include/covey DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(FILES crypto/openssl/openssl.h
    DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/covey)

if(COVEY_SHARED)
    add_library(covey_shared SHARED ${covey_core_sources})
    target_include_directories(covey_shared PUBLIC
        $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>)
    set_target_properties(covey_shared PROPERTIES OUTPUT_NAME covey
        SOVERSION 0 VERSION ${PROJECT_VERSION})
    # What begins with covey__ is the modules' own.
    target_link_options(covey_shared PRIVATE
        -Wl,--version-script=${PROJECT_SOURCE_DIR}/cmake/exports.map)
    set_target_properties(covey_shared PROPERTIES
        LINK_DEPENDS ${PROJECT_SOURCE_DIR}/cmake/exports.map)
    covey_warnings(covey_shared)
    install(TARGETS covey_shared EXPORT covey
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
        INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
    set(covey_library covey)
else()
    set(covey_library covey_core)
endif()

include(cmake/serve.cmake)

set(covey_config ${CMAKE_INSTALL_LIBDIR}/cmake/covey)
install(EXPORT covey NAMESPACE covey:: FILE coveyTargets.cmake
    DESTINATION ${covey_config})
install(EXPORT covey-serve NAMESPACE covey:: FILE coveyServeTargets.cmake
    DESTINATION ${covey_config})
configure_package_config_file(cmake/coveyConfig.cmake.in coveyConfig.cmake
    INSTALL_DESTINATION ${covey_config} NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(coveyConfigVersion.cmake
    COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/coveyConfig.cmake
    ${CMAKE_CURRENT_BINARY_DIR}/coveyConfigVersion.cmake
    DESTINATION ${covey_config})
foreach(name covey covey-openssl covey-serve)
    configure_file(cmake/${name}.pc.in ${name}.pc @ONLY)
    install(FILES ${CMAKE_CURRENT_BINARY_DIR}/${name}.pc
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endforeach()

install(DIRECTORY share/audit share/demo share/rules share/wireshark
    DESTINATION ${CMAKE_INSTALL_DATADIR}/covey)
foreach(section 1 5 7 8)
    file(GLOB pages CONFIGURE_DEPENDS docs/man/*.${section})
    install(FILES ${pages}
        DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section})
endforeach()
# bash and fish look for a file with the name of the command.
foreach(program covey covey-audit covey-ctl covey-fence covey-gm covey-proxy
        covey-server)
    install(FILES packaging/completions/covey.bash
        DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
        RENAME ${program})
    install(FILES packaging/completions/covey.fish
        DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d
        RENAME ${program}.fish)
endforeach()
install(FILES packaging/completions/covey.zsh
    DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions RENAME _covey)

foreach(daemon server proxy gm)
    configure_file(packaging/systemd/covey-${daemon}.service.in
        covey-${daemon}.service @ONLY)
    install(FILES ${CMAKE_CURRENT_BINARY_DIR}/covey-${daemon}.service
        DESTINATION lib/systemd/system)
    install(FILES packaging/sysusers.d/covey-${daemon}.conf
        DESTINATION lib/sysusers.d)
    install(FILES packaging/tmpfiles.d/covey-${daemon}.conf
        DESTINATION lib/tmpfiles.d)
    install(FILES packaging/config/${daemon}.yaml
        DESTINATION ${CMAKE_INSTALL_SYSCONFDIR}/covey)
endforeach()
