package synth

// Verbs by the arguments they take. "+" doubles the last consonant; after the
// slashes stand irregular past and participle.
const (
	// takes a thing
	takeWords = `carry:10 hold:1/held/held lift:1 drop+:1 hide:1/hid/hidden:10 find:1/found/found lose:1/lost/lost mend:1 break:1/broke/broken:10 sell:1/sold/sold buy:1/bought/bought bring:1/brought/brought steal:1/stole/stolen:10 polish:10 paint:1 bury:10 examine:010 borrow:10 throw:1/threw/thrown admire:01 repair:01 measure:10 choose:1/chose/chosen:10 destroy:01 describe:01 collect:01 abandon:010 deliver:010 pack:1 draw:1/drew/drawn inspect:01 unwrap+:01 fetch:1 guard:1 drag+:1 wash:1 keep:1/kept/kept count:1 gather:10 recover:010 weigh:1 offer:10 forget+:01/forgot/forgotten:010`
	// takes a person
	meetWords = `meet:1/met/met follow:10 greet:1 trust:1 forgive:01/forgave/forgiven:010 warn:1 thank:1 blame:1 help:1 remember:010 watch:1 avoid:01 mock:1 praise:1 teach:1/taught/taught visit:10 comfort:10 betray:01 marry:10 question:10 recognise:100 deceive:01 obey:01 protect:01 rescue:10 invite:01 challenge:10 ignore:01 admire:01 flatter:10 persuade:01 accompany:0100 disappoint:001 interrupt:001 embrace:01 envy:10 despise:01 astonish:010`
	// takes a way to or through a place
	moveWords = `walk:1 run+:1/ran/run climb:1 hurry:10 wander:10 ride:1/rode/ridden:10 march:1 creep:1/crept/crept return:01 travel+:10 stroll:1 limp:1 stumble:10 go:1/went/gone drift:1 escape:01 journey:10 slip+:1 rush:1 come:1/came/come retreat:01`
	// takes nothing
	restWords = `sleep:1/slept/slept weep:1/wept/wept laugh:1 tremble:10 sigh:1 smile:1 wait:1 sing:1/sang/sung frown:1 shiver:10 hesitate:100 whistle:10 nod+:1 blush:1 kneel:1/knelt/knelt pause:1 stand:1/stood/stood dance:1 yawn:1 listen:10 cough:1 rest:1 dream:1 suffer:10`
	// takes a quotation
	speakWords = `say:1/said/said reply:01 whisper:10 shout:1 answer:10 cry:1 murmur:10 declare:01 mutter:10 insist:01 explain:01 add:1 remark:01 announce:01 observe:01 protest:01 laugh:1 repeat:01 sigh:1 begin+:01/began/begun`
	// takes a clause
	thinkWords = `know:1/knew/known think:1/thought/thought believe:01 hope:1 fear:1 suspect:01 discover:010 understand:001/understood/understood realise:100 hear:1/heard/heard remember:010 imagine:010 learn:1 admit+:01 pretend:01 swear:1/swore/sworn see:1/saw/seen doubt:1`
	// takes an infinitive
	seekWords = `want:1 try:1 hope:1 decide:01 promise:10 refuse:01 learn:1 agree:01 need:1 offer:10 long:1 prepare:01 expect:01 threaten:10 manage:10 intend:01 vow:1 attempt:01`
	// takes a present participle
	beginWords = `begin+:01/began/begun stop+:1 keep:1/kept/kept finish:10 avoid:01 enjoy:01 start:1 regret+:01 consider:010 imagine:010 postpone:01 resume:01`
	// said of wind and weather
	skyWords = `rise:1/rose/risen:10 fall:1/fell/fallen:10 fade:1 gather:10 linger:10 vanish:10 spread:1/spread/spread return:01 deepen:10 tremble:10 approach:01 settle:10 whisper:10 disappear:001`
)
