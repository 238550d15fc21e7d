import { expect, test } from 'vitest';
import { editUser } from '../../../src/access/users.ts';
import { getEdition, storiesOf } from '../../../src/editions/editions.ts';
import type { EditionChangeInput } from '../../../src/editions/revise/change.ts';
import { historyOf } from '../../../src/editions/revise/history.ts';
import { revise, undo } from '../../../src/editions/revise/revise.ts';
import { UserError } from '../../../src/errors.ts';
import { checkSubjects } from '../../../src/rendering/checks/subject-line.ts';
import { detailsSaid } from '../../../src/web/desk/sayings/acts.ts';
import { changeSummaries } from '../../../src/web/desk/sayings/changes.ts';
import { errorSaid, errorSayings } from '../../../src/web/desk/sayings/errors.ts';
import { findingSayings } from '../../../src/web/desk/sayings/findings.ts';
import { germanOf, worded } from '../../../src/web/desk/sayings/german.ts';
import { stateReasons } from '../../../src/web/desk/sayings/states.ts';
import { relatedReasons, storyReasons } from '../../../src/web/desk/sayings/stories.ts';
import { createTestContext } from '../../support/context.ts';
import { ada, ben, changed, seedDraft } from '../../support/revising.ts';
import { startDesk } from './desk-site.ts';

const changes: EditionChangeInput[] = [
  { kind: 'lines', subject: 'A. New; subject', preheader: '', tried: ['One', 'Two'] },
  { kind: 'lines', preheader: 'More', tried: [] },
  { kind: 'lines', tried: ['One'] },
  { kind: 'move', story: 's5', to: { slot: 'lead', at: 0 } },
  { kind: 'move', story: 's5', to: { slot: 'reserve', at: 1 } },
  { kind: 'pin', story: 's3', to: { slot: 'top', at: 0 } },
  { kind: 'unpin', story: 's3' },
  { kind: 'drop', story: 's4' },
  { kind: 'bring-back', story: 's4' },
  { kind: 'pin', story: 's1', to: { slot: 'lead', at: 0 } },
  { kind: 'replace', story: 's1', by: 's8' },
  { kind: 'edit', story: 's2', title: 'Is "quoted". And more', dek: 'Text', imageAlt: 'A quay' },
  { kind: 'restore', story: 's2', fields: ['title', 'dek'] },
  { kind: 'add-note', place: { at: 'top' }, title: 'Hello', text: 'A word' },
  { kind: 'add-note', place: { after: 'top' }, text: 'A word' },
  { kind: 'add-note', place: { story: 's2' }, text: 'A word' },
  { kind: 'edit-note', story: 's2', text: 'Another' },
  { kind: 'remove-note', story: 's2' },
  { kind: 'slots', counts: { top: 2, brief: 1 } },
];

test('every kind of change is worded in German, in the history and in the stories’ reasons', async () => {
  const context = await createTestContext();
  const id = await seedDraft(context);
  const reasons = new Set<string>();
  for (const change of changes) {
    await changed(context, id, change);
    const { dropped } = await getEdition(context, id);
    for (const { reason } of [
      ...(await storiesOf(context, id)),
      ...(dropped as { reason: { text: string } }[]),
    ])
      reasons.add(reason.text);
  }
  for (const user of [ada, ben])
    await undo(context, { editionId: id, base: (await getEdition(context, id)).version, user });
  const { versions } = await historyOf(context, id);
  const said = versions.map(({ summary }) => germanOf(summary, changeSummaries) ?? `NOT: ${summary}`);
  expect(said.filter((each) => each.startsWith('NOT'))).toEqual([]);
  expect(said.at(-1)).toBe(
    'Betreff geändert in „A. New; subject“. Vorschauzeile entfernt. Erprobt 2 weitere Betreffzeilen.',
  );
  expect(said.at(-4)).toBe('„Story number 4“ verschoben: war Platz 5, ist Platz 1, in lead.');
  expect(said[0]).toMatch(/^Änderung von Ada zurückgenommen: Notiz unter/);
  expect([...reasons].filter((text) => germanOf(text, storyReasons) === undefined)).toEqual([]);
});

