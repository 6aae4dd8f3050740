# SPDX-License-Identifier: BSD-2-Clause
# Our headers carry ordinary comments; for doxygen the first one becomes that
# of the file, and the others those of what follows or precedes them.
1{/SPDX/s,.*,,}
/^\/\* ---/b
2s,^/\* ,/** @file\n * ,
s,^\( *\)/\* ,\1/** ,
s,\([^ ]\) */\* ,\1 /**< ,
