import { expect, test } from 'vitest';
import { type Choice, chooseStories } from '../../src/selection/choose.ts';
import { parsePolicy } from '../../src/selection/policy.ts';
import { assignStorylines } from '../../src/selection/storylines.ts';
import { takeIn } from '../../src/stories/intake.ts';
import { createTestContext, type TestContext } from '../support/context.ts';
import { fiveEvents, type SeedStory, seedStories } from '../support/stories.ts';

/** Stories seeded and grouped; what comes back are their positions by storyline. */
async function group(context: TestContext, stories: SeedStory[]): Promise<number[][]> {
  const ids = await seedStories(context, stories);
  await assignStorylines(context);
  const rows = await context.db
    .selectFrom('stories')
    .select(['id', 'storyline_id'])
    .where('id', 'in', ids)
    .orderBy('id')
    .execute();
  return [...Map.groupBy(rows, (row) => row.storyline_id).values()].map((members) =>
    members.map(({ id }) => ids.indexOf(id)),
  );
}

function choose(context: TestContext, policy: object = {}): Promise<Choice> {
  return chooseStories(context, {
    at: context.clock.now(),
    policy: parsePolicy(policy),
    told: [],
    usedStoryIds: [],
    readUrl: (id) => `https://news.example.com/read/${id}`,
  });
}

const papers = [
  'Harbour Post',
  'Northern Ledger',
  'Valley Courier',
  'City Desk',
  'Quay Courier',
  'Island Echo',
];
const told = (titles: [title: string, dek: string][], more: Partial<SeedStory> = {}): SeedStory[] =>
  titles.map(([title, dek], at) => ({
    title,
    dek,
    publisher: papers[at] as string,
    hoursAgo: 2 + at / 4,
    ...more,
  }));

const lease = told([
  [
    'Brandt sues Lund over lease of the Skerry boatyard',
    'Ottilie Brandt wants the boatyard back, as the rent has not been paid since spring.',
  ],
  [
    'Boatyard lease: Brandt takes Lund to court',
    'The court in Marlow Bay hears the dispute over unpaid rent for the Skerry boatyard.',
  ],
  [
    'Lund denies owing rent for Skerry boatyard, as Brandt’s suit opens',
    'Hedda Lund says she repaired the slipway of the boatyard instead of paying rent.',
  ],
]);
const libel = told([
  [
    'Lund wins libel suit against Brandt over cookbook claim',
    'Brandt must not say again that the recipes in Lund’s cookbook were copied.',
  ],
  [
    'Court: Brandt must take back words on Lund’s cookbook',
    'Judges find that the recipes were Lund’s own; Brandt has to publish a retraction.',
  ],
  [
    'Recipes were her own: libel ruling for Hedda Lund',
    'Ottilie Brandt had called the cookbook a copy. She has to take that back.',
  ],
]);
const saturday = told(
  [
    [
      'Rovers beat Kelder United 2-1 with a late Ravn goal',
      'Jo Ravn scored in the 89th minute as Marlow Rovers came from behind at home.',
    ],
    [
      'Late goal by Ravn gives Rovers victory over Kelder United',
      'Kelder United led until the hour; Rovers turned the match in front of 4,000.',
    ],
    [
      'Kelder United throw away lead at Rovers',
      'United conceded twice in the second half, the winner by Ravn a minute before time.',
    ],
  ],
  { hoursAgo: 80 },
);
const tuesday = told([
  [
    'Rovers lose 3-0 at Brixholm in the cup',
    'Marlow Rovers are out of the county cup after three goals before half-time.',
  ],
  [
    'Brixholm knock Rovers out of county cup',
    'Brixholm’s young side needed 40 minutes to decide the cup tie against Rovers.',
  ],
  [
    'Cup exit for Rovers: three down by half-time at Brixholm',
    'Coach Kato apologised to the fans who had travelled to Brixholm.',
  ],
]);

test('two court cases with the same names are two storylines', async () => {
  const context = await createTestContext();
  expect(await group(context, [...lease, ...libel])).toEqual([
    [0, 1, 2],
    [3, 4, 5],
  ]);
});

test.each([true, false])(
  'the same team on two days are two storylines, with embeddings: %s',
  async (embeddings) => {
    const context = await createTestContext({ embeddings });
    expect(await group(context, [...saturday, ...tuesday])).toEqual([
      [0, 1, 2],
      [3, 4, 5],
    ]);
  },
);

test('a correction belongs to what it corrects', async () => {
  const context = await createTestContext();
  const correction = {
    title: 'Correction: Rovers lost 3-0 at Brixholm, not 4-0',
    dek: 'An earlier report on the cup tie against Brixholm gave a wrong result.',
    publisher: 'Harbour Post',
    hoursAgo: 1,
  };
  expect(await group(context, [...tuesday, ...lease, correction])).toEqual([
    [0, 1, 2, 6],
    [3, 4, 5],
  ]);
});

