#include "differ/bytes.h"
#include "differ/elf_pair.h"
#include <string.h>

static const char *const types[] = {"NONE", "REL (relocatable)", "EXEC (executable)",
                                    "DYN (shared)", "CORE"};

static const char *name_or(const char *name, char buffer[32], guint64 value) {
    if (name) return name;
    g_snprintf(buffer, 32, "0x%" G_GINT64_MODIFIER "x", value);
    return buffer;
}

static Diff *header_text(const char *field, const char *one, const char *other) {
    return strcmp(one, other) == 0 ? NULL
                                   : diff_new("ELF header, %s: %s against %s", field, one, other);
}

static Diff *header_number(const char *field, guint64 one, guint64 other) {
    return one == other ? NULL
                        : diff_new("ELF header, %s: 0x%" G_GINT64_MODIFIER
                                   "x against 0x%" G_GINT64_MODIFIER "x",
                                   field, one, other);
}

static const char *class_name(guint value) {
    return value == ELFCLASS32 ? "32-bit" : value == ELFCLASS64 ? "64-bit" : "invalid";
}

static const char *data_name(guint value) {
    return value == ELFDATA2LSB ? "little-endian" : value == ELFDATA2MSB ? "big-endian" : "invalid";
}

Diff *elf_diff_header(const ElfPair *pair) {
    const GElf_Ehdr *a = &pair->a->header, *b = &pair->b->header;
    char one[32], other[32];
    const char *machine_a = elf_machine_name(a->e_machine),
               *machine_b = elf_machine_name(b->e_machine);
    /* Of a damaged byte order no field makes sense. */
    Diff *diff =
        machine_a && machine_b ? header_text("e_machine (machine)", machine_a, machine_b) : NULL;
    if (!diff)
        diff = header_text("EI_CLASS (class)", class_name(a->e_ident[EI_CLASS]),
                           class_name(b->e_ident[EI_CLASS]));
    if (!diff)
        diff = header_text("EI_DATA (byte order, endianness)", data_name(a->e_ident[EI_DATA]),
                           data_name(b->e_ident[EI_DATA]));
    if (!diff)
        diff = header_text("e_machine (machine)", name_or(machine_a, one, a->e_machine),
                           name_or(machine_b, other, b->e_machine));
    if (!diff) diff = header_number("EI_OSABI", a->e_ident[EI_OSABI], b->e_ident[EI_OSABI]);
    if (!diff)
        diff = header_number("EI_ABIVERSION", a->e_ident[EI_ABIVERSION], b->e_ident[EI_ABIVERSION]);
    if (!diff)
        diff = header_text(
            "e_type (type)",
            name_or(a->e_type < G_N_ELEMENTS(types) ? types[a->e_type] : NULL, one, a->e_type),
            name_or(b->e_type < G_N_ELEMENTS(types) ? types[b->e_type] : NULL, other, b->e_type));
    if (!diff) diff = header_number("e_flags", a->e_flags, b->e_flags);
    if (!diff) diff = header_number("e_version", a->e_version, b->e_version);
    for (guint i = EI_PAD; !diff && i < EI_NIDENT; i++)
        diff = header_number("e_ident (padding)", a->e_ident[i], b->e_ident[i]);
    return diff;
}

/* ---- The header by its bytes ---- */

/* Offset and size of each field behind e_ident (ELF specification, figure 1-3): in 64-bit files, in
 * 32-bit files. */
static const struct {
    const char *name;
    guint8 at_64, size_64, at_32, size_32;
} fields[] = {{"e_type (type)", 16, 2, 16, 2},
              {"e_machine (machine)", 18, 2, 18, 2},
              {"e_version (version)", 20, 4, 20, 4},
              {"e_entry (entry point)", 24, 8, 24, 4},
              {"e_phoff (program headers)", 32, 8, 28, 4},
              {"e_shoff (section headers)", 40, 8, 32, 4},
              {"e_flags (flags)", 48, 4, 36, 4},
              {"e_ehsize (header size)", 52, 2, 40, 2},
              {"e_phentsize", 54, 2, 42, 2},
              {"e_phnum (number of program headers)", 56, 2, 44, 2},
              {"e_shentsize", 58, 2, 46, 2},
              {"e_shnum (number of sections)", 60, 2, 48, 2},
              {"e_shstrndx (section of names)", 62, 2, 50, 2}};
static const char *const idents[] = {"EI_CLASS (class)", "EI_DATA (byte order, endianness)",
                                     "EI_VERSION (version)", "EI_OSABI (ABI)",
                                     "EI_ABIVERSION (ABI version)"};

static guint64 value_at(const DiffSide *side, gsize at, gsize size) {
    guint64 value = 0;
    for (gsize i = 0; i < size; i++)
        value =
            value << 8 | side->data[at + (side->data[EI_DATA] == ELFDATA2MSB ? i : size - 1 - i)];
    return value;
}

