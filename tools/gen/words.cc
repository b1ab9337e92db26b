#include "tools/gen/words.h"

namespace halqa::gen {
namespace {

using Words = absl::string_view[];

constexpr Words kFood0 = {"cuisine", "recettes", "pâtisserie", "tajine", "couscous", "gourmand"};
constexpr Words kFood1 = {"طبخ", "وصفات", "حلويات", "مطبخ", "معجنات"};
constexpr Words kFood2 = {"شهيوات", "طياب", "الماكلة", "طاجين", "رفيسة"};
constexpr Words kFood3 = {"chhiwat", "chhiwate", "makla", "tyab", "halawiyat", "rfissa"};
constexpr Words kFood4 = {"food", "cooking", "recipes", "foodie", "baking"};
constexpr Words kFoodX = {"chhiwattt", "shhiwat", "tbikh", "chehiwett", "mekla", "tiyyab"};

constexpr Words kBeauty0 = {"beauté", "maquillage", "cosmétiques", "coiffure", "parfum"};
constexpr Words kBeauty1 = {"جمال", "مكياج", "تجميل", "بشرة", "عطور"};
constexpr Words kBeauty2 = {"زين", "ماكياج", "الحنة"};
constexpr Words kBeauty3 = {"zin", "makiyaj", "lhenna", "jamal"};
constexpr Words kBeauty4 = {"beauty", "makeup", "skincare", "haircare"};
constexpr Words kBeautyX = {"makyaaj", "zzin", "lhanna", "skinkare"};

constexpr Words kFashion0 = {"mode", "couture", "styliste", "caftan", "tenue"};
constexpr Words kFashion1 = {"موضة", "أزياء", "أناقة", "قفطان", "فساتين"};
constexpr Words kFashion2 = {"حوايج", "جلابة", "تكشيطة", "لباس"};
constexpr Words kFashion3 = {"hwayej", "jellaba", "takchita", "9eftan", "lbas"};
constexpr Words kFashion4 = {"fashion", "outfit", "streetwear", "lookbook"};
constexpr Words kFashionX = {"hwayjj", "jllaba", "takchiita", "kaftann"};

constexpr Words kTravel0 = {"voyage", "tourisme", "randonnée", "vacances", "escapade"};
constexpr Words kTravel1 = {"سفر", "سياحة", "رحلات", "مغامرات"};
constexpr Words kTravel2 = {"تسافير", "جولان", "دوران"};
constexpr Words kTravel3 = {"safar", "tsafer", "jawla", "siyaha"};
constexpr Words kTravel4 = {"travel", "hiking", "trip", "wanderlust"};
constexpr Words kTravelX = {"saffar", "jwala", "siya7a", "voyaje"};

constexpr Words kSport0 = {"sport", "football", "musculation", "course à pied", "natation"};
constexpr Words kSport1 = {"رياضة", "كرة القدم", "كمال الأجسام", "مباريات"};
constexpr Words kSport2 = {"كورة", "ماتش", "تيران"};
constexpr Words kSport3 = {"koora", "kora", "riyada", "botola", "match"};
constexpr Words kSport4 = {"fitness", "workout", "soccer", "running", "gym"};
constexpr Words kSportX = {"kouraa", "lkoura", "riyadda", "fitnes"};

constexpr Words kTech0 = {"technologie", "informatique", "smartphones", "programmation"};
constexpr Words kTech1 = {"تكنولوجيا", "تقنية", "برمجة", "هواتف"};
constexpr Words kTech2 = {"بورطابل", "بيسي", "تيليفون"};
constexpr Words kTech3 = {"tilifoun", "barmaja", "portable"};
constexpr Words kTech4 = {"tech", "gadgets", "coding", "software"};
constexpr Words kTechX = {"tiknolojya", "tilifon", "barmajja"};

constexpr Words kFamily0 = {"famille", "maman", "bébé", "parentalité", "enfants"};
constexpr Words kFamily1 = {"عائلة", "أطفال", "أمومة", "تربية"};
constexpr Words kFamily2 = {"وليدات", "دراري", "العائلة"};
constexpr Words kFamily3 = {"wlidat", "drari", "l3a2ila", "mama"};
constexpr Words kFamily4 = {"family", "parenting", "mum", "kids"};
constexpr Words kFamilyX = {"wliddat", "drrari", "3ailaa"};

constexpr Words kHumour0 = {"humour", "blagues", "sketch", "comédie"};
constexpr Words kHumour1 = {"كوميديا", "فكاهة", "ضحك", "نكت"};
constexpr Words kHumour2 = {"ضحك", "تقشاب", "نكت"};
constexpr Words kHumour3 = {"da7k", "ta9chab", "nokat", "dahk"};
constexpr Words kHumour4 = {"comedy", "jokes", "funny", "memes"};
constexpr Words kHumourX = {"d7ek", "te9chab", "nokatt"};

constexpr Words kMusic0 = {"musique", "chanson", "rap marocain", "concert"};
constexpr Words kMusic1 = {"موسيقى", "أغاني", "غناء", "طرب"};
constexpr Words kMusic2 = {"الشعبي", "كناوة", "غنا"};
constexpr Words kMusic3 = {"chaabi", "gnawa", "ghna", "mosi9a"};
constexpr Words kMusic4 = {"music", "songs", "singer", "hiphop"};
constexpr Words kMusicX = {"musi9aa", "gnaoua", "cha3bii"};

constexpr Words kGaming0 = {"jeux vidéo", "gaming", "esport", "manette"};
constexpr Words kGaming1 = {"ألعاب", "ألعاب الفيديو", "لاعبين"};
constexpr Words kGaming2 = {"كيمينغ", "لعب", "بلاي"};
constexpr Words kGaming3 = {"l3ab", "jeu", "playstation"};
constexpr Words kGaming4 = {"gaming", "gamer", "esports", "streaming"};
constexpr Words kGamingX = {"gamming", "l3abb", "geyming"};

constexpr Words kHome0 = {"décoration", "maison", "bricolage", "jardin"};
constexpr Words kHome1 = {"ديكور", "منزل", "تنظيم", "حديقة"};
constexpr Words kHome2 = {"الدار", "صالون", "تزويق"};
constexpr Words kHome3 = {"dar", "dikor", "salon", "tazwi9"};
constexpr Words kHome4 = {"home decor", "interior", "diy", "gardening"};
constexpr Words kHomeX = {"ddar", "dikorr", "tezwi9"};

constexpr Words kAuto0 = {"automobile", "voitures", "moto", "mécanique"};
constexpr Words kAuto1 = {"سيارات", "محركات", "دراجات"};
constexpr Words kAuto2 = {"طوموبيل", "موطور", "طونوبيل"};
constexpr Words kAuto3 = {"tomobil", "tonobil", "motor"};
constexpr Words kAuto4 = {"cars", "motorbike", "engines"};
constexpr Words kAutoX = {"tomobiil", "tomobile", "siyarat"};

constexpr TopicWords kTopics[] = {
    {"food", {kFood0, kFood1, kFood2, kFood3, kFood4}, kFoodX},
    {"beauty", {kBeauty0, kBeauty1, kBeauty2, kBeauty3, kBeauty4}, kBeautyX},
    {"fashion", {kFashion0, kFashion1, kFashion2, kFashion3, kFashion4}, kFashionX},
    {"travel", {kTravel0, kTravel1, kTravel2, kTravel3, kTravel4}, kTravelX},
    {"sport", {kSport0, kSport1, kSport2, kSport3, kSport4}, kSportX},
    {"tech", {kTech0, kTech1, kTech2, kTech3, kTech4}, kTechX},
    {"family", {kFamily0, kFamily1, kFamily2, kFamily3, kFamily4}, kFamilyX},
    {"humour", {kHumour0, kHumour1, kHumour2, kHumour3, kHumour4}, kHumourX},
    {"music", {kMusic0, kMusic1, kMusic2, kMusic3, kMusic4}, kMusicX},
    {"gaming", {kGaming0, kGaming1, kGaming2, kGaming3, kGaming4}, kGamingX},
    {"home", {kHome0, kHome1, kHome2, kHome3, kHome4}, kHomeX},
    {"auto", {kAuto0, kAuto1, kAuto2, kAuto3, kAuto4}, kAutoX},
};

constexpr City kCities[] = {{"Casablanca", 30}, {"Rabat", 12},  {"Marrakech", 12}, {"Fès", 10},
                            {"Tanger", 10},     {"Agadir", 7},  {"Meknès", 6},     {"Oujda", 4},
                            {"Kénitra", 4},     {"Tétouan", 3}, {"El Jadida", 2}};

// What people in Morocco said they used; shares of people, so they add up to more than 100.
constexpr Platform kPlatforms[] = {{"whatsapp", 65}, {"facebook", 53}, {"instagram", 26},
                                   {"snapchat", 14}, {"twitter", 5},   {"linkedin", 2}};

constexpr Words kFirst = {"amal",  "nour",    "yasmine", "salma", "imane", "hiba",  "rim",
                          "zineb", "ghita",   "kenza",   "lina",  "malak", "sofia", "dounia",
                          "adam",  "youssef", "mehdi",   "anas",  "reda",  "ilyas", "hamza",
                          "omar",  "karim",   "nabil",   "samir", "walid", "ayoub", "tarik"};

constexpr Words kNounList = {"zaytoun", "warda",  "qamar", "atlas", "nejma", "rihla",  "bahja",
                             "tamra",   "zellij", "souk",  "riad",  "argan", "medina", "oued",
                             "rimal",   "yasmin", "louz",  "sahra", "chems", "ward",   "naanaa",
                             "kasbah",  "tariq",  "ghaba", "mouja", "samaa", "layl",   "fajr"};

constexpr Words kTalk0 = {"Ici pour sourire", "Chaque jour compte", "Toujours en mouvement",
                          "Une vie simple", "Marocain et fier"};
constexpr Words kTalk1 = {"الحياة جميلة", "أحب الهدوء", "كل يوم جديد", "من المغرب"};
constexpr Words kTalk2 = {"عايش نهار بنهار", "الحمد لله", "بنت البلاد", "ولد البلاد"};
constexpr Words kTalk3 = {"lhamdolillah", "3aych nhar b nhar", "wld lblad", "hna kandwi b sara7a"};
constexpr Words kTalk4 = {"Living day by day", "Just here", "Coffee first", "Dreamer"};

constexpr Words kPost0 = {"Nouvelle vidéo $w à $c, dites-moi tout", "Mes conseils $w de la semaine",
                          "On parle $w ce soir en direct", "Merci $c pour cette journée $w",
                          "Tout ce que vous demandez sur $w"};
constexpr Words kPost1 = {"فيديو جديد عن $w من $c", "نصائح $w لهذا الأسبوع", "أسئلتكم حول $w",
                          "شكرا على دعمكم، اليوم $w"};
constexpr Words kPost2 = {"اليوم غادي نهضرو على $w", "شوفو معايا $w ديال $c", "سولتوني بزاف على $w",
                          "جربو هاد $w وقولو ليا"};
constexpr Words kPost3 = {"lyoum ghadi nhdro 3la $w", "choufo m3aya $w dyal $c",
                          "soltoni bzaf 3la $w", "jarbo had $w w golo lia"};
constexpr Words kPost4 = {"New $w video from $c", "My $w tips this week", "Ask me about $w",
                          "A whole day of $w in $c"};

constexpr Words kBio0 = {"$w | $c", "Passion $w, basé à $c", "$w et bonne humeur", "Toujours $w"};
constexpr Words kBio1 = {"$w | $c", "عاشق $w", "كل شيء عن $w", "$w من $c"};
constexpr Words kBio2 = {"$w | $c", "كنموت على $w", "$w ديال $c", "غير $w"};
constexpr Words kBio3 = {"$w | $c", "kanbghi $w", "$w dyal $c", "ghir $w"};
constexpr Words kBio4 = {"$w | $c", "All about $w", "$w lover in $c", "$w every day"};

}  // namespace

absl::Span<const TopicWords> Topics() { return kTopics; }
absl::Span<const City> Cities() { return kCities; }
absl::Span<const Platform> Platforms() { return kPlatforms; }
absl::Span<const absl::string_view> FirstNames() { return kFirst; }
absl::Span<const absl::string_view> Nouns() { return kNounList; }

absl::Span<const absl::string_view> SmallTalk(Tongue tongue) {
  const absl::Span<const absl::string_view> all[] = {kTalk0, kTalk1, kTalk2, kTalk3, kTalk4};
  return all[tongue];
}
absl::Span<const absl::string_view> PostPatterns(Tongue tongue) {
  const absl::Span<const absl::string_view> all[] = {kPost0, kPost1, kPost2, kPost3, kPost4};
  return all[tongue];
}
absl::Span<const absl::string_view> BioPatterns(Tongue tongue) {
  const absl::Span<const absl::string_view> all[] = {kBio0, kBio1, kBio2, kBio3, kBio4};
  return all[tongue];
}
absl::string_view LanguageTag(Tongue tongue) {
  constexpr absl::string_view kTags[] = {"fr", "ar", "ary", "ary", "en"};
  return kTags[tongue];
}

}  // namespace halqa::gen
