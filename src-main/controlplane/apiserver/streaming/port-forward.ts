import { badRequest } from '../../../../src-kube/machinery/errors.ts'
import { servePortForward } from '../../../../src-wire/remote/port-forward.ts'
import type { StreamingOptions, UpgradeRequest } from './index.ts'
import { connectionTo, nodeOf, readPod } from './pod-target.ts'

/** `pods/portforward`: each forwarded connection is its own stream to the node. */
export async function forwardPorts(reach: StreamingOptions, call: UpgradeRequest): Promise<void> {
  const pod = await readPod(reach.read, call.namespace, call.name)
  const node = await connectionTo(reach, nodeOf(pod))
  const ports = call.query
    .getAll('ports')
    .flatMap((text) => text.split(','))
    .map((text) => {
      const port = Number(text)
      if (!Number.isInteger(port) || port < 1 || port > 65_535) throw badRequest(`unable to parse "${text}" as a port`)
      return port
    })
  const target = { namespace: call.namespace, pod: call.name, uid: pod.metadata.uid }
  await servePortForward(call, ports, (port) => node.portForward(target, port))
}