test('the entries of a live blog are one storyline, which one publisher reports', async () => {
  const context = await createTestContext();
  const times = ['07:10', '07:45', '08:20', '09:05', '09:50', '10:30'];
  const news = [
    'first boats are torn off their moorings',
    'the quay is closed to cars',
    'tide expected to peak at eleven',
    'ferries stay in port for the day',
    'the school in Harbour Street is a shelter',
    'water reaches the fish market',
  ];
  const blog = news.map((what, at) => ({
    title: `Live: Storm Odile hits Marlow Bay – ${what}`,
    dek: `${times[at]}: As storm Odile reaches Marlow Bay, ${what}.`,
    publisher: 'Harbour Post',
    hoursAgo: 7 - at,
  }));
  expect((await group(context, [...blog, ...lease])).map((members) => members.length)).toEqual([6, 3]);
  const { stories } = await choose(context);
  expect(stories.map(({ coverage }) => coverage)).toEqual([3, 1]);
});

test('items that are headlines only find each other', async () => {
  const context = await createTestContext();
  const bare = [...lease, ...saturday.map((story) => ({ ...story, hoursAgo: 3 }))].map((story) => ({
    ...story,
    dek: '',
  }));
  expect(await group(context, bare)).toEqual([
    [0, 1, 2],
    [3, 4, 5],
  ]);
});

test('a source that publishes a thousand stories an hour does not fill the edition', async () => {
  const context = await createTestContext({ embeddings: false });
  const nouns = [
    'tractor',
    'lamp',
    'garden',
    'violin',
    'kettle',
    'bicycle',
    'blanket',
    'ladder',
    'mirror',
    'teapot',
  ];
  const verbs = [
    'tested',
    'repaired',
    'painted',
    'borrowed',
    'measured',
    'forgotten',
    'auctioned',
    'polished',
    'weighed',
    'insured',
  ];
  const places = [
    'Ardmoor',
    'Birkholt',
    'Castlemere',
    'Dornfeld',
    'Elsterby',
    'Farrowick',
    'Grimsund',
    'Hollowdene',
    'Isenport',
    'Juniper',
  ];
  const flood = Array.from({ length: 1_000 }, (_, at) => {
    const [noun, verb, place] = [
      nouns[at % 10],
      verbs[Math.floor(at / 10) % 10],
      places[Math.floor(at / 100)],
    ];
    return { title: `${noun} ${verb} in ${place}, item ${at}`, publisher: 'Flood Wire', hoursAgo: 0.5 };
  });
  await seedStories(context, [...fiveEvents, ...lease, ...tuesday]);
  await seedStories(context, flood);
  const { stories } = await choose(context);
  const shown = stories.filter(({ slot }) => slot !== 'reserve');
  expect(shown.slice(0, 6).filter(({ publisher }) => publisher === 'Flood Wire')).toHaveLength(0);
  expect(shown.filter(({ publisher }) => publisher === 'Flood Wire').length).toBeLessThanOrEqual(
    shown.length / 2,
  );
});

test('nor does it where nobody else shares a story with another', async () => {
  const context = await createTestContext({ embeddings: false });
  const word = (number: number) =>
    [...String(number)].map((digit) => 'bakelidomu'.slice(Number(digit), Number(digit) + 3)).join('') +
    number;
  const own = (publisher: string, number: number, hoursAgo: number): SeedStory => ({
    title: [0, 1, 2, 3].map((part) => `${word(number * 4 + part)}x`).join(' '),
    publisher,
    hoursAgo,
  });
  const others = Array.from({ length: 30 }, (_, at) => own(`Village Paper ${at}`, at, 3 + at / 10));
  const flood = Array.from({ length: 1_000 }, (_, at) => own('Flood Wire', 1000 + at, 0.7 * (at / 1000)));
  await seedStories(context, [...others, ...flood]);
  const { stories } = await choose(context);
  const shown = stories.filter(({ slot }) => slot !== 'reserve');
  expect(shown).toHaveLength(12);
  expect(shown.filter(({ publisher }) => publisher === 'Flood Wire').length).toBeLessThanOrEqual(4);
});

