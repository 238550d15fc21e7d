import type { Context as HonoContext } from 'hono';
import type { Context } from '../../context.ts';
import type { LinkSigner } from '../../links.ts';
import { visitorOf } from '../visitor.ts';
import { type Limit, takeFromLimits } from './limits.ts';
import { mailboxOf } from './mailbox.ts';
import { isProven } from './proof.ts';
import { ageOfStamp, stampForm } from './stamps.ts';

const hour = 3_600;

/** What visitors may ask for. All processes share them. */
export const limits = {
  /** Sign-ups from one machine or network, when its browser did not solve the form's task. */
  signUps: { name: 'sign-ups', atOnce: 20, everySeconds: hour / 20 },
  /** And when it did. */
  provenSignUps: { name: 'proven-sign-ups', atOnce: 100, everySeconds: hour / 100 },
  /** Sign-ups of one mailbox, to whatever lists, from wherever. */
  signUpsOfAddress: { name: 'address', atOnce: 6, everySeconds: hour / 2 },
  /** Confirmations to one mailbox under its addresses with tags; an address by itself gets one an hour whoever asks (letters-due.ts). */
  confirmationsOfMailbox: { name: 'confirmation', atOnce: 1, everySeconds: hour },
  /** Welcomes that a form has led to, of one mailbox: those of lists that ask for no confirmation. */
  welcomesOfAddress: { name: 'welcome', atOnce: 1, everySeconds: hour },
  /** Links by mail that one machine or network asks for. */
  askedLinks: { name: 'links', atOnce: 10, everySeconds: hour / 10 },
  /** The solution of one form's task. */
  provenOnce: { name: 'proof', atOnce: 1, everySeconds: 24 * hour },
} satisfies Record<string, Limit>;

/** People take longer than this to fill in a form. */
const leastSeconds = 3;

export type Verdict =
  | { pass: true }
  /** Nobody has seen the form, or it came back at once: it is shown (again), and pressed once more. */
  | { pass: false; because: 'not-seen'; stamp: string }
  | { pass: false; because: 'too-many'; waitSeconds: number };

/** Keeps programs from filling in the forms by which strangers cause mail. */
export class FormGuard {
  readonly #context: Pick<Context, 'db' | 'clock' | 'config'>;
  readonly #signer: LinkSigner;

  constructor(context: Pick<Context, 'db' | 'clock' | 'config'>, signer: LinkSigner) {
    this.#context = context;
    this.#signer = signer;
  }

  /** What a form's hidden field `stamp` holds. */
  stamp(listId: number): string {
    return stampForm(this.#context.clock, this.#signer, listId);
  }

  /**
   * Whether a filled-in sign-up form is let through. It has to be one that we showed at least three seconds ago, or with
   * the solution of its task (each counts once), and the limits must not be used up.
   * @param email.key the address in the spelling by which addresses are compared
   */
  async signUp(
    c: HonoContext,
    { listId, stamp, proof, email }: { listId: number; stamp: string; proof: string; email: { key: string } },
  ): Promise<Verdict> {
    const age = ageOfStamp(this.#context.clock, this.#signer, listId, stamp);
    if (age === undefined) return { pass: false, because: 'not-seen', stamp: this.stamp(listId) };
    const isWorked =
      (await isProven(this.#signer, stamp, proof)) &&
      (await this.#take([{ limit: limits.provenOnce, of: stamp }])).allowed;
    if (!isWorked && age < leastSeconds) return { pass: false, because: 'not-seen', stamp };
    const taken = await this.#take([
      { limit: isWorked ? limits.provenSignUps : limits.signUps, of: visitorOf(c, this.#context.config) },
      { limit: limits.signUpsOfAddress, of: mailboxOf(email.key) },
    ]);
    return taken.allowed
      ? { pass: true }
      : { pass: false, because: 'too-many', waitSeconds: taken.waitSeconds };
  }

  /** Whether this visitor may ask for one more link by mail; else in how many seconds. */
  async askForLink(c: HonoContext): Promise<{ pass: true } | { pass: false; waitSeconds: number }> {
    const taken = await this.#take([{ limit: limits.askedLinks, of: visitorOf(c, this.#context.config) }]);
    return taken.allowed ? { pass: true } : { pass: false, waitSeconds: taken.waitSeconds };
  }

  /** Whether a confirmation may go to an address with a tag, of which a mailbox has any number; to others it always may. */
  async mayConfirm({ key }: { key: string }): Promise<boolean> {
    const mailbox = mailboxOf(key);
    return (
      mailbox === key || (await this.#take([{ limit: limits.confirmationsOfMailbox, of: mailbox }])).allowed
    );
  }

  /** Whether a welcome may go to a mailbox that nobody has confirmed; one an hour, however many lists it is for. */
  async mayWelcome(email: { key: string }): Promise<boolean> {
    return (await this.#take([{ limit: limits.welcomesOfAddress, of: mailboxOf(email.key) }])).allowed;
  }

  #take(wanted: { limit: Limit; of: string }[]) {
    return takeFromLimits(this.#context, this.#signer, wanted);
  }
}
