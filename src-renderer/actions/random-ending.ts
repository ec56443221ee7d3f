const letters = 'bcdfghjklmnpqrstvwxz2456789'

/** Five letters that tell one object of a name from the next, as the API server's `generateName` makes them: without vowels, so never a word. */
export const randomEnding = (random: () => number = Math.random): string =>
  Array.from({ length: 5 }, () => letters[Math.floor(random() * letters.length)]).join('')
