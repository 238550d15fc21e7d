/** What only these pages need. */
export const editionCss = ``;
