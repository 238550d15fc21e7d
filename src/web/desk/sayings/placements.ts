import type { Sayings } from './german.ts';

const dayOf = new Intl.DateTimeFormat('de-DE', { dateStyle: 'medium', timeZone: 'UTC' });

/** Why a reader gets a story in the place where it stands in their digest. */
export const placementReasons: Sayings = {
  sentences: [
    ['a note of the editors, for everyone', 'eine Notiz der Redaktion, für alle'],
    ['the editor pinned it here, for everyone', 'von der Redaktion hier festgehalten, für alle'],
    ['moved up: they chose {wishes}', 'weiter oben: gewählt sind {wishes}'],
    [
      'moved up: they clicked 1 story of its topics, its publisher or its storyline',
      'weiter oben: einmal wurde eine Meldung der Rubrik, des Mediums oder des Themas geklickt',
    ],
    [
      'moved up: they clicked {n} stories of its topics, its publisher or its storyline',
      'weiter oben: {n} Meldungen der Rubrik, des Mediums oder des Themas wurden geklickt',
    ],
    ['from the edition of {day}, which they did not get', 'aus der Ausgabe vom {day}, die sie nicht bekamen'],
    [
      'to learn whether they care: it would not have been theirs',
      'um zu erfahren, ob es sie angeht: Sonst wäre sie nicht dabei',
    ],
    ['they have had it, but there is nothing else', 'schon bekommen, aber es gibt nichts anderes'],
    [
      'in the place of what they muted or have had, or what moved to other places',
      'anstelle von Ausgeblendetem, schon Bekanntem oder dem, was anderswo steht',
    ],
    ['as the edition has it', 'wie es die Ausgabe hat'],
  ],
  values: {
    wishes: (wishes) => wishes.replaceAll(' and ', ' und '),
    day: (day) => {
      const at = new Date(day);
      return Number.isNaN(at.getTime()) ? undefined : dayOf.format(at);
    },
  },
};
