/** What one check found. */
export interface Finding {
  /** Which check: "database", "clock", "disk", … */
  check: string;
  /** `unknown`: it cannot be known from here. */
  status: 'ok' | 'warning' | 'failed' | 'unknown';
  /** What is so, in a sentence without its full stop. */
  says: string;
  /** What to do about it; not for what is well. */
  mend?: string;
  /** Of a rule of mailbox providers: who has it, and where it is written. */
  from?: string;
}

/** @param check its name */
export const ok = (check: string, says: string): Finding => ({ check, status: 'ok', says });

/** @param mend what to do about it */
export const warning = (check: string, says: string, mend: string): Finding => ({
  check,
  status: 'warning',
  says,
  mend,
});

/** @param mend what to do about it */
export const failed = (check: string, says: string, mend: string): Finding => ({
  check,
  status: 'failed',
  says,
  mend,
});

/** @param mend how it can be found out */
export const unknown = (check: string, says: string, mend: string): Finding => ({
  check,
  status: 'unknown',
  says,
  mend,
});

/** A day in milliseconds. */
export const day = 86_400_000;

/**
 * How a certificate that ends stands.
 * @param end when, as Node tells it
 * @returns words such as "its certificate holds for 61 days", and the status that follows
 */
export function certificateAge(
  end: string,
  now: Date,
): { says: string; status: 'ok' | 'warning' | 'failed' } {
  const days = Math.floor((new Date(end).getTime() - now.getTime()) / day);
  if (days < 0) return { says: 'its certificate has ended', status: 'failed' };
  const says = `its certificate holds for ${days === 1 ? '1 day' : `${days} days`}`;
  return { says, status: days < 3 ? 'failed' : days < 14 ? 'warning' : 'ok' };
}