test.each([
  [
    'Reported by 3 publishers; 1 more publisher carries the same text; newest report 2 hours old; source weight 1.3; readers click "energy" more than most.',
    '3 Medien berichten; ein weiteres hat denselben Text; neuester Bericht 2 Stunden alt; Gewicht der Quelle 1,3; Leser klicken „energy“ mehr als das meiste.',
  ],
  [
    'Pinned here by Ed, for everybody; was 2nd. Reported by St. Anna News alone; newest report under an hour old; told before as "A. B; c" and moved on since: 3 new reports from 2 publishers, new in them quay, fire.',
    'Von Ed hier festgehalten, für alle; war Platz 2. Nur St. Anna News berichtet; neuester Bericht keine Stunde alt; schon gebracht als „A. B; c“ und seither weitergegangen: 3 neue Berichte von 2 Medien, neu darin quay, fire.',
  ],
  [
    'Reported by 2 publishers; newest report 1 hour old. A rule boosts stories of Harbour Post, stories on energy (asked for).',
    '2 Medien berichten; neuester Bericht eine Stunde alt. Eine Regel hebt Meldungen von Harbour Post, Meldungen zu energy (asked for).',
  ],
  ['Somebody had another idea. Reported by 2 publishers.', undefined],
])('a reason of a story: %s', (english, german) => {
  expect(germanOf(english, storyReasons)).toBe(german);
});

test('what stands beneath a story, states and findings are worded; what is not known stays English and is marked', () => {
  expect(germanOf('On the same subject, 3 days earlier: quay, fire.', relatedReasons)).toBe(
    'Zum selben Gegenstand, 3 Tage früher: quay, fire.',
  );
  expect(germanOf('changed after approval by Ed', stateReasons)).toBe('nach der Freigabe von Ed geändert');
  expect(germanOf('2 new stories in the last 24 hours; the newsletter asks for 5', stateReasons)).toBe(
    '2 neue Meldungen in den letzten 24 Stunden; der Newsletter verlangt 5',
  );
  expect(
    germanOf('the checks found: The HTML has no unsubscribe link. [HTML, line 3] (and 2 more)', stateReasons),
  ).toBe('die Prüfung fand: Dem HTML fehlt der Abmeldelink. (und 2 weitere)');
  const found = [
    checkSubjects(['', 'x'.repeat(251), 'SHOUTED ABOUT THE HARBOUR!!! AND MORE'], '', undefined),
    checkSubjects(
      ['The same as it was before, and quite a lot longer than any inbox would show'],
      'p'.repeat(300),
      'The same as it was before, and quite a lot longer than any inbox would show',
    ),
  ].flat();
  expect(found.length).toBeGreaterThan(6);
  for (const { message, mend } of found) {
    expect([message, germanOf(message, findingSayings)]).not.toContain(undefined);
    expect([mend, germanOf(mend, findingSayings)]).not.toContain(undefined);
  }
  expect(worded('The moon is full.', stateReasons, 'de')).toEqual({ text: 'The moon is full.', lang: 'en' });
  expect(worded('The moon is full.', stateReasons, 'en')).toEqual({ text: 'The moon is full.' });
});

test('what an edition, a person or a storyline is refused for is said in German', () => {
  for (const message of [
    'The change does not say which version of the edition it was made on. Load the page again.',
    'The change is wrong: title has at most 500 characters.',
    'The change is wrong: imageUrl is a web address.',
    'The change is wrong: text is not empty.',
    'The change is wrong: counts.top is a number of stories, from 1 to 50.',
    'The crop is given in percent.',
    'There is a user ada@example.com already.',
    'ada@example.com is the last admin, and somebody has to be one.',
    'A user needs a role: for everything, or for a newsletter.',
    '"not" is not an email address: it has no @.',
    'These are one storyline already.',
    'There is no story 999999.',
    'These are all the stories of their storyline: there is nothing to split them from.',
  ])
    expect([message, errorSaid(new UserError(message), 'de').lang]).toEqual([message, undefined]);
  expect(detailsSaid({ version: 4, fellBack: false }, 'de')).toBe('Version: 4');
  expect(detailsSaid({ fellBack: true }, 'de')).toBe('Freigabe verfallen: ja');
});

