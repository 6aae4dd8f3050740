# SPDX-License-Identifier: BSD-2-Clause
# cmake -DOUT=page.c -DIN=folder -P embed.cmake: files as arrays of bytes.
file(WRITE ${OUT} "/* Made from shell/status/page. */\n#include <page.h>\n")
foreach(name html css js)
    file(READ ${IN}/status.${name} bytes HEX)
    string(REGEX REPLACE "(..)" "0x\\1," bytes "${bytes}")
    file(APPEND ${OUT} "static const uint8_t ${name}[] = {${bytes}};\n"
        "const covey_bytes status_page_${name} = {${name}, sizeof ${name}};\n")
endforeach()
