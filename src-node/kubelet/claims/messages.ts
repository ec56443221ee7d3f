import { int, list, mapOf, message, nested, text, texts } from '../plugins/rpc/message.ts'
import { method } from '../plugins/rpc/method.ts'

/** What kubelet and drivers of dynamic resource allocation say to each other (KEP-4381); versions differ by their name alone. */

const Claim = message({ namespace: text(1), uid: text(2), name: text(3) })
const Device = message({ requests: texts(1), pool: text(2), device: text(3), cdiDevices: texts(4), share: text(5) })

/** What came of one claim, by its uid. */
const Prepared = message({ claims: mapOf(1, message({ devices: list(1, Device), error: text(2) })) })
const Unprepared = message({ claims: mapOf(1, message({ error: text(1) })) })
const Claims = message({ claims: list(1, Claim) })

/** The service that a driver says it serves, newest first. */
export const services = ['v1.DRAPlugin', 'v1beta1.DRAPlugin'] as const

/** One of {@link services}. */
export type Service = (typeof services)[number]

const methods = (service: Service) => {
  const path = `/k8s.io.kubelet.pkg.apis.dra.${service}`
  return {
    /** Ready the devices of these claims for the pods that are about to start. */
    prepare: method(`${path}/NodePrepareResources`, Claims, Prepared),
    /** No pod uses these claims any more. */
    unprepare: method(`${path}/NodeUnprepareResources`, Claims, Unprepared),
  }
}

/** The service of a driver that tells how its devices are (KEP-4680). */
export const HEALTH_SERVICE = 'v1alpha1.DRAResourceHealth'

const DeviceHealth = message({
  device: nested(1, message({ pool: text(1), name: text(2) })),
  /** Unknown, healthy or unhealthy. */
  health: int(2),
  /** Seconds for which that holds; as the kubelet likes when 0. */
  timeout: int(4),
})

/** How are your devices? Told again whenever that changes. */
export const nodeWatchResources = method(
  `/${HEALTH_SERVICE}/NodeWatchResources`,
  message({}),
  message({ devices: list(1, DeviceHealth) }),
)

/** By service what a driver is asked. */
export const driverMethods = {
  'v1.DRAPlugin': methods('v1.DRAPlugin'),
  'v1beta1.DRAPlugin': methods('v1beta1.DRAPlugin'),
} as const satisfies Record<Service, unknown>
