import type { Context as HonoContext } from 'hono';
import type { Context } from '../../../context.ts';
import type { LinkSigner } from '../../../links.ts';
import { type Allowed, type Limit, takeFromLimits } from '../../abuse/limits.ts';
import { visitorOf } from '../../visitor.ts';

const minute = 60;

/** What may be tried at the desk's door. All processes share them. */
const limits = {
  /** Passwords and codes from one machine or network, where a whole office may sit. */
  triesOfMachine: { name: 'desk-machine', atOnce: 30, everySeconds: minute },
  /** Passwords for one address, from wherever: a few hundred a day, which guess no password that is taken here. */
  passwordsOfAddress: { name: 'desk-password', atOnce: 10, everySeconds: 5 * minute },
  /** Codes of one user: at most one in a thousand to guess one within a day. */
  codesOfUser: { name: 'desk-code', atOnce: 6, everySeconds: 5 * minute },
  /** Links that are mailed to one address. */
  linksOfAddress: { name: 'desk-link', atOnce: 4, everySeconds: 5 * minute },
  linksOfMachine: { name: 'desk-links', atOnce: 20, everySeconds: 3 * minute },
} satisfies Record<string, Limit>;

type Deps = Pick<Context, 'db' | 'clock' | 'config'>;

/** Counts what strangers try at the door, whether or not an address is known. */
export class DoorLimits {
  readonly #context: Deps;
  readonly #signer: LinkSigner;

  constructor(context: Deps, signer: LinkSigner) {
    this.#context = context;
    this.#signer = signer;
  }

  /** A password that is tried for an address. @param addressKey what the address is counted under */
  password(c: HonoContext, addressKey: string): Promise<Allowed> {
    return this.#take(c, limits.triesOfMachine, limits.passwordsOfAddress, addressKey);
  }

  /** A link that is asked for to be mailed. @param addressKey what the address is counted under */
  link(c: HonoContext, addressKey: string): Promise<Allowed> {
    return this.#take(c, limits.linksOfMachine, limits.linksOfAddress, addressKey);
  }

  /** A code that is tried for a user. */
  code(c: HonoContext, userId: number): Promise<Allowed> {
    return this.#take(c, limits.triesOfMachine, limits.codesOfUser, String(userId));
  }

  /** A login that begins at the provider. */
  async provider(c: HonoContext): Promise<Allowed> {
    return takeFromLimits(this.#context, this.#signer, [
      { limit: limits.triesOfMachine, of: visitorOf(c, this.#context.config) },
    ]);
  }

  #take(c: HonoContext, machine: Limit, one: Limit, of: string): Promise<Allowed> {
    return takeFromLimits(this.#context, this.#signer, [
      { limit: machine, of: visitorOf(c, this.#context.config) },
      { limit: one, of },
    ]);
  }
}
