import { germanOf, type Sayings } from './german.ts';
import { eachOf } from './stories.ts';

const fields: Record<string, string> = {
  headline: 'Überschrift',
  text: 'Text',
  image: 'Bild',
  'image’s description': 'Beschreibung des Bildes',
};

const counts: Sayings = {
  sentences: [
    ['{slot} takes 1 story', '{slot} nimmt eine Meldung'],
    ['{slot} takes {n} stories', '{slot} nimmt {n} Meldungen'],
  ],
};

/** Lines of an edition's history. */
export const changeSummaries: Sayings = {
  sentences: [
    ['Chose the stories anew', 'Meldungen neu gewählt'],
    ['The edition was changed', 'Die Ausgabe wurde geändert'],
    ['Changed the subject to "{subject}"', 'Betreff geändert in „{subject}“'],
    ['Took the preheader away', 'Vorschauzeile entfernt'],
    ['Changed the preheader to "{preheader}"', 'Vorschauzeile geändert in „{preheader}“'],
    ['Tries out no other subjects', 'Erprobt keine anderen Betreffzeilen'],
    ['Tries out 1 further subject', 'Erprobt eine weitere Betreffzeile'],
    ['Tries out {n} further subjects', 'Erprobt {n} weitere Betreffzeilen'],
    [
      'Moved "{title}": was {place}, is {place2}, in {slot}',
      '„{title}“ verschoben: war {place}, ist {place2}, in {slot}',
    ],
    ['Moved "{title}": was {place}, is {place2}', '„{title}“ verschoben: war {place}, ist {place2}'],
    ['Pinned "{title}" in {slot}', '„{title}“ festgehalten in {slot}'],
    ['Unpinned "{title}" in {slot}', '„{title}“ nicht mehr festgehalten in {slot}'],
    ['Dropped "{title}", {place}', '„{title}“ weggelassen, {place}'],
    ['Brought "{title}" back, {place}', '„{title}“ zurückgeholt, {place}'],
    ['Replaced "{title}" by "{title2}" in {slot}', '„{title}“ ersetzt durch „{title2}“ in {slot}'],
    ['Added "{title}" to {slot}', '„{title}“ aufgenommen in {slot}'],
    ['Let "{title}" lead instead of "{title2}"', '„{title}“ führt anstelle von „{title2}“'],
    [
      'Made one storyline of "{title}" and "{title2}"',
      '„{title}“ und „{title2}“ zu einem Thema zusammengelegt',
    ],
    [
      'Split "{title}" off the storyline of "{title2}"',
      '„{title}“ vom Thema der Meldung „{title2}“ abgetrennt',
    ],
    ['Edited {fields} of "{title}"', '„{title}“ bearbeitet: {fields}'],
    [
      'Took {fields} of "{title}" back to the original',
      '„{title}“ zurück auf das Original gesetzt: {fields}',
    ],
    ['Added a note {where}', 'Notiz hinzugefügt {where}'],
    ['Edited the note of the editors', 'Notiz der Redaktion bearbeitet'],
    ['Edited the note beneath "{title}"', 'Notiz unter „{title}“ bearbeitet'],
    ['Moved a note {where}', 'Notiz verschoben: {where}'],
    ['Removed the note of the editors', 'Notiz der Redaktion entfernt'],
    ['Removed the note beneath "{title}"', 'Notiz unter „{title}“ entfernt'],
    ['Removed the note "{title}"', 'Notiz „{title}“ entfernt'],
    ['{counts} in this edition', '{counts} in dieser Ausgabe'],
    ['Took back a change of {by}: {change}', 'Änderung von {by} zurückgenommen: {change}'],
    ['Took back a change: {change}', 'Änderung zurückgenommen: {change}'],
    ['Did again a change of {by}: {change}', 'Änderung von {by} wiederholt: {change}'],
    ['Did again a change: {change}', 'Änderung wiederholt: {change}'],
  ],
  values: {
    change: (summary): string | undefined => germanOf(summary, changeSummaries),
    counts: (list) => eachOf(list, counts),
    fields: (list) => {
      const said = list.split(/, | and /).map((each) => fields[each]);
      return said.includes(undefined) ? undefined : said.join(', ');
    },
    where: (where) => germanOf(where, notePlaces),
  },
};

const notePlaces: Sayings = {
  sentences: [
    ['beneath "{title}"', 'unter „{title}“'],
    ['after {slot}', 'nach {slot}'],
    ['at the top', 'ganz oben'],
    ['at the end', 'am Ende'],
  ],
};
