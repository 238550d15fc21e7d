import type { UserError } from '../../../errors.ts';
import { changeSummaries } from './changes.ts';
import { formValues, newsletterErrors, sourceErrors } from './forms.ts';
import { germanOf, type Sayings, type Worded, worded } from './german.ts';
import { stateReasons } from './states.ts';

/** Why something cannot be done, and what to do instead. */
export const errorSayings: Sayings = {
  sentences: [
    ['There is no edition {n}', 'Eine Ausgabe {n} gibt es nicht'],
    [
      'Edition {n} cannot be changed any more: it is {state}',
      'Ausgabe {n} kann nicht mehr geändert werden: Sie {state}',
    ],
    [
      'Edition {n} cannot be {done}: it is {state} ({reason})',
      'Ausgabe {n} kann nicht {done} werden: Sie {state} ({reason})',
    ],
    ['Edition {n} cannot be {done}: it is {state}', 'Ausgabe {n} kann nicht {done} werden: Sie {state}'],
    [
      'Edition {n} has been changed since it was rendered, or looked at',
      'Ausgabe {n} wurde geändert, seit sie gesetzt oder angesehen wurde',
    ],
    ['Edition {n} was not built: {reason}', 'Ausgabe {n} wurde nicht gebaut: {reason}'],
    [
      'It is as it was. Take stories in by hand, or wait for more',
      'Sie ist, wie sie war. Nehmen Sie Meldungen von Hand auf, oder warten Sie auf mehr',
    ],
    [
      'Edition {n} has no version {n2} yet: it has {n3}. Load it again',
      'Ausgabe {n} hat noch keine Version {n2}, sie hat {n3}. Laden Sie sie neu',
    ],
    ['Edition {n} is being laid out and checked', 'Ausgabe {n} wird gerade gesetzt und geprüft'],
    ['Do it again in a moment', 'Tun Sie es gleich noch einmal'],
    ['There is nothing to take back', 'Es gibt nichts zurückzunehmen'],
    ['There is nothing to do again', 'Es gibt nichts zu wiederholen'],
    ['There is nothing to change', 'Es gibt nichts zu ändern'],
    ['{by} has changed the same meanwhile: {change}', '{by} hat inzwischen dasselbe geändert: {change}'],
    [
      'Look at the edition as it is now, and do it again if it is still right',
      'Sehen Sie die Ausgabe an, wie sie jetzt ist, und tun Sie es noch einmal, wenn es dann noch stimmt',
    ],
    ['Look at the edition as it is now', 'Sehen Sie die Ausgabe an, wie sie jetzt ist'],
    ['Nothing was changed', 'Nichts wurde geändert'],
    [
      'A story in reserve has no place in which it could be pinned',
      'Ein Kandidat hat keinen Platz, auf dem er festgehalten werden könnte',
    ],
    ['Say in which slot', 'Sagen Sie, in welchem'],
    [
      'This is the last story of the edition: there would be nothing left to send',
      'Das ist die letzte Meldung der Ausgabe: Es bliebe nichts zu senden',
    ],
    [
      'Add another story first, or cancel the edition',
      'Nehmen Sie erst eine andere auf, oder sagen Sie die Ausgabe ab',
    ],
    ['A story cannot replace itself', 'Eine Meldung kann sich nicht selbst ersetzen'],
    [
      '"{title}" does not stay in "{slot}": it is not about what that place takes, or another takes it first',
      '„{title}“ bleibt nicht in „{slot}“: Sie handelt nicht von dem, was dort steht, oder eine andere kommt vor ihr',
    ],
    [
      'A story that is not pinned does not stay in "{slot}": places before it are free, or take it first',
      'Eine Meldung, die nicht festgehalten wird, bleibt nicht in „{slot}“: Plätze davor sind frei oder nehmen sie zuerst',
    ],
    [
      'Pin it in "{slot}": a pinned story may stand anywhere',
      'Halten Sie sie in „{slot}“ fest: Festgehaltene dürfen überall stehen',
    ],
    ['Pin it in "{slot}"', 'Halten Sie sie in „{slot}“ fest'],
    [
      'There are more places than stories: each candidate stands in the edition',
      'Es gibt mehr Plätze als Meldungen: Jeder Kandidat steht in der Ausgabe',
    ],
    [
      'Drop the story, or lower the number of places',
      'Lassen Sie die Meldung weg, oder geben Sie weniger Plätze',
    ],
    [
      'All places of "{slot}" are held by pinned stories',
      'Alle Plätze in „{slot}“ sind von festgehaltenen Meldungen besetzt',
    ],
    [
      'Unpin one of them, or give the slot more places',
      'Halten Sie eine davon nicht mehr fest, oder geben Sie mehr Plätze',
    ],
    [
      '"{slot}" takes stories about {topic} only, and this one is not',
      '„{slot}“ nimmt nur Meldungen zu {topic}, und diese ist keine',
    ],
    ['The edition has no place for stories named "{slot}"', 'Die Ausgabe hat keinen Platz namens „{slot}“'],
    ['"{title}" is in the edition already', '„{title}“ steht schon in der Ausgabe'],
    ['Move it to where it should be', 'Stellen Sie sie dahin, wo sie stehen soll'],
    ['Replace the story by it', 'Ersetzen Sie die Meldung durch sie'],
    ['A story cannot be merged with itself', 'Eine Meldung kann nicht mit sich selbst zusammengelegt werden'],
    [
      'The story has no image of which a part could be shown',
      'Die Meldung hat kein Bild, von dem ein Teil zu zeigen wäre',
    ],
    ['There is a note beneath "{title}" already', 'Unter „{title}“ steht schon eine Notiz'],
    ['Edit that one', 'Bearbeiten Sie diese'],
    [
      '{n} stories are pinned in "{slot}": it cannot take only {n2}',
      '{n} Meldungen werden in „{slot}“ festgehalten: Weniger Plätze als diese, nämlich {n2}, gehen nicht',
    ],
    ['Unpin some of them first', 'Halten Sie erst einige davon nicht mehr fest'],
    ['"{title}" is not among the stories any more', '„{title}“ ist nicht mehr unter den Meldungen'],
    [
      '"{title}" is not among the stories any more: it has no storyline',
      '„{title}“ ist nicht mehr unter den Meldungen und hat kein Thema',
    ],
    ['This is a note of the editors, not a story', 'Das ist eine Notiz der Redaktion, keine Meldung'],
    [
      'Edit the note, move it to another place, or remove it',
      'Bearbeiten Sie die Notiz, stellen Sie sie anderswohin, oder entfernen Sie sie',
    ],
    ['Story {n} does not stand beneath "{title}"', 'Meldung {n} steht nicht unter „{title}“'],
    [
      'The edition has no story or note "{key}", or does not have it any more',
      'Die Ausgabe hat keine Meldung oder Notiz „{key}“, oder hat sie nicht mehr',
    ],
    [
      'Story {n} does not exist, or does not exist any more',
      'Eine Meldung {n} gibt es nicht, oder nicht mehr',
    ],
    ['There are {n} notes in this place already', 'An dieser Stelle stehen schon {n} Notizen'],
    [
      'An edition has at most {n} places, those of notes included',
      'Eine Ausgabe hat höchstens {n} Plätze, die der Notizen eingeschlossen',
    ],
    [
      'Put the note where there is one already, or beneath a story',
      'Stellen Sie die Notiz dahin, wo schon eine ist, oder unter eine Meldung',
    ],
    [
      'A test goes to at most {n} addresses; these are {n2}',
      'Eine Probe geht an höchstens {n} Adressen; das sind {n2}',
    ],
    [
      'A seed list has at most {n} addresses; these are {n2}',
      'Eine Seed-Liste hat höchstens {n} Adressen; das sind {n2}',
    ],
    [
      'An approval can be taken back for at most an hour: 0 to 3600 seconds',
      'Eine Freigabe ist höchstens eine Stunde lang zurückzunehmen: 0 bis 3600 Sekunden',
    ],
    [
      'No route takes mail of this newsletter: they are switched off, or made for other mail',
      'Kein Versandweg nimmt Mail dieses Newsletters: Sie sind ausgeschaltet, oder für andere Mail da',
    ],
    [
      'The change does not say which version of the edition it was made on',
      'Die Änderung sagt nicht, zu welcher Version der Ausgabe sie gehört',
    ],
    [
      'The change is wrong: {changed} has at most {n} characters',
      'Die Änderung geht nicht: {changed} hat höchstens {n} Zeichen',
    ],
    [
      'The change is wrong: {changed} is not empty',
      'Die Änderung geht nicht: {changed} darf nicht leer sein',
    ],
    [
      'The change is wrong: {changed} is a web address',
      'Die Änderung geht nicht: {changed} ist keine Webadresse',
    ],
    [
      'The change is wrong: counts.{slot} is a number of stories, from 1 to 50',
      'Die Änderung geht nicht: „{slot}“ hat 1 bis 50 Plätze',
    ],
    ['The crop is given in percent', 'Der Ausschnitt wird in Prozent angegeben'],
    ['There is no such place for a note', 'Diesen Platz für eine Notiz gibt es nicht'],
    ['Load the page again', 'Laden Sie die Seite neu'],
    ['There is a user {email} already', 'Eine Person {email} gibt es schon'],
    ['There is no role "{text}"', 'Eine Rolle „{text}“ gibt es nicht'],
    [
      '{email} is the last admin, and somebody has to be one',
      '{email} ist die letzte Person mit der Rolle Admin, und eine muss es geben',
    ],
    ['Make another user an admin first', 'Geben Sie die Rolle erst einer anderen'],
    ['There is no user {key}', 'Eine Person {key} gibt es nicht'],
    [
      'A user needs a role: for everything, or for a newsletter',
      'Eine Person braucht eine Rolle: für alles oder für einen Newsletter',
    ],
    ['The roles are {list}', 'Die Rollen sind {list}'],
    ['"{email}" is not an email address: {words}', '„{email}“ ist keine Mailadresse'],
    [
      'Not all of these stories are of this storyline, or not any more',
      'Nicht alle diese Meldungen gehören zu diesem Thema, oder nicht mehr',
    ],
    ['These are one storyline already', 'Das ist schon ein einziges Thema'],
    ['There is no story {key}', 'Eine Meldung {key} gibt es nicht'],
    [
      'Name the stories that are a storyline of their own',
      'Nennen Sie die Meldungen, aus denen ein eigenes Thema werden soll',
    ],
    ['These stories have no storyline yet', 'Diese Meldungen haben noch kein Thema'],
    [
      'These stories are of several storylines; a split takes stories out of one',
      'Diese Meldungen gehören zu mehreren Themen; abgetrennt wird aus einem',
    ],
    [
      'These are all the stories of their storyline: there is nothing to split them from',
      'Das sind alle Meldungen des Themas: Es bliebe nichts, wovon sie abzutrennen wären',
    ],
    ...newsletterErrors,
    ...sourceErrors,
  ],
  values: {
    ...formValues,
    changed: (field) => changedFields[field],
    state: (state) => states[state],
    done: (done) => dones[done],
    reason: (reason) => germanOf(reason, stateReasons),
    change: (summary) => germanOf(summary, changeSummaries),
  },
};

