import { int, list, message, nested, text, texts } from '../plugins/rpc/message.ts'
import { method } from '../plugins/rpc/method.ts'

/** What monitors of devices ask a kubelet, version v1 (kubernetes.io, "Device Plugins: Monitoring device plugin resources"). */

const Topology = message({ nodes: list(1, message({ id: int(1) })) })
const Devices = message({ resource: text(1), ids: texts(2), topology: nested(3, Topology) })
const Claimed = message({
  cdiDevices: list(1, message({ name: text(1) })),
  driver: text(2),
  pool: text(3),
  device: text(4),
  share: text(5),
})
const Dynamic = message({ claim: text(2), namespace: text(3), resources: list(4, Claimed) })
/** Processors and memory are nobody's alone here: nothing is told of them. */
const Container = message({ name: text(1), devices: list(2, Devices), dynamic: list(5, Dynamic) })

/** What the containers of one pod have. */
export const PodResources = message({ name: text(1), namespace: text(2), containers: list(3, Container) })

/** Who has which devices? */
export const listPods = method('/v1.PodResourcesLister/List', message({}), message({ pods: list(1, PodResources) }))

/** Which devices are there to be had at all? */
export const getAllocatable = method(
  '/v1.PodResourcesLister/GetAllocatableResources',
  message({}),
  message({ devices: list(1, Devices) }),
)

/** Which devices has this pod? */
export const getPod = method(
  '/v1.PodResourcesLister/Get',
  message({ name: text(1), namespace: text(2) }),
  message({ pod: nested(1, PodResources) }),
)
