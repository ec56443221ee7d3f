import type { GroupPressure, Waited } from '../../host/index.ts'
import type { Usage } from './pod-stats.ts'

/** How long some and all processes waited: nanoseconds altogether, and percent of the last seconds (KEP-4205). */
type PressureStats = Record<'full' | 'some', Waited['waiting']>

/** What is told of waiting beside what was used, under the names of the Summary API. */
interface Pressed {
  cpu: { psi?: PressureStats }
  memory: { psi?: PressureStats }
  io?: { time: string; psi: PressureStats }
}

/** What was used, and what the kernel tells of waiting for it; of what it tells nothing, nothing is told. Pure. */
export function withPressure<T extends Usage>(used: T, pressure: GroupPressure | undefined, time: string): T & Pressed {
  if (!pressure) return used
  const { cpu, memory, io } = pressure
  return {
    ...used,
    cpu: { ...used.cpu, ...psi(cpu) },
    memory: { ...used.memory, ...psi(memory) },
    ...(io ? { io: { time, ...psi(io) } } : {}),
  } as T & Pressed
}

const psi = (waited: Waited | undefined): { psi?: PressureStats } =>
  waited ? { psi: { full: waited.stalled, some: waited.waiting } } : {}
