package zone

// override is what the library's data has wrong, or cannot know.
type override struct {
	prefix string // digits after the plus
	kind   kind   // 0: all
	zones  []string
}

// overrides are looked at in their order.
var overrides = []override{
	// The data gives the zones of the United Kingdom; Ireland has one of its own (IANA europe file).
	{"353", 0, []string{"Europe/Dublin"}},
	// Mobiles of Kazakhstan share +7 with Russia; the country has had one time since March 2024 (IANA 2024a).
	{"77", mobile, []string{"Asia/Almaty"}},
	// Mobiles of Russia: every zone of the country (IANA zone1970.tab), not those of its neighbours under +7.
	{"79", mobile, []string{
		"Asia/Anadyr", "Asia/Irkutsk", "Asia/Kamchatka", "Asia/Krasnoyarsk", "Asia/Magadan", "Asia/Novosibirsk", "Asia/Omsk", "Asia/Sakhalin",
		"Asia/Vladivostok", "Asia/Yakutsk", "Asia/Yekaterinburg", "Europe/Kaliningrad", "Europe/Moscow", "Europe/Samara",
	}},
	// Numbers of Mexico do not tell mobiles (numbering plan of August 2019); its zones since the end of summer time in 2022.
	{"52", mobile, []string{"America/Cancun", "America/Ciudad_Juarez", "America/Hermosillo", "America/Mazatlan", "America/Matamoros", "America/Mexico_City", "America/Tijuana"}},
	// Mobiles of Indonesia: its three times.
	{"62", mobile, []string{"Asia/Jakarta", "Asia/Jayapura", "Asia/Makassar"}},
	// Mobiles of Brazil begin with the area code of where they were bought.
	{"55", mobile, []string{"America/Manaus", "America/Noronha", "America/Rio_Branco", "America/Sao_Paulo"}},
	// Mobiles of Australia tell nothing; the data gives Sydney.
	{"61", mobile, []string{
		"Australia/Adelaide", "Australia/Brisbane", "Australia/Darwin", "Australia/Eucla", "Australia/Hobart", "Australia/Lord_Howe", "Australia/Perth", "Australia/Sydney",
	}},
}

// aliases are old names, and names of places that have always the same time as another.
var aliases = map[string]string{
	"Asia/Calcutta": "Asia/Kolkata", "Asia/Katmandu": "Asia/Kathmandu", "Asia/Rangoon": "Asia/Yangon", "Asia/Saigon": "Asia/Ho_Chi_Minh",
	"America/Buenos_Aires": "America/Argentina/Buenos_Aires", "America/Godthab": "America/Nuuk", "Europe/Kiev": "Europe/Kyiv",
	"Atlantic/Faeroe": "Atlantic/Faroe", "Pacific/Truk": "Pacific/Chuuk", "Pacific/Ponape": "Pacific/Pohnpei", "Pacific/Enderbury": "Pacific/Kanton",
	"Europe/Guernsey": "Europe/London", "Europe/Jersey": "Europe/London", "Europe/Isle_of_Man": "Europe/London",
}

var (
	eastern  = []string{"America/New_York"}
	central  = []string{"America/Chicago"}
	mountain = []string{"America/Denver"}
	pacific  = []string{"America/Los_Angeles"}

	easternAndCentral = []string{"America/Chicago", "America/New_York"}
	centralMountain   = []string{"America/Chicago", "America/Denver"}
	mountainPacific   = []string{"America/Denver", "America/Los_Angeles"}
)

// stateNames are the states of the USA as the data calls them.
var stateNames = map[string]string{
	"Alabama": "AL", "Alaska": "AK", "Arizona": "AZ", "Arkansas": "AR", "California": "CA", "Colorado": "CO", "Connecticut": "CT", "Delaware": "DE",
	"Florida": "FL", "Georgia": "GA", "Hawaii": "HI", "Idaho": "ID", "Illinois": "IL", "Indiana": "IN", "Iowa": "IA", "Kansas": "KS", "Kentucky": "KY",
	"Louisiana": "LA", "Maine": "ME", "Maryland": "MD", "Massachusetts": "MA", "Michigan": "MI", "Minnesota": "MN", "Mississippi": "MS", "Missouri": "MO",
	"Montana": "MT", "Nebraska": "NE", "Nevada": "NV", "New Hampshire": "NH", "New Jersey": "NJ", "New Mexico": "NM", "New York": "NY",
	"North Carolina": "NC", "North Dakota": "ND", "Ohio": "OH", "Oklahoma": "OK", "Oregon": "OR", "Pennsylvania": "PA", "Rhode Island": "RI",
	"South Carolina": "SC", "South Dakota": "SD", "Tennessee": "TN", "Texas": "TX", "Utah": "UT", "Vermont": "VT", "Virginia": "VA",
	"Washington State": "WA", "Washington D.C.": "DC", "West Virginia": "WV", "Wisconsin": "WI", "Wyoming": "WY",
}

// states are the zones of the states of the USA (49 CFR part 71) and of the
// provinces of Canada: where somebody lives whose number may have moved along.
var states = map[string][]string{
	"CT": eastern, "DC": eastern, "DE": eastern, "GA": eastern, "MA": eastern, "MD": eastern, "ME": eastern, "NC": eastern, "NH": eastern,
	"NJ": eastern, "NY": eastern, "OH": eastern, "PA": eastern, "RI": eastern, "SC": eastern, "VA": eastern, "VT": eastern, "WV": eastern,
	"FL": easternAndCentral, "IN": easternAndCentral, "KY": easternAndCentral, "MI": easternAndCentral, "TN": easternAndCentral,
	"AL": central, "AR": central, "IA": central, "IL": central, "LA": central, "MN": central, "MO": central, "MS": central, "OK": central, "WI": central,
	"KS": centralMountain, "ND": centralMountain, "NE": centralMountain, "SD": centralMountain, "TX": centralMountain,
	"CO": mountain, "MT": mountain, "NM": mountain, "UT": mountain, "WY": mountain,
	"ID": mountainPacific, "OR": mountainPacific, "CA": pacific, "NV": mountainPacific, "WA": pacific,
	"AZ": {"America/Denver", "America/Phoenix"}, // the Navajo Nation keeps summer time
	"AK": {"America/Adak", "America/Anchorage"}, "HI": {"Pacific/Honolulu"}, "PR": {"America/Puerto_Rico"}, "VI": {"America/Puerto_Rico"}, "GU": {"Pacific/Guam"},
	"AB": {"America/Edmonton"}, "BC": {"America/Edmonton", "America/Vancouver"}, "MB": {"America/Winnipeg"}, "NB": {"America/Halifax"}, "NS": {"America/Halifax"},
	"PE": {"America/Halifax"}, "NL": {"America/Halifax", "America/St_Johns"}, "NT": {"America/Edmonton"}, "NU": {"America/Toronto", "America/Winnipeg", "America/Edmonton"},
	"ON": {"America/Toronto", "America/Winnipeg"}, "QC": {"America/Toronto", "America/Halifax"}, "SK": {"America/Regina", "America/Edmonton"}, "YT": {"America/Whitehorse"},
}