test('what cannot be done is said in German, and so is what to do instead', async () => {
  const context = await createTestContext();
  const id = await seedDraft(context);
  const wrong = async (change: EditionChangeInput, base = 1) => {
    const error = await revise(context, { editionId: id, base, user: ada, change }).catch(
      (thrown: unknown) => thrown,
    );
    if (!(error instanceof UserError)) throw error;
    return errorSaid(error, 'de');
  };
  expect(await wrong({ kind: 'pin', story: 's8' })).toEqual({
    text: 'Ein Kandidat hat keinen Platz, auf dem er festgehalten werden könnte. Sagen Sie, in welchem.',
  });
  for (const change of [
    { kind: 'move', story: 's1', to: { slot: 'sport', at: 0 } },
    { kind: 'drop', story: 's99' },
    { kind: 'add', storyId: 99_999, to: { slot: 'top', at: 0 } },
    { kind: 'replace', story: 's1', by: 's1' },
    { kind: 'merge', story: 's1', with: 's1' },
    { kind: 'edit', story: 's1' },
  ] satisfies EditionChangeInput[]) {
    const said = await wrong(change);
    expect(said.lang, said.text).toBeUndefined();
  }
  await changed(context, id, { kind: 'lines', subject: 'Hers' }, ben);
  expect((await wrong({ kind: 'lines', subject: 'His' })).text).toMatch(
    /^Ben hat inzwischen dasselbe geändert: Betreff geändert in „Hers“\. Sehen Sie/,
  );
  await context.db.updateTable('editions').set({ state: 'sent' }).where('id', '=', id).execute();
  expect(await wrong({ kind: 'drop', story: 's1' })).toEqual({
    text: `Ausgabe ${id} kann nicht mehr geändert werden: Sie ist schon gesendet.`,
  });
});

test('the desk says them in German', async () => {
  const site = await startDesk();
  await editUser(site.context, site.editor.id, { locale: 'de' });
  const at = `/desk/editions/${site.editionId}`;
  const reason = (state_reason: string) =>
    site.context.db.updateTable('editions').set({ state_reason }).where('id', '=', site.editionId).execute();
  await reason('changed after approval by Ed');
  for (const page of [at, '/desk', `${at}/send`]) {
    const { html } = await site.as.editor.get(page);
    expect(html.includes('Nach der Freigabe von Ed geändert.'), page).toBe(true);
    expect(/changed after|>Preheader</.exec(html), page).toBe(null);
  }
  await reason('the moon was full');
  expect((await site.as.editor.get(at)).html.includes('<span lang="en">The moon was full.</span>')).toBe(
    true,
  );
});

test.each([
  [
    'Links must have discernible text (link-name, 3 elements).',
    /^Links müssen .*\(3 Elemente\)\.$/,
    findingSayings,
  ],
  [
    'display:flex is only partly supported by Outlook for Windows, Gmail, Yahoo, GMX and 2 others.',
    /^Outlook for Windows, Gmail, Yahoo, GMX und 2 weiteren: display:flex geht dort nur zum Teil\.$/,
    findingSayings,
  ],
  [
    'In dark mode, in a window of 360 px, text in #111 on #222 has a contrast of 1.20; 4.5 is the least that people can be asked to read (2 texts).',
    /^Im dunklen Modus, in einem Fenster von 360 px, .* 1,20; 4,5 ist das Mindeste/,
    findingSayings,
  ],
  [
    'https://a.example.com/feed could not be fetched: nothing answers there.',
    /^https:\/\/a\.example\.com\/feed ließ sich nicht abrufen: Dort antwortet nichts\.$/,
    errorSayings,
  ],
  ['"1 2 3" is no schedule: it has 3 fields, and needs 5.', /Er hat 3 Felder und braucht 5\.$/, errorSayings],
])('a finding or error of others’ making: %s', (english, german, sayings) => {
  expect(germanOf(english, sayings)).toMatch(german);
});
