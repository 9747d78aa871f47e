package synth

// topicWords: name, people, things, places, beasts. After the colon stands the
// stress, one digit a syllable; after a slash an irregular plural.
var topicWords = [][5]string{
	{"sea",
		`sailor:10 captain:10 fisher:10 pilot:10 smuggler:10 boatman:10/boatmen:10 passenger:100 shipwright:10 diver:10 helmsman:10/helmsmen:10`,
		`anchor:10 rope:1 lantern:10 net:1 oar:1 barrel:10 compass:10 sail:1 hook:1 chart:1 mast:1 rudder:10 chain:1 telescope:100 hammock:10 pulley:10 cable:10 raft:1`,
		`harbour:10 island:10 beach:1 lighthouse:10 cove:1 pier:1 bay:1 cliff:1 shipyard:10 lagoon:01 quay:1 sandbank:10`,
		`gull:1 whale:1 crab:1 dolphin:10 heron:10 seal:1 eel:1 pelican:100`},
	{"farm",
		`farmer:10 miller:10 shepherd:10 reaper:10 beekeeper:100 ploughman:10/ploughmen:10 labourer:100 gardener:100 drover:10 thatcher:10`,
		`plough:1 basket:10 sickle:10 wheelbarrow:100 ladder:10 spade:1 pitchfork:10 sack:1 harness:10 saddle:10 churn:1 millstone:10 scarecrow:10 trough:1 cart:1 bridle:10`,
		`barn:1 orchard:10 meadow:10 mill:1 village:10 pasture:10 well:1 stable:10 garden:10 cottage:10 vineyard:10 haystack:10`,
		`horse:1 cow:1 hen:1 goat:1 lamb:1 donkey:10 sparrow:10 rooster:10 goose:1/geese:1`},
	{"town",
		`baker:10 tailor:10 cobbler:10 mayor:10 lawyer:10 clerk:1 beggar:10 banker:10 postman:10/postmen:10 watchman:10/watchmen:10 printer:10 barber:10`,
		`ledger:10 coin:1 umbrella:010 newspaper:1000 parcel:10 ticket:10 lamp:1 purse:1 signboard:10 loaf:1/loaves:1 bell:1 carriage:10 notice:10 bottle:10 hatbox:10 cane:1`,
		`market:10 bakery:100 station:10 bridge:1 square:1 theatre:10 courthouse:10 alley:10 hotel:01 library:100 gateway:10 fountain:10`,
		`pigeon:10 cat:1 rat:1 mule:1 terrier:100 mouse:1/mice:1 magpie:10`},
	{"forest",
		`hunter:10 woodman:10/woodmen:10 hermit:10 outlaw:10 ranger:10 trapper:10 wanderer:100 charcoal-burner:1010 forester:100 tinker:10`,
		`axe:1 arrow:10 acorn:10 bow:1 torch:1 snare:1 kettle:10 blanket:10 log:1 mushroom:10 feather:10 flint:1 hatchet:10 whistle:10 satchel:10 staff:1/staves:1`,
		`clearing:10 hollow:10 thicket:10 stream:1 cavern:10 ravine:01 hut:1 hillside:10 waterfall:100 glade:1 footpath:10 marsh:1`,
		`fox:1 owl:1 badger:10 stag:1 raven:10 squirrel:10 hedgehog:10 wolf:1/wolves:1 otter:10`},
	{"castle",
		`soldier:10 knight:1 herald:10 archer:10 steward:10 jester:10 squire:1 general:100 sentinel:100 messenger:100 prisoner:100 duke:1`,
		`sword:1 shield:1 banner:10 crown:1 helmet:10 drum:1 spear:1 goblet:10 throne:1 cannon:10 trumpet:10 gauntlet:10 dagger:10 scroll:1 seal:1 tapestry:100`,
		`tower:10 dungeon:10 courtyard:10 gatehouse:10 armoury:100 chapel:10 rampart:10 stairway:10 palace:10 drawbridge:10 battlefield:100 fortress:10`,
		`falcon:10 hound:1 stallion:10 griffin:10 peacock:10 charger:10 swan:1`},
	{"house",
		`cook:1 butler:10 nurse:1 lodger:10 neighbour:10 governess:100 housekeeper:100 footman:10/footmen:10 visitor:100 widow:10 landlord:10`,
		`candle:10 teapot:10 mirror:10 curtain:10 cradle:10 clock:1 needle:10 cushion:10 letter:10 key:1 portrait:10 drawer:1 pillow:10 spoon:1 carpet:10 thimble:10 knife:1/knives:1 locket:10`,
		`kitchen:10 parlour:10 attic:10 cellar:10 hallway:10 nursery:100 staircase:10 balcony:100 pantry:10 bedroom:10 porch:1 conservatory:10100`,
		`kitten:10 spaniel:10 parrot:10 canary:010 spider:10 moth:1 cricket:10`},
	{"study",
		`scholar:10 teacher:10 student:10 doctor:10 painter:10 poet:10 chemist:10 engineer:001 librarian:0100 astronomer:0100 inventor:010 musician:010`,
		`book:1 pencil:10 diagram:100 microscope:100 violin:001 notebook:10 inkwell:10 magnet:10 map:1 manuscript:100 lens:1 machine:01 canvas:10 pendulum:100 crystal:10 hourglass:10`,
		`classroom:10 laboratory:10100 museum:010 observatory:01000 gallery:100 lecture_hall:101 workshop:10 college:10 archive:10 studio:100 greenhouse:10 corridor:100`,
		`beetle:10 lizard:10 butterfly:100 tortoise:10 bat:1 salamander:1010 hummingbird:100`},
	{"road",
		`traveller:100 pedlar:10 pilgrim:10 bandit:10 minstrel:10 coachman:10/coachmen:10 stranger:10 courier:100 innkeeper:100 refugee:001 guide:1`,
		`wagon:10 suitcase:10 boot:1 cloak:1 passport:10 milestone:10 flute:1 tent:1 bundle:10 water-skin:101 wheel:1 guitar:01 lute:1 walking_stick:101 coin-bag:10`,
		`inn:1 crossroads:10/crossroads:10 valley:10 desert:10 mountain:10 canyon:10 frontier:01 campsite:10 monastery:1010 river:10 ford:1 highway:10`,
		`camel:10 mule:1 vulture:10 scorpion:010 pony:10 coyote:010 eagle:10`},
}

