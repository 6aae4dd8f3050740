# SPDX-License-Identifier: BSD-2-Clause
# cmake -DOUT=page.c -DIN=folder -P embed.cmake: files as arrays of bytes.
file(WRITE ${OUT} "/* Made from shell/status/page. */\n#include <page.h>\n")
foreach(file status.html status.css status.js picture.js)
    file(READ ${IN}/${file} bytes HEX)
    string(REGEX REPLACE "(..)" "0x\\1," bytes "${bytes}")
    string(REPLACE . _ name ${file})
    file(APPEND ${OUT} "static const uint8_t ${name}[] = {${bytes}};\n"
        "const covey_bytes page_${name} = {${name}, sizeof ${name}};\n")
endforeach()
