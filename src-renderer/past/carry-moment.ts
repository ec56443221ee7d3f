import type { RouteLocationRaw, Router } from 'vue-router'

/**
 * Keeps the moment that is looked at through every step within its cluster: links need not know of it. A step to
 * another moment says so itself; the browser's own way back is left alone. A step with
 * {@link leaving} as its state goes back to now.
 */
export function carryMoment(router: Router): void {
  const { push, replace } = router
  const carried = (to: RouteLocationRaw): RouteLocationRaw => {
    const { params, query } = router.currentRoute.value
    if (query['at'] === undefined || isLeaving(to)) return to
    const { params: next, query: asked, ...target } = router.resolve(to)
    if (next['cluster'] === undefined || next['cluster'] !== params['cluster'] || asked['at'] !== undefined) return to
    return { path: target.path, hash: target.hash, query: { ...asked, at: query['at'] } }
  }
  router.push = (to) => push(carried(to))
  router.replace = (to) => replace(carried(to))
}

/** The state of a step back to now. */
export const leaving = { leavesPast: true } as const

const isLeaving = (to: RouteLocationRaw): boolean =>
  typeof to === 'object' && (to.state as Partial<typeof leaving> | undefined)?.leavesPast === true