const (
	feelingWords  = `hope:1 fear:1 sorrow:10 anger:10 envy:10 joy:1 pity:10 despair:01 pride:1 courage:10 shame:1 jealousy:100 gratitude:100 longing:10 wonder:10 grief:1 delight:01 patience:10`
	abstractWords = `secret:10 promise:10 story:10 memory:100 question:10 dream:1 answer:10 rumour:10 bargain:10 mistake:01 warning:10 quarrel:10 plan:1 debt:1 song:1 prophecy:100 riddle:10 reason:10 journey:10 friendship:10 victory:100 future:10 legend:10 decision:010`
	weatherWords  = `wind:1 rain:1 storm:1 snow:1 thunder:10 moon:1 mist:1 frost:1 sunlight:10 tide:1 darkness:10 evening:10`
	bodyWords     = `hand:1 shoulder:10 face:1 finger:10 knee:1 arm:1 forehead:10 elbow:10 heart:1 cheek:1`
	clothesWords  = `hat:1 glove:1 apron:10 jacket:10 scarf:1 pocket:10 sleeve:1 collar:10 belt:1 shawl:1`
	kinWords      = `brother:10 sister:10 mother:10 father:10 cousin:10 uncle:10 aunt:1 friend:1 partner:10 servant:10 daughter:10 son:1 nephew:10 niece:1`
)
