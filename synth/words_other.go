package synth

const (
	personAdjectives  = `brave:1 tired:1 young:1 old:1 clever:10 gentle:10 proud:1 stubborn:10 honest:10 lonely:10 cheerful:10 pale:1 famous:10 silent:10 foolish:10 weary:10 jealous:10 grateful:10 cautious:10 merry:10 nervous:10 patient:10 generous:100 suspicious:010 melancholy:1010 ambitious:010 sleepy:10 careless:10 obedient:0100 thoughtful:10 tall:1 wicked:10`
	thingAdjectives   = `rusty:10 heavy:10 broken:10 golden:10 small:1 wooden:10 silver:10 old:1 bright:1 empty:10 painted:10 crooked:10 dusty:10 precious:10 torn:1 black:1 strange:1 narrow:10 worn:1 polished:10 enormous:010 forgotten:010 expensive:010 delicate:100 ancient:10 cheap:1 blue:1 green:1 copper:10 faded:10 borrowed:10 useless:10 gleaming:10 shabby:10`
	placeAdjectives   = `quiet:10 distant:10 crowded:10 dark:1 ruined:10 sunny:10 frozen:10 hidden:10 peaceful:10 gloomy:10 windy:10 deserted:010 familiar:010 nearby:01 damp:1 foggy:10 ancient:10 northern:10 southern:10 lonely:10 muddy:10 splendid:10 neglected:010 sacred:10 steep:1 abandoned:010 endless:10 silent:10`
	feelingAdjectives = `sudden:10 bitter:10 secret:10 deep:1 hopeless:10 quiet:10 strange:1 boundless:10 sweet:1 terrible:100 faint:1 growing:10 childish:10 unspoken:010 lasting:10 tender:10`

	mannerAdverbs = `slowly:10 quickly:10 quietly:100 gladly:10 sadly:10 bravely:10 gently:10 carefully:100 eagerly:100 silently:100 suddenly:100 proudly:10 calmly:10 angrily:100 softly:10 boldly:10 patiently:100 foolishly:100 nervously:100 politely:010 cheerfully:100 bitterly:100 secretly:100 reluctantly:0100 warmly:10 coldly:10 wearily:100 thoughtfully:100`
	oftenAdverbs  = `never:10 always:10 often:10 seldom:10 once:1 soon:1 rarely:10 already:010 still:1 again:01 sometimes:10 hardly:10`

	womenNames = `Anna:10 Margaret:10 Clara:10 Rosalind:100 Ellen:10 Beatrice:100 Helena:010 Matilda:010 Agnes:10 Cecily:100 Dorothy:100 Edith:10 Florence:10 Harriet:100 Ida:10 Juliet:100 Lydia:100 Miranda:010 Nora:10 Ophelia:0100 Phoebe:10 Rebecca:010 Sophia:010 Theresa:010`
	menNames   = `Thomas:10 Edward:10 Robert:10 Henry:10 Walter:10 Philip:10 Arthur:10 Gilbert:10 Oliver:100 Sebastian:0100 Benedict:100 Conrad:10 Duncan:10 Frederick:100 Geoffrey:10 Hugo:10 Jasper:10 Lambert:10 Martin:10 Nicholas:100 Orlando:010 Peter:10 Quentin:10 Roland:10 Stephen:10 Theodore:100 Victor:10 William:10 Anselm:10 Bertram:10 Cuthbert:10 Dominic:100 Everard:100 Francis:10 Godfrey:10 Humphrey:10 Ambrose:10 Leonard:10 Matthew:10 Rupert:10`

	surnameWords = `Harrow:10 Whitlock:10 Pemberton:100 Ashdown:10 Crane:1 Blackwood:10 Fairfax:10 Greaves:1 Hollis:10 Kettering:100 Larkspur:10 Marlowe:10 Northcott:10 Oakley:10 Penrose:10 Quill:1 Redfern:10 Stapleton:100 Thorne:1 Underhill:100 Vance:1 Wainwright:10 Yardley:10 Bellamy:100`
	townWords    = `Alderton:100 Brightwater:100 Carrowby:100 Dunmere:10 Eastholm:10 Fernwick:10 Greyhaven:100 Hartwell:10 Ironbridge:100 Kingsmoor:10 Larkfield:10 Millbrook:10 Norwood:10 Oxley:10 Pinecrest:10 Ravensford:100`
)

// topicHabits: for each topic, in the order of topicWords, what is done there
// with things, how one moves, and what things and places are like. All words
// are of the general lists; a topic keeps to its own nearly always.
var topicHabits = [][4]string{
	{"drop drag lose mend paint weigh hide count recover throw", "drift return rush stumble escape",
		"rusty heavy torn wooden faded worn broken copper", "foggy windy damp distant deserted hidden"},
	{"carry fetch wash gather borrow keep lift offer sell repair", "walk hurry stroll run come",
		"old wooden dusty narrow crooked green small useless", "sunny muddy quiet peaceful northern nearby"},
	{"buy sell deliver choose admire polish count unwrap forget keep", "stroll hurry march go slip",
		"cheap expensive shabby black painted bright silver gleaming", "crowded splendid familiar windy gloomy ancient"},
	{"find hide carry bury gather drop throw draw abandon break", "creep wander slip stumble climb",
		"small crooked broken green worn strange heavy forgotten", "dark silent frozen hidden sacred lonely"},
	{"hold steal guard lift draw destroy break recover polish offer", "march ride rush retreat escape",
		"golden heavy gleaming ancient enormous precious silver rusty", "ruined steep abandoned splendid gloomy silent"},
	{"wash polish mend unwrap borrow forget fetch examine describe find", "creep walk hurry return slip",
		"delicate faded painted borrowed silver small torn old", "quiet dark damp peaceful neglected familiar"},
	{"examine measure describe collect draw inspect choose repair weigh admire", "stroll wander return come go",
		"strange delicate narrow ancient useless expensive copper bright", "neglected crowded silent endless splendid quiet"},
	{"pack carry lose steal sell abandon inspect buy throw hide", "travel ride journey limp wander",
		"worn dusty heavy black cheap torn blue borrowed", "endless steep lonely southern distant frozen"},
}
