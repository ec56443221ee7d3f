import { clusterKinds } from './cluster.ts'
import { config } from './config.ts'
import { deletionHealth } from './deletion.ts'
import { examples } from './examples.ts'
import { network } from './network.ts'
import { perObject } from './per-object.ts'
import type { Category, KindView } from './view.ts'
import { workloads } from './workloads.ts'

/** The kinds with a view of their own, in the order of the sidebar; every other kind a server offers gets a generic one. */
export const views: readonly KindView[] = [...clusterKinds, ...workloads, ...network, ...config].map((view) => {
  const example = view.example ?? examples[view.id]
  return {
    ...view,
    ...(example ? { example } : {}),
    ...(view.health ? { health: healthFor(view.id, view.health) } : {}),
  }
})

/** What is being deleted says so before all else; pods do so in their own words. */
function healthFor(id: string, health: NonNullable<KindView['health']>): NonNullable<KindView['health']> {
  return perObject(id === 'pods' ? health : (object) => deletionHealth(object) ?? health(object))
}

/** What kinds are for, in the order of the side bar. */
export const categories: readonly Category[] = [
  'cluster',
  'workloads',
  'network',
  'config',
  'storage',
  'access',
  'custom',
  'system',
]
