import { findingSayings } from './findings.ts';
import { germanOf, type Saying, type Sayings } from './german.ts';

/** Why an edition is in the state it is in. */
export const stateReasons: Sayings = {
  sentences: [
    ['changed after approval by {by}', 'nach der Freigabe von {by} geändert'],
    [
      'changed by {by} before its time: it does not go out by itself any more',
      'von {by} vor ihrer Zeit geändert: Sie geht nicht mehr von selbst hinaus',
    ],
    [
      'built ahead: at its time its stories are chosen again and it goes out, unless somebody changes it before',
      'vorab gebaut: Zu ihrer Zeit werden ihre Meldungen neu gewählt und sie geht hinaus, wenn niemand sie vorher ändert',
    ],
    ['being built, as {by} asked', 'wird gebaut, wie von {by} gewünscht'],
    ['that is tried again at its time', 'zu ihrer Zeit wird es wieder versucht'],
    ['held by {by}', 'von {by} angehalten'],
    ['1 new story in the last 1 hours', 'eine neue Meldung in der letzten Stunde'],
    ['1 new story in the last {n} hours', 'eine neue Meldung in den letzten {n} Stunden'],
    ['0 new stories in the last {n} hours', 'keine neue Meldung in den letzten {n} Stunden'],
    ['{n} new stories in the last {n2} hours', '{n} neue Meldungen in den letzten {n2} Stunden'],
    ['the newsletter asks for {n}', 'der Newsletter verlangt {n}'],
    ['the checks found: {finding} [{part}] (and {n} more)', 'die Prüfung fand: {finding} (und {n} weitere)'],
    ['the checks found: {finding} [{part}]', 'die Prüfung fand: {finding}'],
    [
      'the data are a copy: look whether it went out already, then resume or cancel it',
      'die Daten sind eine Kopie: Sehen Sie nach, ob sie schon hinausging, und lassen Sie sie weitergehen oder sagen Sie sie ab',
    ],
    ['no route serves it', 'kein Versandweg bedient sie'],
  ],
  values: { finding: (finding) => germanOf(finding, findingSayings) },
};

/** Why an edition would not have been sent by another policy. */
export const replayReasons: Sayings = {
  sentences: [
    ['0 new stories, the policy asks for {n}', 'keine neue Meldung, die Auswahl verlangt {n}'],
    ['1 new story, the policy asks for {n}', 'eine neue Meldung, die Auswahl verlangt {n}'],
    ['{n} new stories, the policy asks for {n2}', '{n} neue Meldungen, die Auswahl verlangt {n2}'],
  ],
};

/** Why one of several subjects was taken. */
export const subjectOutcomes: Sayings = {
  sentences: [
    ['too few readers got each subject to tell', 'zu wenige Leser bekamen jeden Betreff, um es zu sagen'],
    ...(['clicked', 'opened'] as const).flatMap((verb): Saying[] => {
      const said = verb === 'clicked' ? 'klickten' : 'öffneten';
      const both = `{n} of {n2} ${verb} with subject {n3}, {n4} of {n5} with the edition’s own`;
      const german = `{n} von {n2} ${said} bei Betreff {n3}, {n4} von {n5} beim Betreff der Ausgabe`;
      return [
        [`${both}: more than chance (p = {n6})`, `${german}: mehr als Zufall (p = {n6})`],
        [
          `${both}: no more than chance may do (p = {n6})`,
          `${german}: nicht mehr, als der Zufall tut (p = {n6})`,
        ],
      ];
    }),
  ],
};
