import type { AllocatedDeviceStatus, DeviceRequestAllocationResult, ResourceClaim } from '#types/resource.k8s.io/v1'
import { objectKey } from '../../../../src-kube/machinery/meta.ts'
import { parseTime } from '../../../../src-kube/machinery/time.ts'
import { deviceId } from './pools.ts'

/** So long after its allocation a device may take until it can be used. */
const PATIENCE = 600_000

/** How far the devices of a claim are. */
export type Readiness = 'ready' | 'waiting' | { readonly failed: string }

/**
 * Whether pods that use a claim may be bound (kubernetes.io, "Dynamic Resource Allocation: Device binding conditions"; KEP-5007): drivers
 * say in the claim's status when what was attached for it can be used, or that it cannot. Pure; `now` in milliseconds since the epoch.
 */
export function readinessOf(claim: ResourceClaim, now: number): Readiness {
  const { allocation, devices } = claim.status ?? {}
  let waiting = false
  for (const result of allocation?.devices?.results ?? []) {
    if (!result.bindingConditions?.length) continue
    const told = devices?.find((one) => isOf(one, result))
    const failure = result.bindingFailureConditions?.find((type) => holds(told, type))
    if (failure) return { failed: `${words(claim, result)} has failed: condition ${failure}${reason(told, failure)}` }
    if (!result.bindingConditions.every((type) => holds(told, type))) waiting = true
  }
  if (!waiting) return 'ready'
  const since = parseTime(allocation?.allocationTimestamp)
  const late = since !== undefined && now - since >= PATIENCE
  return late
    ? { failed: `claim ${objectKey(claim)}: timed out waiting for the binding conditions of its devices` }
    : 'waiting'
}

/** Whether any device of a claim makes pods wait. */
export const hasBindingConditions = ({ status }: ResourceClaim): boolean =>
  status?.allocation?.devices?.results?.some(({ bindingConditions }) => bindingConditions?.length) ?? false

const isOf = (told: AllocatedDeviceStatus, { driver, pool, device, shareID }: DeviceRequestAllocationResult): boolean =>
  told.driver === driver && told.pool === pool && told.device === device && told.shareID === shareID

const holds = (told: AllocatedDeviceStatus | undefined, type: string): boolean =>
  told?.conditions?.some((one) => one.type === type && one.status === 'True') ?? false

const words = (claim: ResourceClaim, { driver, pool, device }: DeviceRequestAllocationResult): string =>
  `claim ${objectKey(claim)}: binding of device ${deviceId(driver, pool, device)}`

function reason(told: AllocatedDeviceStatus | undefined, type: string): string {
  const said = told?.conditions?.find((one) => one.type === type)
  return said?.message ? ` (${said.reason}: ${said.message})` : ''
}
