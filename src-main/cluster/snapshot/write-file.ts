import { createHash } from 'node:crypto'
import { open, rename, stat, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { syncFolder } from '../../controlplane/store/durable-file.ts'
import { FORMAT, firstLine, snapshotParts, type Manifest, type PartName } from './manifest.ts'

/** Where each part comes from: bytes, or the path of a file. */
export type PartSources = Readonly<Record<PartName, Uint8Array | string>>

/** Bytes that are read at once. */
const CHUNK = 1 << 20

/**
 * Writes a snapshot's file (0600), whole or not at all: it gets its name when its bytes are on disk. `draft` is the name it has before, on the same disk.
 * Answers its size in bytes.
 */
export async function writeSnapshotFile(
  file: string,
  draft: string,
  facts: Omit<Manifest, 'parts'>,
  sources: PartSources,
): Promise<number> {
  const parts = await Promise.all(snapshotParts.map(async (name) => ({ name, bytes: await sizeOf(sources[name]) })))
  const hash = createHash('sha256')
  const handle = await open(draft, 'wx', 0o600)
  let size = 0
  const write = async (bytes: Uint8Array): Promise<void> => {
    hash.update(bytes)
    size += bytes.length
    await handle.writeFile(bytes)
  }
  try {
    await write(Buffer.from(`${firstLine(FORMAT)}${JSON.stringify({ ...facts, parts } satisfies Manifest)}\n`))
    for (const name of snapshotParts) for await (const bytes of contentOf(sources[name])) await write(bytes)
    await write(hash.copy().digest())
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(draft, file)
  syncFolder(dirname(file))
  return size
}

const sizeOf = async (source: Uint8Array | string): Promise<number> =>
  typeof source === 'string' ? (await stat(source)).size : source.length

async function* contentOf(source: Uint8Array | string): AsyncGenerator<Uint8Array> {
  if (typeof source !== 'string') return yield source
  const handle = await open(source)
  try {
    yield* chunksOf(handle, 0, (await handle.stat()).size)
  } finally {
    await handle.close()
  }
}

/** The bytes of a file from `start` to before `end`, piece by piece; fewer when it ends earlier. */
export async function* chunksOf(handle: FileHandle, start: number, end: number): AsyncGenerator<Uint8Array> {
  const buffer = Buffer.alloc(Math.min(CHUNK, Math.max(end - start, 1)))
  for (let at = start; at < end;) {
    const { bytesRead } = await handle.read(buffer, 0, Math.min(buffer.length, end - at), at)
    if (bytesRead === 0) return
    yield buffer.subarray(0, bytesRead)
    at += bytesRead
  }
}
