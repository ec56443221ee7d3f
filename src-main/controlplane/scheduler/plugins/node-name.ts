import type { Failure, Plugin } from '../framework/plugin.ts'

const failure: Failure = { reasons: ["node(s) didn't match the requested node name"], unresolvable: true }

/** A pod that names its node goes there or nowhere. */
export const nodeName: Plugin = {
  name: 'NodeName',
  preFilter({ pod }) {
    const wanted = pod.spec.nodeName
    return wanted ? { check: (node) => (node.name === wanted ? undefined : failure) } : undefined
  },
  mayHelp: (event, { pod }) => event.resource === 'node' && event.node.metadata.name === pod.spec.nodeName,
}
