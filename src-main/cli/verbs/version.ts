import { DRYDOCK_VERSION } from '../../cluster/version.ts'
import type { Verb } from '../verb.ts'

const KUBERNETES_VERSION = 'v1.36.0+drydock'

export const version: Verb = {
  usage: 'version',
  summary: 'Print the versions of Drydock and of the Kubernetes API it serves',
  flags: [],
  async run(_args, _flags, output) {
    output.result({ drydock: DRYDOCK_VERSION, kubernetes: KUBERNETES_VERSION, node: process.version }, [
      `Drydock     ${DRYDOCK_VERSION}`,
      `Kubernetes  ${KUBERNETES_VERSION}`,
      `Node.js     ${process.version}`,
    ])
  },
}
