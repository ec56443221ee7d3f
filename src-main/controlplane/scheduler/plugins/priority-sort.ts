import type { Plugin } from '../framework/plugin.ts'

/** Higher priority first, then who came first. */
export const prioritySort: Plugin = {
  name: 'PrioritySort',
  queueSort: (a, b) => b.info.priority - a.info.priority || a.since - b.since,
}
