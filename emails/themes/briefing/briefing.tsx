import { mjmlPreview } from '../../parts/mjml-preview.tsx';

/** The theme in React Email's preview server. */
export default function BriefingPreview() {
  return mjmlPreview(import.meta.dirname);
}
