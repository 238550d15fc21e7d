import type { Finding } from '../finding.ts';

/** What a check in the DNS came to. */
export interface Answer {
  /** Whether mailboxes will find it so; undefined: it cannot be known from here. */
  met: boolean | undefined;
  findings: Finding[];
}
