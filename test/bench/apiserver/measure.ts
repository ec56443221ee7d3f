import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { residentMemory, startProduct, stopProduct } from '../lib/product.ts'
import { startReal } from '../lib/real.ts'
import { load, type Measured } from './rows.ts'

/** Runs something in a fresh folder on a real disk. */
async function inFolder<T>(run: (directory: string) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join('/var/tmp', 'drydock-bench-'))
  try {
    return await run(directory)
  } finally {
    rmSync(directory, { recursive: true })
  }
}

/** A fresh cluster of the product, one run, its memory. */
export function measureProduct(pods: number): Promise<Measured> {
  return inFolder(async (directory) => {
    const { child, access } = await startProduct(directory)
    try {
      const figures = await load({ port: Number(new URL(access.server).port), admin: access, pods })
      return { ...figures, memory: residentMemory(child.pid!) }
    } finally {
      await stopProduct(child)
    }
  })
}

/** The same of kube-apiserver and etcd, whose binaries are in a folder. */
export function measureReal(binaries: string, pods: number): Promise<Measured> {
  return inFolder(async (directory) => {
    const real = await startReal(binaries, directory, { port: 26443 })
    try {
      const figures = await load({ port: real.port, admin: real.admin, pods })
      return { ...figures, memory: real.pids.reduce((sum, pid) => sum + residentMemory(pid), 0) }
    } finally {
      await real.stop()
    }
  })
}
