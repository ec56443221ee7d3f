import { formFor } from '../trace/ends.ts'
import type { Action } from './index.ts'

const kinds = new Set(['pods', 'services', 'nodes'])

/** Follows a packet to the object, or from the node: only nodes of our own can tell. */
export const traceAction: Action = {
  id: 'trace',
  icon: 'trace',
  applies: (view, _object, { own }) => own && kinds.has(view.id),
  run: ({ go, cluster }, view, objects) =>
    go({ name: 'trace', params: { cluster: cluster.id }, query: formFor(view.id, objects[0]!) }),
}
