import type { Context as HonoContext } from 'hono';
import type pg from 'pg';
import type { User } from '../../access/users.ts';
import type { Letters } from '../../delivery/letters.ts';
import type { LinkSigner } from '../../links.ts';
import type { Background } from '../background.ts';
import type { DeskLanguage } from './words/words.ts';

/** Who is at the desk. */
export interface DeskSession {
  id: number;
  user: User;
  /** What a form gives back, to show that it is ours. */
  csrf: string;
  /** They have shown who they are within the last ten minutes. */
  recentlyProven: boolean;
}

/** What the pages of the desk find in `c.var`. */
export interface DeskEnv {
  Variables: { session: DeskSession; language: DeskLanguage };
}

export type DeskCall = HonoContext<DeskEnv>;

/** What the desk needs beside the context. */
export interface DeskSite {
  signer: LinkSigner;
  letters: Letters;
  background: Background;
  /** How a thread connects to the same database; without it, replays are computed in this one. */
  connection?: pg.ClientConfig;
}
