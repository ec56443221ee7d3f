import type { Failure, Plugin } from '../framework/plugin.ts'
import type { HostPort } from '../framework/pod-info.ts'

const failure: Failure = { reasons: ["node(s) didn't have free ports for the requested pod ports"] }
const ANY_ADDRESS = '0.0.0.0'

/** Two host ports clash when protocol and number are the same and an address is the same, or any. */
function clash(a: HostPort, b: HostPort): boolean {
  if (a.port !== b.port || a.protocol !== b.protocol) return false
  return a.ip === b.ip || a.ip === ANY_ADDRESS || b.ip === ANY_ADDRESS
}

/** The host ports of a pod must be free. */
export const nodePorts: Plugin = {
  name: 'NodePorts',
  preFilter({ hostPorts }) {
    if (hostPorts.length === 0) return undefined
    return {
      check(node) {
        for (const used of node.hostPorts) for (const wanted of hostPorts) if (clash(used, wanted)) return failure
        return undefined
      },
    }
  },
  mayHelp(event) {
    if (event.resource === 'pod') return event.action === 'delete' && !!event.pod.spec.nodeName
    return event.resource === 'node' && event.action === 'add'
  },
}