Diff *elf_diff_header_only(const DiffSide *a, const DiffSide *b) {
    gboolean is_64 = a->size > EI_NIDENT && a->data[EI_CLASS] == ELFCLASS64;
    gsize size = is_64 ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr);
    if (MIN(a->size, b->size) < size || !bytes_same_end(a, size, b, size) ||
        !bytes_begin(a, 0, ELFMAG, SELFMAG) || !bytes_begin(b, 0, ELFMAG, SELFMAG))
        return NULL;
    for (guint i = EI_CLASS; i < EI_PAD; i++) {
        Diff *diff = i == EI_CLASS && a->data[i] && b->data[i] && a->data[i] <= ELFCLASS64 &&
                             b->data[i] <= ELFCLASS64
                         ? header_text(idents[0], class_name(a->data[i]), class_name(b->data[i]))
                     : i == EI_DATA
                         ? header_text(idents[1], data_name(a->data[i]), data_name(b->data[i]))
                         : header_number(idents[i - EI_CLASS], a->data[i], b->data[i]);
        if (diff) return diff;
    }
    for (guint i = 0; i < G_N_ELEMENTS(fields); i++) {
        gsize at = is_64 ? fields[i].at_64 : fields[i].at_32,
              bytes = is_64 ? fields[i].size_64 : fields[i].size_32;
        guint64 one = value_at(a, at, bytes), other = value_at(b, at, bytes);
        const char *machine_a = elf_machine_name((guint)one),
                   *machine_b = elf_machine_name((guint)other);
        Diff *diff = at == 18 && machine_a && machine_b
                         ? header_text(fields[i].name, machine_a, machine_b)
                         : header_number(fields[i].name, one, other);
        if (diff) return diff;
    }
    return header_text("e_ident", "its padding", "other padding");
}

/* ---- Program headers ---- */

static const char *segment_name(guint type) {
    switch (type) {
    case PT_LOAD: return "LOAD";
    case PT_DYNAMIC: return "DYNAMIC";
    case PT_INTERP: return "INTERP";
    case PT_NOTE: return "NOTE";
    case PT_PHDR: return "PHDR";
    case PT_TLS: return "TLS";
    case PT_GNU_EH_FRAME: return "GNU_EH_FRAME";
    case PT_GNU_STACK: return "GNU_STACK";
    case PT_GNU_RELRO: return "GNU_RELRO";
    default: return NULL;
    }
}

static gsize count_segments(const ElfFile *file) {
    size_t count;
    return elf_getphdrnum(file->elf, &count) == 0 ? count : 0;
}

static Diff *segment_number(gsize index, const GElf_Phdr *header, const char *field, guint64 one,
                            guint64 other) {
    char type[32];
    if (one == other) return NULL;
    return diff_new("program header %" G_GSIZE_FORMAT " (%s): %s 0x%" G_GINT64_MODIFIER
                    "x against 0x%" G_GINT64_MODIFIER "x",
                    index, name_or(segment_name(header->p_type), type, header->p_type), field, one,
                    other);
}

/* Those whose addresses and sizes follow from the sections are compared without them. */
Diff *elf_diff_segments(const ElfPair *pair) {
    gsize count = count_segments(pair->a), count_b = count_segments(pair->b);
    gboolean is_first = TRUE;
    for (gsize i = 0; i < MIN(count, count_b); i++) {
        GElf_Phdr a, b;
        if (!gelf_getphdr(pair->a->elf, (int)i, &a) || !gelf_getphdr(pair->b->elf, (int)i, &b))
            break;
        Diff *diff = NULL;
        if (count == count_b && a.p_type != b.p_type) {
            char one[32], other[32];
            return diff_new("program header %" G_GSIZE_FORMAT ": p_type %s against %s", i,
                            name_or(segment_name(a.p_type), one, a.p_type),
                            name_or(segment_name(b.p_type), other, b.p_type));
        }
        if (a.p_type != b.p_type) break;
        diff = segment_number(i, &a, "p_flags (read 4, write 2, execute 1)", a.p_flags, b.p_flags);
        if (!diff) diff = segment_number(i, &a, "p_align (alignment)", a.p_align, b.p_align);
        if (!diff && a.p_type == PT_LOAD && is_first) {
            diff = segment_number(i, &a, "p_vaddr (address)", a.p_vaddr, b.p_vaddr);
            is_first = FALSE;
        }
        if (!diff && !pair->is_shifted) {
            diff = segment_number(i, &a, "p_vaddr", a.p_vaddr, b.p_vaddr);
            if (!diff) diff = segment_number(i, &a, "p_paddr", a.p_paddr, b.p_paddr);
            if (!diff) diff = segment_number(i, &a, "p_filesz", a.p_filesz, b.p_filesz);
            if (!diff) diff = segment_number(i, &a, "p_memsz", a.p_memsz, b.p_memsz);
            if (!diff) diff = segment_number(i, &a, "p_offset", a.p_offset, b.p_offset);
        }
        if (diff) return diff;
    }
    if (count != count_b)
        return diff_new("the number of program headers (segments) differs: %" G_GSIZE_FORMAT
                        " against %" G_GSIZE_FORMAT,
                        count, count_b);
    return NULL;
}

