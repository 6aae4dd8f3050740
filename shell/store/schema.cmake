# SPDX-License-Identifier: BSD-2-Clause
# Embeds schema/NNN.sql: the text for either database, and the digest of the
# text that a person wrote. Released files never change: a store that was made
# with another text of the same number is refused.

# covey_schema_bytes(<variable> <text>): the text as elements of an array.
function(covey_schema_bytes out text)
    string(HEX "${text}" hex)
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
    string(REGEX REPLACE "(0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,)"
        "\\1\n    " bytes "${bytes}")
    set(${out} "${bytes}" PARENT_SCOPE)
endfunction()

function(covey_schema out)
    file(GLOB files CONFIGURE_DEPENDS
        ${CMAKE_CURRENT_SOURCE_DIR}/schema/*.sql)
    list(SORT files)
    set(code "/* Made from schema/ by schema.cmake. */\n")
    string(APPEND code "#include \"internal.h\"\n\n")
    foreach(file IN LISTS files)
        set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
        get_filename_component(number ${file} NAME_WE)
        file(READ ${file} text)
        file(SHA256 ${file} digest)
        foreach(kind sqlite postgres)
            if(kind STREQUAL sqlite)
                set(bytes BLOB)
                set(number_type INTEGER)
                set(strict STRICT)
                set(sequence "INTEGER PRIMARY KEY AUTOINCREMENT")
            else()
                set(bytes BYTEA)
                set(number_type BIGINT)
                set(strict "")
                set(sequence
                    "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY")
            endif()
            string(REPLACE "@bytes@" "${bytes}" own "${text}")
            string(REPLACE "@number@" "${number_type}" own "${own}")
            string(REPLACE "@sequence@" "${sequence}" own "${own}")
            string(REPLACE "@strict@" "${strict}" own "${own}")
            covey_schema_bytes(elements "${own}")
            string(APPEND code
                "static const char ${kind}_${number}[] = {\n    "
                "${elements}0\n};\n")
            list(APPEND ${kind}_names ${kind}_${number})
        endforeach()
        list(APPEND digests "\"${digest}\"")
    endforeach()
    foreach(kind sqlite postgres)
        list(JOIN ${kind}_names ", " names)
        string(APPEND code
            "const char *const store__schema_${kind}[] = { ${names}, NULL };\n")
    endforeach()
    list(JOIN digests ",\n    " digests)
    string(APPEND code
        "const char *const store__schema_digests[] = {\n    ${digests}\n};\n")
    file(GENERATE OUTPUT ${out} CONTENT "${code}")
endfunction()
