import { closeSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Writes a small file (0600) whole or not at all, and so that it is there after a power cut: its bytes are forced to disk before the
 * rename that puts it in place, and the folder, which holds the name, after it. The folder must exist.
 */
export function writeDurably(file: string, content: string | Uint8Array): void {
  const fresh = `${file}.new`
  const handle = openSync(fresh, 'w', 0o600)
  try {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content
    for (let at = 0; at < bytes.length;) at += writeSync(handle, bytes, at)
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
  renameSync(fresh, file)
  syncFolder(dirname(file))
}

/** Forces the names in a folder to disk. */
export function syncFolder(folder: string): void {
  // Windows opens no folders; its file systems log renames themselves.
  if (process.platform === 'win32') return
  const handle = openSync(folder, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
