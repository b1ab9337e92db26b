# Writes OUTPUT, a C++ file that holds the bytes of INPUT. Hexadecimal, since one string literal may
# not be longer than a compiler likes.
file(READ "${INPUT}" hex HEX)
string(REGEX REPLACE "(..)" "0x\\1," bytes "${hex}")
string(REGEX REPLACE "(................................................................................)"
       "\\1\n" bytes "${bytes}")
file(WRITE "${OUTPUT}" "// Made from taxonomy.toml; do not edit.
namespace halqa::text {
extern const unsigned char kDefaultTaxonomyBytes[];
extern const unsigned long kDefaultTaxonomySize;
const unsigned char kDefaultTaxonomyBytes[] = {
${bytes}0};
const unsigned long kDefaultTaxonomySize = sizeof(kDefaultTaxonomyBytes) - 1;
}  // namespace halqa::text
")