test('the next report of the only publisher is news', async () => {
  const context = await createTestContext({ embeddings: false });
  const [first] = await seedStories(context, [
    { title: 'Kestrel editor 4.1 is released with folding', publisher: 'Kestrel', hoursAgo: 30 },
  ]);
  await assignStorylines(context);
  const [second] = await seedStories(context, [
    { title: 'Kestrel editor 4.2 is released with folding of tables', publisher: 'Kestrel', hoursAgo: 2 },
  ]);
  await assignStorylines(context);
  const rows = await context.db.selectFrom('stories').select(['id', 'storyline_id']).orderBy('id').execute();
  expect(rows[0]?.storyline_id).toBe(rows[1]?.storyline_id);
  const choice = await chooseStories(context, {
    at: context.clock.now(),
    policy: parsePolicy({ weights: { coverage: 0 } }),
    told: [
      {
        storylineId: rows[0]?.storyline_id as number,
        at: context.clock.now().getTime() - 24 * 3_600_000,
        title: 'Kestrel editor 4.1 is released with folding',
      },
    ],
    usedStoryIds: [first as number],
    readUrl: (id) => `https://news.example.com/read/${id}`,
  });
  expect(choice.newStorylines).toBe(1);
  expect(choice.stories[0]?.storyId).toBe(second);
  expect(choice.stories[0]?.reason.text).toContain('1 new report from 1 publisher');
});

test('what a policy keeps out stands beneath no story either', async () => {
  const context = await createTestContext({ embeddings: false });
  await seedStories(context, [...fiveEvents, ...lease]);
  const all = await choose(context);
  const publisher = all.stories[0]?.related[0]?.publisher as string;
  expect(publisher).toBeTruthy();
  const { stories } = await choose(context, { rules: [{ action: 'block', publisher }] });
  expect(stories.flatMap(({ related }) => related).length).toBeGreaterThan(0);
  for (const story of stories) {
    expect(story.publisher).not.toBe(publisher);
    for (const related of story.related) expect(related.publisher).not.toBe(publisher);
  }
});

test('languages and topics of a policy are compared as people write them', async () => {
  const context = await createTestContext({ embeddings: false });
  await seedStories(context, fiveEvents);
  const everything = (await choose(context)).stories.length;
  expect((await choose(context, { languages: ['en-GB'] })).stories).toHaveLength(everything);
  expect((await choose(context, { languages: ['EN'] })).stories).toHaveLength(everything);
  const some = (await choose(context, { topics: ['weather'] })).stories.length;
  expect(some).toBeGreaterThan(0);
  expect((await choose(context, { topics: ['Weather'] })).stories).toHaveLength(some);
  expect((await choose(context, { withoutTopics: ['WEATHER'] })).stories).toHaveLength(everything - some);
});

test('a newsletter over one publisher is filled by it', async () => {
  const context = await createTestContext({ embeddings: false });
  await seedStories(
    context,
    [...lease, ...tuesday, ...fiveEvents].map((story) => ({
      ...story,
      publisher: 'Harbour Post',
      hoursAgo: 2,
    })),
  );
  const { stories } = await choose(context);
  expect(stories).toHaveLength(7);
});

test('a burst of copies counts as one report, and is shown once', async () => {
  const context = await createTestContext();
  const text =
    'Order the Glimmer lamp today and get a second one for nothing, as long as the stock in our warehouse lasts. ' +
    'The lamp shines for forty hours on one charge and weighs less than an apple. Thousands of buyers cannot be wrong, ' +
    'and neither can you: call the number below, or click the button, before this offer ends at midnight tonight.';
  const spam = Array.from({ length: 120 }, (_, copy) => ({
    title: `Glimmer lamp: two for the price of one (${copy})`,
    bodyText: `${text} Code ${copy}.`,
    publisher: `Bargain ${copy}`,
    hoursAgo: 1,
  }));
  await seedStories(context, [...spam, ...fiveEvents]);
  const { stories } = await choose(context);
  const lamp = stories.find(({ title }) => title.includes('Glimmer'));
  expect(stories[0]?.title).not.toContain('Glimmer');
  expect(lamp?.coverage).toBe(1);
  expect(lamp?.related).toEqual([]);
  expect(lamp?.reason.text).toContain('119 more publishers carry the same text');
});

test('a story dated next year or 1970 is as old as its arrival', async () => {
  const context = await createTestContext({ embeddings: false });
  await takeIn(context, [
    {
      url: 'https://a.example.com/next',
      title: 'Glider lands on Brixholm motorway',
      publisher: 'A',
      publishedAt: new Date('2027-11-24T08:00:00Z'),
    },
    {
      url: 'https://b.example.com/first',
      title: 'Bakery oven reopens in Aldermoor',
      publisher: 'B',
      publishedAt: new Date(0),
    },
  ]);
  const { stories, storiesInWindow } = await choose(context);
  expect(storiesInWindow).toBe(2);
  expect(stories.map(({ publishedAt }) => publishedAt)).toEqual(
    Array(2).fill(context.clock.now().toISOString()),
  );
});

