import { bytesValue, milliValue } from '../../../src-kube/machinery/quantity.ts'

/** What a node keeps for itself. */
export interface Reserved {
  /** Thousandths of a processor. */
  milliCpu: number
  /** Bytes. */
  memory: number
  /** Bytes of the disk. */
  storage: number
  processes: number
}

/** What a node keeps from its pods, and how. */
export interface Reservation {
  /** Undefined where its owner says nothing of that. */
  reserved: Reserved | undefined
  /** Whether pods together are held to the rest by their control group. */
  enforced: boolean
  /** The fields of a `KubeletConfiguration` that say what is kept, as they were written. */
  said: Record<string, object>
}

export const defaultReservation: Reservation = { reserved: undefined, enforced: true, said: {} }

/** The parts of a `KubeletConfiguration` that are read. */
interface Configuration {
  kubeReserved?: Record<string, unknown> | null
  systemReserved?: Record<string, unknown> | null
  enforceNodeAllocatable?: unknown
}

/**
 * Reads what a `KubeletConfiguration` reserves for the system and for Kubernetes (kubernetes.io, "Reserve Compute Resources for System Daemons"); both
 * count together, as they are nobody's own group here. Throws an Error that names the field for what cannot be meant. Pure.
 */
export function reservation(configuration: unknown): Reservation {
  const {
    kubeReserved,
    systemReserved,
    enforceNodeAllocatable: enforce = ['pods'],
  } = (configuration ?? {}) as Configuration
  const parts = Object.entries({ kubeReserved, systemReserved }).flatMap(([field, amounts]) =>
    amounts ? [reservedOf(field, amounts)] : [],
  )
  const sum = (of: keyof Reserved): number => parts.reduce((total, part) => total + part[of], 0)
  return {
    reserved:
      parts.length === 0
        ? undefined
        : { milliCpu: sum('milliCpu'), memory: sum('memory'), storage: sum('storage'), processes: sum('processes') },
    enforced: isEnforced(enforce),
    said: { ...(kubeReserved ? { kubeReserved } : {}), ...(systemReserved ? { systemReserved } : {}) },
  }
}

const fields = { cpu: 'milliCpu', memory: 'memory', 'ephemeral-storage': 'storage', pid: 'processes' } as const

function reservedOf(field: string, amounts: Record<string, unknown>): Reserved {
  const reserved: Reserved = { milliCpu: 0, memory: 0, storage: 0, processes: 0 }
  for (const [name, amount] of Object.entries(amounts)) {
    if (!isField(name)) throw new Error(`${field}: ${JSON.stringify(name)} is no resource that can be reserved`)
    if (typeof amount !== 'string' && typeof amount !== 'number')
      throw new Error(`${field}.${name}: ${JSON.stringify(amount)} is no quantity`)
    const value = name === 'cpu' ? milliValue(amount) : bytesValue(amount)
    if (value < 0) throw new Error(`${field}.${name}: ${amount} must not be negative`)
    reserved[fields[name]] = value
  }
  return reserved
}

const isField = (name: string): name is keyof typeof fields => Object.hasOwn(fields, name)

function isEnforced(value: unknown): boolean {
  const known = ['pods', 'none']
  if (Array.isArray(value) && value.every((one) => known.includes(String(one)))) return value.includes('pods')
  throw new Error(`enforceNodeAllocatable: ${JSON.stringify(value)} is more than this node can do: [pods] or [none]`)
}
