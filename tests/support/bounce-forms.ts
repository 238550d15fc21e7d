import { rarerForms } from './bounce-forms/rarer.ts';
import type { Sample } from './bounce-forms/report.ts';
import { usualForms } from './bounce-forms/usual.ts';

const forms = { ...usualForms, ...rarerForms };

/** The whole message that a server of the sample's form sends. An unknown form is an Error. */
export function inForm(sample: Sample): Buffer {
  if (sample.form === 'raw') return Buffer.from(sample.words.join('\r\n'));
  const make = forms[sample.form];
  if (!make)
    throw new Error(`There is no form "${sample.form}"; choose from ${Object.keys(forms).join(', ')}.`);
  return Buffer.from(make(sample).join('\r\n'));
}
