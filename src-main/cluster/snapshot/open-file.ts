import { createHash } from 'node:crypto'
import { open, type FileHandle } from 'node:fs/promises'
import { schema } from '../../controlplane/store/database.ts'
import { UserError } from '../user-error.ts'
import { explained } from './failures.ts'
import { CHECKSUM, FORMAT, firstLine, parseManifest, type Manifest, type PartName } from './manifest.ts'
import { chunksOf } from './write-file.ts'

/** A snapshot's file that was found to be whole. */
export interface SnapshotFile extends AsyncDisposable {
  manifest: Manifest
  /** Bytes. */
  size: number
  /** A part's bytes, piece by piece; each piece is valid until the next. */
  part(name: PartName): AsyncGenerator<Uint8Array>
}

/** The two first lines are within so many bytes. */
const LONGEST_HEAD = 1 << 20
const ANOTHER = 'Give another snapshot: `drydock snapshot status FILE` tells what one holds.'

/** Opens a snapshot and reads it to its end: one that is damaged, cut short, of a newer Drydock or none at all is a `UserError`. */
export async function openSnapshot(file: string): Promise<SnapshotFile> {
  let handle: FileHandle | undefined
  try {
    handle = await open(file)
    return await readSnapshot(file, handle)
  } catch (error) {
    await handle?.close()
    throw explained(
      error,
      `Cannot read the snapshot ${file}`,
      'Give the name of a file that `drydock snapshot save` made.',
    )
  }
}

/** The whole of a small part. */
export async function bytesOf(snapshot: SnapshotFile, name: PartName): Promise<Buffer> {
  const pieces: Buffer[] = []
  for await (const bytes of snapshot.part(name)) pieces.push(Buffer.from(bytes))
  return Buffer.concat(pieces)
}

async function readSnapshot(file: string, handle: FileHandle): Promise<SnapshotFile> {
  const { size } = await handle.stat()
  const head = Buffer.alloc(Math.min(LONGEST_HEAD, size))
  await handle.read(head, 0, head.length, 0)
  const { manifest, start } = manifestIn(file, head)
  const end = manifest.parts.reduce((sum, part) => sum + part.bytes, start)
  if (size < end + CHECKSUM) throw cutShort(file, `${size} of ${end + CHECKSUM} bytes are there`)
  await verify(file, handle, size)
  if (manifest.schema > schema) throw newer(file, `schema ${manifest.schema}, this one knows ${schema}`)
  return {
    manifest,
    size,
    part(name) {
      const index = manifest.parts.findIndex((part) => part.name === name)
      const from = manifest.parts.slice(0, index).reduce((sum, part) => sum + part.bytes, start)
      return chunksOf(handle, from, from + manifest.parts[index]!.bytes)
    },
    [Symbol.asyncDispose]: () => handle.close(),
  }
}

function manifestIn(file: string, head: Buffer): { manifest: Manifest; start: number } {
  const text = head.toString('latin1')
  const version = /^drydock snapshot (\d+)\n/.exec(text)?.[1]
  if (version === undefined) {
    if (text !== '' && firstLine(FORMAT).startsWith(text)) throw cutShort(file, 'its first line is not complete')
    throw new UserError(`${file} is no snapshot of Drydock.`, ANOTHER)
  }
  if (Number(version) !== FORMAT) throw newer(file, `format ${version}, this one knows ${FORMAT}`)
  const from = firstLine(FORMAT).length
  const end = head.indexOf('\n', from)
  if (end < 0) throw cutShort(file, 'the list of its parts is not complete')
  const manifest = parseManifest(head.toString('utf8', from, end))
  if (!manifest) throw damaged(file, 'the list of its parts cannot be read')
  return { manifest, start: end + 1 }
}

/** Everything but the last bytes, against these. */
async function verify(file: string, handle: FileHandle, size: number): Promise<void> {
  const hash = createHash('sha256')
  for await (const bytes of chunksOf(handle, 0, size - CHECKSUM)) hash.update(bytes)
  const told = Buffer.alloc(CHECKSUM)
  await handle.read(told, 0, CHECKSUM, size - CHECKSUM)
  if (!hash.digest().equals(told)) throw damaged(file, 'its checksum is that of other bytes')
}

const damaged = (file: string, how: string): UserError => new UserError(`${file} is damaged: ${how}.`, ANOTHER)
const cutShort = (file: string, how: string): UserError => new UserError(`${file} is cut short: ${how}.`, ANOTHER)
const newer = (file: string, how: string): UserError =>
  new UserError(`${file} was written by a newer Drydock (${how}).`, 'Update Drydock; nothing was changed.')
