/** The link that a click or press is on; undefined beside links. */
export const linkAt = ({ target }: Event): HTMLAnchorElement | undefined =>
  (target instanceof Element ? target.closest<HTMLAnchorElement>('a[href]') : undefined) ?? undefined
