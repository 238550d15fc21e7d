import type { EditionState } from '../../../editions/editions.ts';
import { texts } from '../words/words.ts';

/** What components say by themselves. */
export const componentTexts = texts<EditionState>(
  {
    draft: 'Draft',
    review: 'In review',
    approved: 'Approved',
    sending: 'Sending',
    paused: 'On hold',
    sent: 'Sent',
    cancelled: 'Cancelled',
    skipped: 'Skipped',
  },
  {
    draft: 'Entwurf',
    review: 'In Prüfung',
    approved: 'Freigegeben',
    sending: 'Wird gesendet',
    paused: 'Angehalten',
    sent: 'Gesendet',
    cancelled: 'Abgesagt',
    skipped: 'Ausgelassen',
  },
);