const changedFields: Record<string, string> = {
  subject: 'Der Betreff',
  preheader: 'Die Vorschauzeile',
  title: 'Die Überschrift',
  dek: 'Der Text',
  text: 'Der Text',
  imageUrl: 'Das Bild',
  imageAlt: 'Die Beschreibung des Bildes',
};

const states: Record<string, string> = {
  draft: 'ist noch ein Entwurf',
  'still a draft': 'ist noch ein Entwurf',
  review: 'wartet auf Freigabe',
  'waiting for approval': 'wartet auf Freigabe',
  approved: 'ist freigegeben',
  'approved and about to be sent': 'ist freigegeben und geht gleich hinaus',
  sending: 'wird gesendet',
  'being sent': 'wird gesendet',
  paused: 'ist angehalten',
  sent: 'ist schon gesendet',
  'sent already': 'ist schon gesendet',
  cancelled: 'ist abgesagt',
  skipped: 'ist ausgelassen',
};

const dones: Record<string, string> = {
  approved: 'freigegeben',
  'put back into review': 'in die Prüfung zurückgenommen',
  sent: 'gesendet',
  paused: 'angehalten',
  resumed: 'fortgesetzt',
  cancelled: 'abgesagt',
  skipped: 'ausgelassen',
  'put up for review': 'zur Prüfung vorgelegt',
};

/**
 * What an error says at the desk: its message, and its hint unless that names commands, which are for terminals. A hint that
 * cannot be worded is left out beside a message that can.
 */
export function errorSaid({ message, hint }: UserError, language: 'en' | 'de'): Worded {
  const said = worded(message, errorSayings, language);
  if (hint === undefined || hint.includes('broadsheet ')) return said;
  const next = worded(hint, errorSayings, language);
  return next.lang === said.lang ? { ...said, text: `${said.text} ${next.text}` } : said;
}
