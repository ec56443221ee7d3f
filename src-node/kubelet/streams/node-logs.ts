import { open, readdir, stat } from 'node:fs/promises'
import { join, normalize } from 'node:path'
import type { KubeletPage } from '../../../src-wire/node/pod-streams.ts'

/** Bytes of a file that are told unless otherwise asked for. */
const MOST = 16 * 2 ** 20

/**
 * A file below `root` (`/var/log`), of a long one the last `most` bytes, or the list of a directory, as `/logs/` of the kubelet shows them; undefined where there is none.
 * What a link leads to is shown, as upstream does: a container's log is one to the engine's own file.
 */
export async function nodeLog(root: string, path: string, most = MOST): Promise<KubeletPage | undefined> {
  // No way leads up out of an absolute path.
  const file = join(root, normalize(`/${path}`))
  try {
    if ((await stat(file)).isDirectory()) return { contentType: 'text/html; charset=utf-8', text: await listOf(file) }
    return { contentType: 'text/plain; charset=utf-8', text: await endOf(file, most) }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw error
  }
}

/** The last `most` bytes of a file: no more than that is read, however long it is. */
async function endOf(file: string, most: number): Promise<string> {
  const handle = await open(file)
  try {
    const { size } = await handle.stat()
    const length = Math.min(size, most)
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, size - length)
    return buffer.toString('utf8', 0, bytesRead)
  } finally {
    await handle.close()
  }
}

async function listOf(directory: string): Promise<string> {
  const entries = await readdir(directory, { withFileTypes: true })
  const names = entries.map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name)).toSorted()
  const links = names.map((name) => `<a href="${encodeURI(name)}">${escaped(name)}</a>\n`)
  return `<pre>\n${links.join('')}</pre>\n`
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&#34;', "'": '&#39;' }
const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (character) => entities[character]!)
