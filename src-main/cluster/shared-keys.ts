import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { writeDurably } from '../controlplane/store/durable-file.ts'
import type { DataDirectory } from './data-directory.ts'
import { UserError } from './user-error.ts'

/** What instances of one cluster share besides its state: who signs certificates and tokens, and what Secrets are sealed with. */
export const sharedKeys = ['pki/ca.crt', 'pki/ca.key', 'pki/sa.key', 'sealing.key'] as const

/** Copies the keys of another instance, by its data folder, into the folder of a new one. Throws a `UserError` when they are not all there. */
export function takeKeys(from: string, directory: DataDirectory): void {
  const folder = resolve(from)
  const missing = sharedKeys.filter((file) => !existsSync(join(folder, file)))
  if (missing.length > 0)
    throw new UserError(
      `--keys-from: ${folder} lacks ${missing.join(', ')}.`,
      'Give the data folder of an instance that was up once, or a copy of these files.',
    )
  for (const file of sharedKeys) {
    const target = directory.file(file)
    mkdirSync(dirname(target), { recursive: true, mode: 0o700 })
    writeDurably(target, readFileSync(join(folder, file)))
  }
}
