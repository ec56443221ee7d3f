import type { Read } from '../../plugins/rpc/message.ts'
import { ContainerAnswer } from '../messages.ts'

/** Devices of one resource that a container was given, with what it must have to use them. */
export interface Assignment {
  pod: string
  container: string
  resource: string
  ids: readonly string[]
  answer: Read<typeof ContainerAnswer>
}

/** What an agent that starts anew has to know of devices. */
export interface Checkpoint {
  assignments: readonly Assignment[]
  /** Resources that plugins offered, with their healthy devices. */
  registered: Readonly<Record<string, readonly string[]>>
}

interface Entry {
  PodUID: string
  ContainerName: string
  ResourceName: string
  /** By the memory that they are close to; one of no topology is at `-1`, as upstream says it. */
  DeviceIDs: Record<string, string[]>
  /** Protocol buffers in base64. */
  AllocResp: string
}

interface Data {
  PodDeviceEntries: Entry[] | null
  RegisteredDevices: Record<string, string[]>
}

/** As upstream's kubelet has it, which others read (`kubelet_internal_checkpoint`); the sum is our own. Pure. */
export function encodeCheckpoint({ assignments, registered }: Checkpoint): string {
  const entries = assignments.map(({ pod, container, resource, ids, answer }): Entry => ({
    PodUID: pod,
    ContainerName: container,
    ResourceName: resource,
    DeviceIDs: { '-1': [...ids] },
    AllocResp: Buffer.from(ContainerAnswer.encode(answer)).toString('base64'),
  }))
  const devices = Object.fromEntries(Object.entries(registered).map(([name, ids]) => [name, [...ids]]))
  const data: Data = { PodDeviceEntries: entries, RegisteredDevices: devices }
  return JSON.stringify({ Data: data, Checksum: checksum(JSON.stringify(data)) })
}

/** Throws an Error for what is no checkpoint, or was not written to its end. Pure. */
export function decodeCheckpoint(text: string): Checkpoint {
  const { Data: data, Checksum: sum } = JSON.parse(text) as { Data: Data; Checksum: number }
  if (sum !== checksum(JSON.stringify(data))) throw new Error('checkpoint is corrupted')
  const assignments = (data.PodDeviceEntries ?? []).map((entry): Assignment => ({
    pod: entry.PodUID,
    container: entry.ContainerName,
    resource: entry.ResourceName,
    ids: Object.values(entry.DeviceIDs).flat(),
    answer: ContainerAnswer.decode(Buffer.from(entry.AllocResp, 'base64')),
  }))
  return { assignments, registered: data.RegisteredDevices }
}

const FNV_BASIS = 0x811c9dc5
const FNV_PRIME = 0x01000193

/** FNV-1a, 32 bits. */
function checksum(text: string): number {
  let sum = FNV_BASIS
  for (const byte of Buffer.from(text)) sum = Math.imul(sum ^ byte, FNV_PRIME) >>> 0
  return sum
}
