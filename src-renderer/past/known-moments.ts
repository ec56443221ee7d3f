import { shallowRef, type ShallowRef } from 'vue'
import type { Moment } from './moment.ts'

/** The moment at which each cluster is looked at, by its id: lists outlive the pages that show them, and follow it. */
const moments = new Map<string, ShallowRef<Moment | undefined>>()

/** Undefined means now. */
export function momentOf(cluster: string): ShallowRef<Moment | undefined> {
  let moment = moments.get(cluster)
  if (!moment) moments.set(cluster, (moment = shallowRef<Moment>()))
  return moment
}
