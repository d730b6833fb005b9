# Linux's system calls of aarch64, from the macros of <asm-generic/unistd.h> (gcc -E -dM), as a C table.
# A name may stand for another macro that has the number.
$1 == "#define" && NF == 3 { value[$2] = $3 }
END {
    print "extern const char *const calls_names[];\nextern const unsigned calls_names_count;"
    print "const char *const calls_names[] = {"
    for (macro in value) {
        number = value[macro] in value ? value[value[macro]] : value[macro]
        if (macro ~ /^__NR_/ && macro !~ /^__NR_(syscalls|arch_specific_syscall)$/ && number ~ /^[0-9]+$/)
            printf "    [%s] = \"%s\",\n", number, substr(macro, 6)
    }
    print "};\nconst unsigned calls_names_count = sizeof calls_names / sizeof *calls_names;"
}
