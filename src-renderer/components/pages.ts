/** The pages of a cluster that are no lists: their route, the words of their title, and the letter that goes there after `g`. */
export const pages = [
  { name: 'overview', title: 'nav.overview', key: 'o' },
  { name: 'map', title: 'nav.map', key: 't' },
  { name: 'forwards', title: 'forwards.title', key: 'f' },
  { name: 'trace', title: 'trace.title', key: 'w' },
  { name: 'access', title: 'access.title', key: 'a' },
  { name: 'images', title: 'images.title', key: 'e' },
  { name: 'helm', title: 'helm.title', key: 'h' },
] as const
