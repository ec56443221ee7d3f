import type {
  DeviceClass,
  DeviceRequest,
  DeviceSubRequest,
  DeviceToleration,
  ExactDeviceRequest,
  ResourceClaim,
} from '#types/resource.k8s.io/v1'
import { judgeDevice } from '../../../../src-kube/kinds/resource/device-cel.ts'
import { tolerates } from '../../../../src-kube/machinery/tolerations.ts'
import { type Amounts, consumptionOf } from './capacity.ts'
import type { PooledDevice } from './pools.ts'

/** One way in which a request of a claim can be met. */
export interface Wish {
  /** As results name it: `request`, or `request/sub-request`. */
  readonly name: string
  readonly deviceClass: DeviceClass
  readonly selectors: readonly string[]
  /** Undefined for all devices that match. */
  readonly count: number | undefined
  /** Looks at devices whoever uses them, and uses up none (KEP-5018). */
  readonly adminAccess: boolean
  readonly tolerations: readonly DeviceToleration[]
  /** What it needs of a device's capacities at least (KEP-5075). */
  readonly capacity: Amounts
}

/** The alternatives of a request, best first: one, or those of a prioritized list (KEP-4816). */
export interface Request {
  readonly name: string
  readonly wishes: readonly Wish[]
}

/** Requests of a claim as they are to be met, or why they never will. */
export function requestsOf(
  { spec }: ResourceClaim,
  classOf: (name: string) => DeviceClass | undefined,
): readonly Request[] | { readonly rejected: string } {
  const requests: Request[] = []
  for (const request of spec.devices?.requests ?? []) {
    const wishes: Wish[] = []
    for (const [name, ask] of alternatives(request)) {
      if (!ask.deviceClassName) return { rejected: `request ${name}: unsupported request type` }
      const deviceClass = classOf(ask.deviceClassName)
      if (!deviceClass) return { rejected: `request ${name}: device class ${ask.deviceClassName} does not exist` }
      wishes.push(wishOf(name, ask, deviceClass))
    }
    if (wishes.length === 0) return { rejected: `request ${request.name}: unsupported request type` }
    requests.push({ name: request.name, wishes })
  }
  return requests
}

type Ask = (ExactDeviceRequest | DeviceSubRequest) & { adminAccess?: boolean | undefined }

function alternatives({ name, exactly, firstAvailable }: DeviceRequest): Array<[string, Ask]> {
  if (exactly) return [[name, exactly]]
  return (firstAvailable ?? []).map((sub) => [`${name}/${sub.name}`, sub])
}

function wishOf(name: string, ask: Ask, deviceClass: DeviceClass): Wish {
  const expressions = [...(deviceClass.spec.selectors ?? []), ...(ask.selectors ?? [])]
  return {
    name,
    deviceClass,
    selectors: expressions.flatMap(({ cel }) => (cel ? [cel.expression] : [])),
    count: ask.allocationMode === 'All' ? undefined : (ask.count ?? 1),
    adminAccess: ask.adminAccess === true,
    tolerations: ask.tolerations ?? [],
    capacity: ask.capacity?.requests ?? {},
  }
}

/** Devices cannot be handed out on a node for a reason of their own. */
export class AllocationError extends Error {}

/** Whether a device is one of those a wish is for. Throws {@link AllocationError}. */
export function suits(wish: Wish, claim: ResourceClaim, { device, driver }: PooledDevice): boolean {
  for (const [i, expression] of wish.selectors.entries()) {
    const judgement = judgeDevice(expression, driver, device)
    if ('error' in judgement) {
      const where = `claim ${claim.metadata.namespace}/${claim.metadata.name}, request ${wish.name}`
      throw new AllocationError(`${where}: selector #${i}: CEL runtime error: ${judgement.error}`)
    }
    if (!judgement.met) return false
  }
  if (wish.adminAccess) return true
  if (!consumptionOf(device, driver, wish.capacity)) return false
  return (device.taints ?? []).every(
    (taint) => (taint.effect as string) === 'None' || tolerates(wish.tolerations, taint),
  )
}
