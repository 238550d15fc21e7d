/** One publisher's story of an event. */
export interface Report {
  publisher: string;
  title: string;
  dek: string;
  body: string[];
  /** Hours before the demo starts. */
  hoursAgo: number;
}

/** Something that happened in the demo's invented county. */
export interface DemoEvent {
  topic: string;
  /** Colours of its picture: sky, light, land. */
  palette: [string, string, string];
  scene: 'coast' | 'hills' | 'city' | 'night';
  reports: Report[];
}

const report = (
  publisher: string,
  hoursAgo: number,
  title: string,
  dek: string,
  ...body: string[]
): Report => ({
  publisher,
  title,
  dek,
  body: [dek, ...body],
  hoursAgo,
});

/** Fifteen events in the invented county of Wendmark, told by ten invented publishers. */
export const events: DemoEvent[] = [
  {
    topic: 'coast',
    palette: ['#24405e', '#f2b880', '#14263a'],
    scene: 'coast',
    reports: [
      report(
        'Harbour Post',
        3,
        'Skerry lighthouse shines again after forty dark years',
        'Volunteers lit the Skerry lighthouse at dusk on Monday, with a lens rebuilt from drawings found in a school attic.',
        'The first ship to answer was the evening ferry, which sounded its horn three times off Skerry Point. About two hundred people stood on the pier.',
        'The lamp had been dark since the keeper’s post was abolished. Retired glazier Ottilie Brandt led the repair of the lens for six years.',
      ),
      report(
        'Northern Ledger',
        4,
        'After four decades, the lamp on Skerry Point is lit',
        'The Skerry lighthouse is back in service, four decades after its last keeper left.',
        'The harbour authority will list the light in its charts from January. Ottilie Brandt, who rebuilt the lens, switched it on herself.',
      ),
      report(
        'Valley Courier',
        5,
        'Glazier’s six-year labour brings Skerry lighthouse back',
        'Ottilie Brandt spent six years cutting glass for the Skerry lighthouse lens. On Monday night it worked.',
        'Each of the 312 prisms was ground by hand in her garage. “I stopped counting the broken ones,” she said at the pier.',
      ),
      report(
        'City Desk',
        6,
        'Lighthouse lens rebuilt from school attic drawings',
        'A cleaner’s find in a school attic made the return of the Skerry lighthouse possible.',
        'The drawings of the lens, thought lost in a fire, had served as drawer lining. Volunteers raised the cost of the glass by selling postcards of the lighthouse.',
      ),
      report(
        'Quay Courier',
        9,
        'Crowd on the pier as the Skerry light returns',
        'Two hundred people came to the pier to see the Skerry light return.',
        'Children who had only known the lighthouse as a dark tower were handed sparklers. The ferry crew answered with the ship’s horn.',
      ),
      report(
        'Morning Signal',
        2,
        'Ships will steer by Skerry lighthouse again from January',
        'The harbour authority confirms that the Skerry lighthouse goes back into the charts in January.',
        'Pilots had asked for the light’s return since the grounding of the freighter Linnet. The lens turns once in twelve seconds.',
      ),
    ],
  },
  {
    topic: 'transport',
    palette: ['#8fb3c7', '#fff3d6', '#3a5a52'],
    scene: 'coast',
    reports: [
      report(
        'Northern Ledger',
        5,
        'Tidal ferry carries its first passengers across Kelder Strait',
        'A ferry that takes its power from the tide crossed Kelder Strait with forty passengers on board.',
        'The Ebba has no engine for the crossing: a cable and a sail below the waterline let the current do the work. The trip takes eleven minutes at full flow.',
      ),
      report(
        'Harbour Post',
        6,
        'No fuel, forty seats: tidal ferry Ebba begins trial',
        'The Ebba, a ferry without fuel, starts a winter of trial crossings in Kelder Strait.',
        'Tickets cost two crowns. At slack water, passengers wait in a heated shed that the county paid for.',
      ),
      report(
        'Tech Gazette',
        8,
        'How the Ebba sails sideways: the ferry that rides the tide',
        'The tidal ferry on Kelder Strait hangs on a cable and lets the current push it, an old idea with new materials.',
        'Engineer Jo Ravn used a wing-shaped keel that flips when the tide turns. Sensors on the cable stop the ferry in a storm.',
      ),
      report(
        'City Desk',
        10,
        'County pays for tidal ferry’s heated shed at Kelder',
        'Passengers of the tidal ferry Ebba get a heated shed for the wait at slack water.',
        'The council voted nine to two for the shed. The ferry itself was paid for by a cooperative of islanders.',
      ),
      report(
        'Island Echo',
        7,
        'Kelder islanders own the ferry that needs no fuel',
        'A cooperative of 180 islanders owns the Ebba, the tidal ferry on Kelder Strait.',
        'Each family bought a share for the price of a bicycle. The first crossing was steered by the cooperative’s oldest member, aged 91.',
      ),
    ],
  },
  {
    topic: 'science',
    palette: ['#0d1330', '#9fb7ff', '#05060f'],
    scene: 'night',
    reports: [
      report(
        'Tech Gazette',
        4,
        'Tessaly clock loses less than a second in ten years',
        'The optical clock of the Tessaly institute has run for ten years and is off by less than a second.',
        'Strontium atoms held by light give the beat. Physicists compared it with two other clocks by fibre each night.',
      ),
      report(
        'Morning Signal',
        5,
        'A decade without a lost second at the Tessaly institute',
        'For ten years the Tessaly institute has kept time with atoms of strontium, and has lost less than a second.',
        'Director Mirela Sand thanked the night shift, who kept the lasers in tune through two power cuts.',
      ),
      report(
        'Valley Courier',
        7,
        'Tessaly institute opens its clock room to visitors for a day',
        'To mark ten years of its optical clock, the Tessaly institute lets visitors in on Saturday.',
        'Groups of ten may look through a window at a blue dot: a cloud of strontium atoms. Watches must be left outside, as a joke.',
      ),
      report(
        'Northern Ledger',
        11,
        'Optical clock in Tessaly could redefine the second',
        'Ten steady years of the Tessaly optical clock strengthen the case for a new definition of the second.',
        'A decision by the metrology conference is due in four years. Two of three rival clocks have been less steady.',
      ),
    ],
  },
  {
    topic: 'culture',
    palette: ['#5b2333', '#f4c095', '#2b1118'],
    scene: 'city',
    reports: [
      report(
        'City Desk',
        6,
        'Vellmar orchestra elects Ines Kato, 24, as conductor',
        'Musicians of the Vellmar orchestra voted for Ines Kato, who at 24 becomes its youngest conductor.',
        'She takes up the baton in spring with a programme of works first played in Vellmar. Kato grew up two streets from the hall.',
      ),
      report(
        'Culture Weekly',
        7,
        'Ines Kato: the conductor who learned scores on the tram',
        'Ines Kato read orchestral scores on the tram to school. Now the Vellmar orchestra is hers.',
        'The vote was 61 to 12. “She breathes with the winds,” the first oboist said of her audition.',
      ),
      report(
        'Morning Signal',
        8,
        'Youngest conductor in Vellmar’s history named',
        'Ines Kato will lead the Vellmar orchestra from spring, the youngest in its history.',
        'Her predecessor Anton Weil retires after nineteen years. The season opens with a piece for tram bells.',
      ),
      report(
        'Valley Courier',
        12,
        'From tram seat to podium: Vellmar votes for Kato',
        'Ines Kato, a tram driver’s daughter, becomes conductor of the Vellmar orchestra.',
        'The hall has given each tram driver in town two tickets for the first night.',
      ),
    ],
  },
  {
    topic: 'transport',
    palette: ['#b7c4cf', '#ffe9c7', '#59626b'],
    scene: 'city',
    reports: [
      report(
        'City Desk',
        3,
        'Dunhaven rail strike called off after all-night talks',
        'Train drivers in Dunhaven accepted a raise of four percent at five in the morning. The rail strike is off.',
        'Trains run to the timetable from noon. Both sides thanked the mediator, a retired judge who brought soup.',
      ),
      report(
        'Northern Ledger',
        4,
        'Trains to run from noon as Dunhaven drivers take four percent',
        'The rail strike in Dunhaven ends before it began: drivers take a raise of four percent.',
        'The deal holds for two years and adds three days of leave. Freight trains lose one night.',
      ),
      report(
        'Morning Signal',
        5,
        'Soup and a judge: how the rail strike was averted',
        'A retired judge and a pot of soup ended the talks over the Dunhaven rail strike.',
        'The talks had stalled at two in the morning over rest breaks. After the soup, the drivers’ union dropped one demand and the railway another.',
      ),
      report(
        'Harbour Post',
        8,
        'Port breathes out as rail strike in Dunhaven is off',
        'The harbour had feared three days without trains. The Dunhaven rail strike is off.',
        'Two container ships that had been held outside the port may enter on Tuesday.',
      ),
      report(
        'Valley Courier',
        9,
        'Commuters spared: no rail strike in Dunhaven',
        'Commuters in the valley can take their usual train: Dunhaven’s drivers will not strike.',
        'The railway had planned 40 buses. They will be used for the school choir festival instead.',
      ),
    ],
  },
  {
    topic: 'nature',
    palette: ['#dfe7d5', '#f7b267', '#4a6b3f'],
    scene: 'hills',
    reports: [
      report(
        'Valley Courier',
        10,
        'Orange lynx photographed at Lake Ostrava',
        'Rangers photographed a lynx with an orange coat on the northern shore of Lake Ostrava.',
        'The colour comes from a rare gene, biologists say. The animal looked well fed and unimpressed.',
      ),
      report(
        'Nature Notes',
        11,
        'What makes a lynx orange? A gene, and a good summer',
        'The orange lynx of Lake Ostrava owes its coat to a recessive gene seen twice before.',
        'Its mother, spotted in April, has the usual grey. Hunters and farmers in the area have agreed to keep dogs away.',
      ),
      report(
        'Morning Signal',
        12,
        'Camera trap catches rare orange lynx',
        'A camera meant for deer caught a rare orange lynx at Lake Ostrava at dawn.',
        'The rangers will not say where the camera stands. Visitors are asked to stay on the paths.',
      ),
      report(
        'Island Echo',
        16,
        'Lake Ostrava rangers ask visitors to let the lynx be',
        'Since pictures of the orange lynx went round, cars crowd the shore of Lake Ostrava.',
        'The northern path is closed until spring. A webcam shows the lake, and so far no lynx.',
      ),
    ],
  },
  {
    topic: 'business',
    palette: ['#efe3cf', '#d98f4e', '#7a4a2b'],
    scene: 'city',
    reports: [
      report(
        'City Desk',
        8,
        'Aldermoor bakery sells itself to its bakers',
        'The oldest bakery in Aldermoor now belongs to the eleven people who bake in it.',
        'Owner Hedda Lund, 70, had offers from two chains. She lent the bakers the money instead, at no interest.',
      ),
      report(
        'Business Ledger',
        9,
        'Eleven bakers buy Aldermoor’s oldest bakery',
        'Eleven bakers bought the Aldermoor bakery from its owner, who lends them the price.',
        'The bakery turned over three million crowns last year. Each baker holds one vote, apprentices too.',
      ),
      report(
        'Valley Courier',
        13,
        'No chain for Aldermoor: bakery stays with its bakers',
        'Hedda Lund turned down two chains and gave the Aldermoor bakery to its staff on credit.',
        'The rye loaf stays at its price until summer, the new owners promise.',
      ),
      report(
        'Northern Ledger',
        15,
        'How the Aldermoor bakers’ loan without interest works',
        'The bakers of Aldermoor pay back their former owner in loaves and in crowns, over nine years.',
        'A lawyer who drew up the contract takes her fee in cardamom buns.',
      ),
    ],
  },
  {
    topic: 'science',
    palette: ['#101820', '#86e3ce', '#0a0f14'],
    scene: 'night',
    reports: [
      report(
        'Tech Gazette',
        6,
        'Wendmark students’ satellite hears whales from orbit',
        'A satellite built by students in Wendmark relays whale song from buoys across the northern sea.',
        'Forty buoys send a second of sound each hour. The satellite, as big as a loaf, passes six times a day.',
      ),
      report(
        'Nature Notes',
        8,
        'Whale song from space: what forty buoys tell',
        'For the first time, biologists follow whale song across the northern sea in one picture, thanks to a student satellite.',
        'Two pods that were thought to be apart sing the same phrase. The data is open to schools.',
      ),
      report(
        'Harbour Post',
        10,
        'Harbour lends berth to whale-song satellite’s buoys',
        'The buoys that feed the students’ whale satellite are serviced at the harbour’s third quay, free of charge.',
        'Fishers report where they see the buoys drift. One was returned by post.',
      ),
      report(
        'Morning Signal',
        9,
        'Student satellite the size of a loaf listens to whales',
        'Built in a school workshop, the Wendmark student satellite listens to whales by way of forty buoys.',
        'It rode to orbit as ballast. The students chose its name by lot: Dumpling.',
      ),
    ],
  },
  {
    topic: 'politics',
    palette: ['#cfd8e3', '#f0d9b5', '#5c6b7a'],
    scene: 'city',
    reports: [
      report(
        'City Desk',
        2,
        'Wendmark council votes to open its meetings to teenagers',
        'The Wendmark council gives residents from 14 the right to speak at its meetings.',
        'The vote was 21 to 16. A quarter of an hour at each meeting is set aside for speakers under eighteen.',
      ),
      report(
        'Northern Ledger',
        3,
        'Fifteen minutes for the under-eighteens in Wendmark council',
        'Teenagers may speak for a quarter of an hour at each meeting of the Wendmark council.',
        'Opponents feared delays. The first to put her name down is a 14-year-old with a petition on night buses.',
      ),
      report(
        'Morning Signal',
        6,
        'First teenager to address Wendmark council wants night buses',
        'Fourteen-year-old Ada Winther will be the first teenager to speak in the Wendmark council: on night buses.',
        'Her petition has 2,300 names. The transport committee has promised an answer within a month.',
      ),
      report(
        'Valley Courier',
        7,
        'Council and teenagers: what Wendmark’s new rule says',
        'From January, anyone from 14 may speak in the Wendmark council, after putting their name down.',
        'Speakers get three minutes each, and councillors must answer in writing.',
      ),
    ],
  },
  {
    topic: 'weather',
    palette: ['#6d7f8f', '#cfd9e0', '#39444d'],
    scene: 'coast',
    reports: [
      report(
        'Morning Signal',
        1,
        'Storm Odile to reach the coast on Wednesday night',
        'Forecasters expect storm Odile on the Wendmark coast on Wednesday night, with gusts of 110 kilometres an hour.',
        'High tide falls at half past one, the worst moment. Sandbags are handed out at the fire stations from noon.',
      ),
      report(
        'Harbour Post',
        2,
        'Harbour closes for storm Odile from Wednesday noon',
        'No ship may enter or leave the harbour from Wednesday noon, because of storm Odile.',
        'Boats in the outer basin should be doubled up. The fish auction moves to Thursday evening.',
      ),
      report(
        'Island Echo',
        3,
        'Islands stock up before storm Odile',
        'Shops on the islands sold out of batteries as storm Odile nears.',
        'The last ferry before the storm sails at ten on Wednesday. The school serves as shelter.',
      ),
      report(
        'Northern Ledger',
        4,
        'Odile: gusts of 110 and a spring tide, forecasters warn',
        'Storm Odile meets a spring tide on Wednesday night; low streets in three towns may flood.',
        'The county’s crisis team meets twice a day. Trains on the coast line run slower from the evening.',
      ),
      report(
        'City Desk',
        5,
        'Where to get sandbags before storm Odile',
        'Fire stations hand out sandbags from noon, six a household, before storm Odile.',
        'The city will close the river walk and the underpass at the station.',
      ),
    ],
  },
  {
    topic: 'culture',
    palette: ['#33263f', '#e6b8ff', '#160f1c'],
    scene: 'city',
    reports: [
      report(
        'Culture Weekly',
        14,
        'Guard foils heist at Quillon gallery with a fire bell',
        'A night guard at the Quillon gallery rang the fire bell by hand and sent two thieves running without the painting.',
        'The alarm had been cut. Guard Piet Olsen remembered the brass bell from a school visit.',
      ),
      report(
        'City Desk',
        15,
        'Thieves flee Quillon gallery without a painting',
        'Two thieves fled the Quillon gallery on Sunday night when a fire bell rang. Nothing is missing.',
        'Police found a ladder, a glove and a packed lunch. The painting, a seascape, hangs where it hung.',
      ),
      report(
        'Morning Signal',
        17,
        'The bell that saved a seascape: night at the Quillon',
        'A brass bell from 1902 did what the alarm could not at the Quillon gallery.',
        'The gallery will keep the bell in service. Piet Olsen was given the day off.',
      ),
    ],
  },
  {
    topic: 'sport',
    palette: ['#9cc5a1', '#fef6c9', '#216869'],
    scene: 'hills',
    reports: [
      report(
        'Morning Signal',
        11,
        'Pell wins island chess cup with a pawn nobody saw',
        'Chess master Runa Pell won the island cup in Pellworth with a pawn that queened on move 71.',
        'Her opponent, four-time winner Aksel Dahl, had offered a draw twice. Pell has no relation to the town’s name.',
      ),
      report(
        'Island Echo',
        12,
        'Four-time winner Dahl beaten in Pellworth chess final',
        'Runa Pell beat Aksel Dahl in the final of the island chess cup, in seven hours.',
        'The hall kept the café open until midnight. A hundred people watched the last pawn walk.',
      ),
      report(
        'Valley Courier',
        14,
        'Runa Pell takes the island chess cup to the valley',
        'For the first time the island chess cup goes to the valley, with Runa Pell.',
        'She learned the game from her grandfather’s newspaper problems, and still cuts them out.',
      ),
    ],
  },
  {
    topic: 'health',
    palette: ['#e8f0f2', '#ffd6a5', '#4f7c82'],
    scene: 'hills',
    reports: [
      report(
        'Northern Ledger',
        9,
        'Village doctors in Ombria share one practice on wheels',
        'Six villages in Ombria share a doctor’s practice that comes by bus, each on its own day.',
        'The bus has an X-ray machine and a heater. In its first month it saw 800 patients.',
      ),
      report(
        'Valley Courier',
        10,
        'The doctor’s bus has come to Ombria',
        'A bus with a doctor on board now stops in six villages of Ombria.',
        'The oldest patient so far is 98 and came for a chat. The county pays for two years.',
      ),
      report(
        'City Desk',
        18,
        'County pays two years for Ombria’s practice on wheels',
        'The county will pay for the doctor’s bus in Ombria for two years, at 1.4 million crowns a year.',
        'If fewer people go to the emergency ward, it pays for itself, a study says.',
      ),
    ],
  },
  {
    topic: 'nature',
    palette: ['#c9d6df', '#f9f7f7', '#52616b'],
    scene: 'coast',
    reports: [
      report(
        'Harbour Post',
        13,
        'Harbour seals counted: more than ever before',
        'Volunteers counted 1,204 seals on the sandbanks off the harbour, more than ever before.',
        'Counting is done from a church tower with four telescopes, by people who do not speak to each other until the end.',
      ),
      report(
        'Nature Notes',
        14,
        'Why the seals came back to the sandbanks',
        'With 1,204 seals, the sandbanks off the harbour hold more than before the great die-off.',
        'Cleaner water and fewer nets helped, biologists say. Pups make up a fifth.',
      ),
      report(
        'Island Echo',
        15,
        'Seal count: islanders see 1,204 from the church tower',
        'Four telescopes, one church tower, 1,204 seals: the yearly count is in.',
        'The counters’ results differed by no more than six.',
      ),
    ],
  },
  {
    topic: 'business',
    palette: ['#d7e3f4', '#ffdf91', '#3d5a80'],
    scene: 'hills',
    reports: [
      report(
        'Business Ledger',
        7,
        'Brixholm paper mill will heat the town',
        'The paper mill in Brixholm sends its waste heat to 900 homes from next winter.',
        'Pipes are laid along the old railway. Households pay a third less than for oil.',
      ),
      report(
        'Tech Gazette',
        9,
        'Old railway carries hot water: Brixholm’s heat network',
        'A disused railway is the route of Brixholm’s new heat network from the paper mill.',
        'Twin pipes lose one degree a kilometre. The mill’s steam is 140 degrees when it arrives.',
      ),
      report(
        'Northern Ledger',
        12,
        'Nine hundred homes in Brixholm to get heat from the mill',
        'Nine hundred homes in Brixholm will be heated by the paper mill from next winter.',
        'The council guarantees the loan. Two streets chose to stay with wood.',
      ),
    ],
  },
];
