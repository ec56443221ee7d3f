import type { Host } from '../../host/index.ts'

/** A file system, and what of it is used. */
export interface FileSystemStats {
  time: string
  availableBytes: number
  capacityBytes: number
  usedBytes: number
  inodesFree?: number
  inodes?: number
  inodesUsed?: number
}

/** A whole file system; without inodes where it does not count them. */
export function fileSystem(disk: Awaited<ReturnType<Host['disk']>>, time: string): FileSystemStats {
  const { total, free, inodes } = disk
  const bytes = { time, availableBytes: free, capacityBytes: total, usedBytes: total - free }
  if (!inodes || inodes.total === 0) return bytes
  return { ...bytes, inodesFree: inodes.free, inodes: inodes.total, inodesUsed: inodes.total - inodes.free }
}

/** What something has of a file system. */
export const sizeStats = (usedBytes: number, inodesUsed: number) => ({ usedBytes, inodesUsed })
