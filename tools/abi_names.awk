# SPDX-License-Identifier: MIT
# Lists the names that a stub's contract (such as init-stub/abi.h and the headers it includes)
# defines, as C macro rows for tools/bin2tcl.c: CONSTANT(name), STATUS(name), FIELD(block, name),
# BLOCK(block). With -v prefix=X, those of names that start with X instead of QSPI.

BEGIN {
    if (!prefix)
        prefix = "QSPI"
    pattern = prefix "_[A-Z0-9_]+"
    low = tolower(prefix) "_"
}
$0 ~ "^#define " pattern " " { printf "CONSTANT(%s)\n", $2; next }
$0 ~ "^enum " low            { kind = $2 ~ /_status$/ ? "STATUS" : "CONSTANT"; next }
$0 ~ "^struct " low          { block = $2; next }
/^};/ {
    if (block != "")
        printf "BLOCK(%s)\n", block
    kind = block = ""
    next
}
kind != "" && match($0, pattern) {
    name = substr($0, RSTART, RLENGTH)
    printf "%s(%s)\n", name ~ /COUNT$/ ? "CONSTANT" : kind, name
}
block != "" && sub(/^ *(uint32_t|struct [a-z_]+) /, "") {
    sub(/;.*/, "")
    gsub(/\[[^]]*\]| /, "")
    n = split($0, names, ",")
    for (i = 1; i <= n; i++)
        printf "FIELD(%s, %s)\n", block, names[i]
}