/* ---- What is left ---- */

static const ElfSection *section_at(const ElfFile *file, gsize at) {
    for (guint i = 0; i < file->sections->len; i++) {
        const ElfSection *section = file->sections->pdata[i];
        gsize begin = (gsize)(section->content.data - file->side->data);
        if (section->content.size && at >= begin && at - begin < section->content.size)
            return section;
    }
    return NULL;
}

/* The fields that mostly follow from others. */
static Diff *rest_of_segments(const ElfPair *pair) {
    for (gsize i = 0; i < count_segments(pair->a); i++) {
        GElf_Phdr a, b;
        if (!gelf_getphdr(pair->a->elf, (int)i, &a) || !gelf_getphdr(pair->b->elf, (int)i, &b))
            break;
        Diff *diff = segment_number(i, &a, "p_vaddr", a.p_vaddr, b.p_vaddr);
        if (!diff) diff = segment_number(i, &a, "p_paddr", a.p_paddr, b.p_paddr);
        if (!diff) diff = segment_number(i, &a, "p_filesz", a.p_filesz, b.p_filesz);
        if (!diff) diff = segment_number(i, &a, "p_memsz", a.p_memsz, b.p_memsz);
        if (!diff) diff = segment_number(i, &a, "p_offset", a.p_offset, b.p_offset);
        if (diff) return diff;
    }
    return NULL;
}

static Diff *section_number(const ElfSection *section, guint index, const char *field, guint64 one,
                            guint64 other) {
    return one == other ? NULL
                        : diff_new("section header %u, \"%s\": %s 0x%" G_GINT64_MODIFIER
                                   "x against 0x%" G_GINT64_MODIFIER "x",
                                   index, section->name, field, one, other);
}

static Diff *rest_of_sections(const ElfPair *pair) {
    for (guint i = 0; i < MIN(pair->a->sections->len, pair->b->sections->len); i++) {
        const ElfSection *section = pair->a->sections->pdata[i];
        const GElf_Shdr *a = &section->header,
                        *b = &((ElfSection *)pair->b->sections->pdata[i])->header;
        Diff *diff = section_number(section, i, "sh_addr (address)", a->sh_addr, b->sh_addr);
        if (!diff) diff = section_number(section, i, "sh_size (size)", a->sh_size, b->sh_size);
        if (!diff) diff = section_number(section, i, "sh_link", a->sh_link, b->sh_link);
        if (!diff) diff = section_number(section, i, "sh_info", a->sh_info, b->sh_info);
        if (!diff)
            diff = section_number(section, i, "sh_offset (offset in the file)", a->sh_offset,
                                  b->sh_offset);
        if (!diff) diff = section_number(section, i, "sh_name (name)", a->sh_name, b->sh_name);
        if (diff) return diff;
    }
    return NULL;
}

/* Where in the file a byte is that no other check explains. */
Diff *elf_diff_layout(const ElfPair *pair) {
    const GElf_Ehdr *a = &pair->a->header, *b = &pair->b->header;
    Diff *diff = header_number("e_entry (entry point)", a->e_entry, b->e_entry);
    if (!diff) diff = header_number("e_phnum", a->e_phnum, b->e_phnum);
    if (!diff) diff = header_number("e_shnum", a->e_shnum, b->e_shnum);
    if (!diff) diff = header_number("e_phoff", a->e_phoff, b->e_phoff);
    if (!diff) diff = header_number("e_shoff", a->e_shoff, b->e_shoff);
    if (!diff) diff = header_number("e_shstrndx", a->e_shstrndx, b->e_shstrndx);
    if (!diff) diff = header_number("e_ehsize", a->e_ehsize, b->e_ehsize);
    if (!diff) diff = header_number("e_phentsize", a->e_phentsize, b->e_phentsize);
    if (!diff) diff = header_number("e_shentsize", a->e_shentsize, b->e_shentsize);
    if (!diff) diff = rest_of_segments(pair);
    if (!diff) diff = rest_of_sections(pair);
    gssize at = bytes_first(pair->side_a, pair->side_b);
    if (diff || at < 0) return diff;
    const ElfSection *section = section_at(pair->a, (gsize)at);
    if (section) return diff_new("section %s: the bytes differ", section->name);
    gboolean is_end = (gsize)at >= MIN(pair->side_a->size, pair->side_b->size);
    return diff_new("the bytes between the sections (padding) differ%s, at byte %" G_GSSIZE_FORMAT
                    " (0x%" G_GSSIZE_MODIFIER "x)",
                    is_end ? ", at the end of the file" : "", at, at);
}
