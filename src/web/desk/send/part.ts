import type { DeskCall } from '../env.ts';
import type { Speak } from '../words/words.ts';
import type { Sheet } from './sheet.ts';
import type { sendTexts } from './words.ts';

export type Say = Speak<keyof typeof sendTexts.en>;

/** What each part of the page for sending is made from. */
export interface PartProps {
  c: DeskCall;
  sheet: Sheet;
  say: Say;
}

/** When an editor wants it to go out, as a form has it. */
export interface Chosen {
  when: string;
  at: string;
}
