/** What is found in other clusters. */
export const enSearch = {
  elsewhere: {
    asking: 'searching …',
    part: '{shown} of {count}',
    unopened: 'Not searched, as they have not been opened yet: {names}',
  },
}
