import { germanOf, type Sayings } from './german.ts';

const abouts: Sayings = {
  sentences: [
    ['stories of {name}', 'Meldungen von {name}'],
    ['stories on {name}', 'Meldungen zu {name}'],
    ['stories by {name}', 'Meldungen von {name}'],
    ['stories at {name}', 'Meldungen auf {name}'],
    ['stories with "{name}"', 'Meldungen mit „{name}“'],
  ],
};

/** Several things of one kind, each worded. */
export function eachOf(list: string, sayings: Sayings): string | undefined {
  const said = list.split(', ').map((each) => germanOf(each, sayings));
  return said.includes(undefined) ? undefined : said.join(', ');
}

/** Why a story stands where it stands: what choosing found, and what editors did before that. */
export const storyReasons: Sayings = {
  sentences: [
    ['Reported by {publisher} alone', 'Nur {publisher} berichtet'],
    ['Reported by 1 publisher', 'Ein Medium berichtet'],
    ['Reported by {n} publishers', '{n} Medien berichten'],
    ['1 more publisher carries the same text', 'ein weiteres hat denselben Text'],
    ['{n} more publishers carry the same text', '{n} weitere haben denselben Text'],
    ['newest report under an hour old', 'neuester Bericht keine Stunde alt'],
    ['newest report 1 hour old', 'neuester Bericht eine Stunde alt'],
    ['newest report {n} hours old', 'neuester Bericht {n} Stunden alt'],
    ['1 hour old', 'eine Stunde alt'],
    ['{n} hours old', '{n} Stunden alt'],
    ['{n} days old', '{n} Tage alt'],
    ['source weight {n}', 'Gewicht der Quelle {n}'],
    ['told before, with little new', 'schon gebracht, mit wenig Neuem'],
    [
      'told before as "{title}" and moved on since: {reports}, new in them {words}',
      'schon gebracht als „{title}“ und seither weitergegangen: {reports}, neu darin {words}',
    ],
    [
      'told before as "{title}" and moved on since: {reports}',
      'schon gebracht als „{title}“ und seither weitergegangen: {reports}',
    ],
    ['readers click {of} more than most', 'Leser klicken {of} mehr als das meiste'],
    ['readers click {of} less than most', 'Leser klicken {of} weniger als das meiste'],
    ['A rule boosts {abouts} ({because})', 'Eine Regel hebt {abouts} ({because})'],
    ['A rule boosts {abouts}', 'Eine Regel hebt {abouts}'],
    ['A rule buries {abouts} ({because})', 'Eine Regel senkt {abouts} ({because})'],
    ['A rule buries {abouts}', 'Eine Regel senkt {abouts}'],
    ['On the same event as "{title}": {words}', 'Vom selben Ereignis wie „{title}“: {words}'],
    ['On the same event as "{title}"', 'Vom selben Ereignis wie „{title}“'],
    ['Like "{title}": {words}', 'Wie „{title}“: {words}'],
    ['Like "{title}"', 'Wie „{title}“'],
    ['Moved here by {by}', 'Von {by} hierher gestellt'],
    ['was {place}', 'war {place}'],
    ['Pinned here by {by}, for everybody', 'Von {by} hier festgehalten, für alle'],
    ['Unpinned by {by}', 'Von {by} nicht mehr festgehalten'],
    ['Dropped by {by}', 'Von {by} weggelassen'],
    ['Brought back by {by}', 'Von {by} zurückgeholt'],
    ['Put here by {by}, in place of "{title}"', 'Von {by} hierher gestellt, anstelle von „{title}“'],
    ['Made room by {by} for "{title}"', 'Von {by} weggestellt, für „{title}“'],
    ['Added by {by}', 'Von {by} aufgenommen'],
    ['Leads here by {by}, instead of "{title}"', 'Führt hier durch {by}, anstelle von „{title}“'],
    ['Put beneath "{title}" by {by}', 'Von {by} unter „{title}“ gestellt'],
    ['{by} split it off the storyline of "{title}"', 'Von {by} vom Thema der Meldung „{title}“ abgetrennt'],
    ['A note by {by}', 'Eine Notiz von {by}'],
  ],
  values: {
    abouts: (list) => eachOf(list, abouts),
    reports: (text) => germanOf(text, reports),
    of: (of) => (of === 'this storyline' ? 'dieses Thema' : of.replace(/^"(.+)"$/s, '„$1“')),
  },
};

const reports: Sayings = {
  sentences: [
    ['1 new report from 1 publisher', 'ein neuer Bericht von einem Medium'],
    ['{n} new reports from 1 publisher', '{n} neue Berichte von einem Medium'],
    ['{n} new reports from {n2} publishers', '{n} neue Berichte von {n2} Medien'],
  ],
};

/** Why something stands beneath a story. */
export const relatedReasons: Sayings = {
  sentences: [
    ['{publisher} reports the same event: {words}', '{publisher} berichtet vom selben Ereignis: {words}'],
    ['{by} says that it reports the same event', 'Laut {by} vom selben Ereignis'],
    ['{publisher} reports the same event', '{publisher} berichtet vom selben Ereignis'],
    ['The same event, 1 day earlier: {words}', 'Dasselbe Ereignis, einen Tag früher: {words}'],
    ['The same event, {n} days earlier: {words}', 'Dasselbe Ereignis, {n} Tage früher: {words}'],
    ['The same event, 1 day earlier', 'Dasselbe Ereignis, einen Tag früher'],
    ['The same event, {n} days earlier', 'Dasselbe Ereignis, {n} Tage früher'],
    ['On the same subject, 1 day earlier: {words}', 'Zum selben Gegenstand, einen Tag früher: {words}'],
    ['On the same subject, {n} days earlier: {words}', 'Zum selben Gegenstand, {n} Tage früher: {words}'],
    ['On the same subject, 1 day earlier', 'Zum selben Gegenstand, einen Tag früher'],
    ['On the same subject, {n} days earlier', 'Zum selben Gegenstand, {n} Tage früher'],
    ['Shares its subject: {words}', 'Vom selben Gegenstand: {words}'],
    ['Shares its subject', 'Vom selben Gegenstand'],
    ['It led here before {by} chose another', 'Sie führte hier, bis {by} eine andere wählte'],
  ],
};
