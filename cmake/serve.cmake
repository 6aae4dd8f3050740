# SPDX-License-Identifier: BSD-2-Clause
# covey_serve_library: shell/serve and what it needs of the shell as one
# archive to install, libcovey-serve.a. It has one object, in which only what
# the headers declare is global: log_write or udp_open of a program are its
# own. The core and the provider are not in it.
set(serve_headers shell/serve/serve.h shell/loop/loop.h shell/log/log.h)
set(serve_names)
foreach(header IN LISTS serve_headers)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${header})
    file(READ ${header} text)
    string(REGEX MATCHALL "(serve|loop|log)_[a-z0-9_]+\\(" found "${text}")
    list(APPEND serve_names ${found})
endforeach()
list(REMOVE_DUPLICATES serve_names)
list(TRANSFORM serve_names REPLACE "\\($" "\n")
string(JOIN "" text ${serve_names})
file(CONFIGURE OUTPUT covey-serve.names CONTENT "${text}" @ONLY)

# Whatever of our libraries stands below these.
function(covey_below out)
    set(found)
    set(open ${ARGN})
    while(open)
        list(POP_FRONT open next)
        if(TARGET ${next} AND NOT next IN_LIST found
                AND NOT next MATCHES "^PkgConfig::|^covey_(core|crypto_)")
            list(APPEND found ${next})
            get_target_property(more ${next} LINK_LIBRARIES)
            list(APPEND open ${more})
        endif()
    endwhile()
    set(${out} ${found} PARENT_SCOPE)
endfunction()

covey_below(serve_parts covey_serve)
set(serve_object ${CMAKE_CURRENT_BINARY_DIR}/covey-serve.o)
list(TRANSFORM serve_parts REPLACE "(.+)" "$<TARGET_FILE:\\1>"
    OUTPUT_VARIABLE serve_archives)
add_custom_command(OUTPUT ${serve_object}
    COMMAND ${CMAKE_LINKER} -r -o ${serve_object}
        --whole-archive $<TARGET_FILE:covey_serve> $<TARGET_FILE:covey_loop>
        $<TARGET_FILE:covey_log> --no-whole-archive
        --start-group ${serve_archives} --end-group
    COMMAND ${CMAKE_OBJCOPY} --keep-global-symbols=covey-serve.names
        ${serve_object}
    DEPENDS ${serve_parts} ${CMAKE_CURRENT_BINARY_DIR}/covey-serve.names
    COMMENT "Linking C object covey-serve.o" VERBATIM)
add_library(covey_serve_library STATIC ${serve_object})
set_source_files_properties(${serve_object} PROPERTIES
    EXTERNAL_OBJECT ON GENERATED ON)
set_target_properties(covey_serve_library PROPERTIES LINKER_LANGUAGE C
    OUTPUT_NAME covey-serve EXPORT_NAME covey_serve)
pkg_check_modules(SERVE REQUIRED IMPORTED_TARGET libcrypto>=3.0 libfyaml
    libssl>=3.0 libsystemd libuv)
find_package(Threads REQUIRED)
set(serve_include ${CMAKE_INSTALL_INCLUDEDIR}/covey-serve)
foreach(header IN LISTS serve_headers)
    get_filename_component(folder ${header} DIRECTORY)
    target_include_directories(covey_serve_library INTERFACE
        $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/${folder}>)
endforeach()
target_include_directories(covey_serve_library INTERFACE
    $<INSTALL_INTERFACE:${serve_include}>)
target_link_libraries(covey_serve_library INTERFACE covey_crypto_openssl
    PkgConfig::SERVE Threads::Threads)

install(TARGETS covey_serve_library EXPORT covey-serve
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(FILES ${serve_headers} DESTINATION ${serve_include})
