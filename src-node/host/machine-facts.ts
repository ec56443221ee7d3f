import { arch, cpus, totalmem } from 'node:os'

/** What the machine is, for the node's status. */
export interface MachineFacts {
  cpus: number
  /** Bytes. */
  memory: number
  architecture: string
  kernelVersion: string
  osImage: string
  machineId: string
  bootId: string
}

const architectures: Record<string, string> = { x64: 'amd64', arm64: 'arm64' }

/** What the files of the system, by `read`, and the runtime tell of the machine. */
export async function machineFacts(read: (path: string) => Promise<string>): Promise<MachineFacts> {
  const [release, kernel, boot, limit] = await Promise.all([
    read('/etc/os-release'),
    read('/proc/sys/kernel/osrelease'),
    read('/proc/sys/kernel/random/boot_id'),
    memoryLimit(read),
  ])
  return {
    cpus: cpus().length,
    memory: Math.min(totalmem(), limit ?? Infinity),
    architecture: architectures[arch()] ?? arch(),
    kernelVersion: kernel.trim(),
    osImage: /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(release)?.[1] ?? 'Linux',
    machineId: boot.trim().replaceAll('-', ''),
    bootId: boot.trim(),
  }
}

/** Bytes of the limit of the node's own control group, of either version; undefined without one. */
async function memoryLimit(read: (path: string) => Promise<string>): Promise<number | undefined> {
  for (const file of ['/sys/fs/cgroup/memory.max', '/sys/fs/cgroup/memory/memory.limit_in_bytes']) {
    try {
      const value = Number((await read(file)).trim())
      if (Number.isFinite(value) && value > 0) return value
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }
  return undefined
}
