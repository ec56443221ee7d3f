import { readdir, readFile, stat } from 'node:fs/promises'
import { join, normalize } from 'node:path'
import type { NodeFile } from '../../../src-wire/node/pod-streams.ts'

/** Bytes of a file that are told: its end, where it is longer. */
const MOST = 16 * 2 ** 20

/**
 * A file below `root` (`/var/log`), or the list of a directory, as `/logs/` of the kubelet shows them; undefined where there is none.
 * What a link leads to is shown, as upstream does: a container's log is one to the engine's own file.
 */
export async function nodeLog(root: string, path: string): Promise<NodeFile | undefined> {
  // No way leads up out of an absolute path.
  const file = join(root, normalize(`/${path}`))
  try {
    if ((await stat(file)).isDirectory()) return { contentType: 'text/html; charset=utf-8', text: await listOf(file) }
    const bytes = await readFile(file)
    return { contentType: 'text/plain; charset=utf-8', text: bytes.subarray(-MOST).toString('utf8') }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw error
  }
}

async function listOf(directory: string): Promise<string> {
  const entries = await readdir(directory, { withFileTypes: true })
  const names = entries.map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name)).toSorted()
  const links = names.map((name) => `<a href="${encodeURI(name)}">${escaped(name)}</a>\n`)
  return `<pre>\n${links.join('')}</pre>\n`
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&#34;', "'": '&#39;' }
const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character]!)
