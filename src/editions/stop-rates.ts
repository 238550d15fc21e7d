import { z } from 'zod';
import { checked } from '../checked.ts';

const share = z.number().min(0).max(1);

/** At what rates the sending of an edition pauses by itself; shares of the messages that servers have answered for good. */
export const stopRatesSchema = z.strictObject({
  /** Refused for good, or come back as hard bounces. 1: never. */
  bounces: share.default(0.05),
  /** Complaints. The large providers turn mail away from 0.3 % on. 1: never. */
  complaints: share.default(0.003),
  /** Fewer messages tell nothing. */
  after: z.int().min(1).max(1_000_000).default(500),
});

export type StopRates = z.infer<typeof stopRatesSchema>;

/** @throws UserError that names each field that is wrong */
export function parseStopRates(given: unknown): StopRates {
  return checked(stopRatesSchema, given ?? {}, {
    says: 'The rates at which sending stops cannot be used',
    root: 'rates',
    code: 'rates',
    hint: 'Written as bounces=5%,complaints=0.3%,after=500.',
  });
}