const abroad: [language: string, events: string[][]][] = [
  [
    'de',
    [
      [
        'Sturm Odile überflutet den Hafen von Marlow',
        'Hafen von Marlow nach Sturm Odile unter Wasser',
        'Hunderte fliehen vor Sturmflut Odile in Marlow',
      ],
      [
        'Bäckerei in Aldermoor gehört jetzt ihren Bäckern',
        'Elf Bäcker kaufen die älteste Bäckerei von Aldermoor',
        'Aldermoor: Bäcker übernehmen Bäckerei',
      ],
    ],
  ],
  [
    'fr',
    [
      [
        'La tempête Odile inonde le port de Marlow',
        'Le port de Marlow sous l’eau après la tempête Odile',
        'Tempête Odile : des centaines d’habitants fuient Marlow',
      ],
      [
        'La boulangerie d’Aldermoor appartient à ses boulangers',
        'Onze boulangers rachètent la boulangerie d’Aldermoor',
        'À Aldermoor, les boulangers deviennent propriétaires',
      ],
    ],
  ],
  [
    'es',
    [
      [
        'La tormenta Odile inunda el puerto de Marlow',
        'El puerto de Marlow, bajo el agua tras la tormenta Odile',
        'Cientos huyen de Marlow por la tormenta Odile',
      ],
      [
        'La panadería de Aldermoor ya es de sus panaderos',
        'Once panaderos compran la panadería de Aldermoor',
        'Los panaderos de Aldermoor se quedan con su panadería',
      ],
    ],
  ],
  [
    'pt',
    [
      [
        'Tempestade Odile inunda o porto de Marlow',
        'Porto de Marlow fica debaixo de água após tempestade Odile',
        'Centenas fogem de Marlow por causa da tempestade Odile',
      ],
      [
        'Padaria de Aldermoor passa a ser dos padeiros',
        'Onze padeiros compram a padaria de Aldermoor',
        'Padeiros de Aldermoor ficam com a padaria',
      ],
    ],
  ],
  [
    'it',
    [
      [
        'La tempesta Odile allaga il porto di Marlow',
        'Porto di Marlow sott’acqua dopo la tempesta Odile',
        'Centinaia in fuga da Marlow per la tempesta Odile',
      ],
      [
        'Il forno di Aldermoor ora è dei suoi fornai',
        'Undici fornai comprano il forno di Aldermoor',
        'Aldermoor, i fornai diventano padroni del forno',
      ],
    ],
  ],
  [
    'ru',
    [
      [
        'Шторм Одиль затопил порт Марлоу',
        'Порт Марлоу под водой после шторма Одиль',
        'Сотни жителей Марлоу бежали от шторма Одиль',
      ],
      [
        'Пекарня в Алдермуре перешла к пекарям',
        'Пекари выкупили старейшую пекарню Алдермура',
        'Алдермур: одиннадцать пекарей купили пекарню',
      ],
    ],
  ],
  [
    'ar',
    [
      [
        'العاصفة أوديل تغرق ميناء مارلو',
        'ميناء مارلو تحت الماء بعد العاصفة أوديل',
        'مئات يفرون من مارلو بسبب العاصفة أوديل',
      ],
      [
        'مخبز ألدرمور أصبح ملكا للخبازين',
        'أحد عشر خبازا يشترون مخبز ألدرمور',
        'الخبازون في ألدرمور يملكون المخبز',
      ],
    ],
  ],
  [
    'zh',
    [
      ['风暴奥黛尔淹没马洛港口', '马洛港口在风暴奥黛尔后被水淹没', '数百人因风暴奥黛尔逃离马洛'],
      ['奥德莫尔面包店归面包师所有', '十一名面包师买下奥德莫尔面包店', '奥德莫尔的面包师接手面包店'],
    ],
  ],
];

test.each(abroad)('events are told apart in %s', async (language, events) => {
  const context = await createTestContext();
  const stories = events.flatMap((titles) =>
    titles.map((title, at) => ({ title, publisher: papers[at] as string, language, hoursAgo: 2 })),
  );
  expect(await group(context, stories)).toEqual([
    [0, 1, 2],
    [3, 4, 5],
  ]);
});

test('all languages at once stay apart, each with its own storylines', async () => {
  const context = await createTestContext();
  const stories = abroad.flatMap(([language, events]) =>
    events.flatMap((titles) =>
      titles.map((title, at) => ({ title, publisher: papers[at] as string, language, hoursAgo: 2 })),
    ),
  );
  expect((await group(context, stories)).map((members) => members.length)).toEqual(Array(16).fill(3));
});
