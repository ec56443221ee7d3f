import { stat } from 'node:fs/promises'
import { existingCluster } from '../../cluster/attach.ts'
import { DataDirectory } from '../../cluster/data-directory.ts'
import { nearest } from '../../cluster/nearest.ts'
import { countOf, type Manifest } from '../../cluster/snapshot/manifest.ts'
import { openSnapshot } from '../../cluster/snapshot/open-file.ts'
import { restoreSnapshot } from '../../cluster/snapshot/restore.ts'
import { saveSnapshot } from '../../cluster/snapshot/save.ts'
import { stopMachines } from '../../cluster/snapshot/stop-machines.ts'
import { UserError } from '../../cluster/user-error.ts'
import { table, type Output } from '../output.ts'
import type { Flags, Verb } from '../verb.ts'

const USAGE = 'snapshot save|restore|status FILE [--force]'

type Action = (file: string, flags: Flags, output: Output) => Promise<void>
const actions: Readonly<Record<'save' | 'restore' | 'status', Action>> = { save, restore, status }

export const snapshot: Verb = {
  usage: USAGE,
  summary: 'Save the cluster into a file, restore one, or show what one holds',
  flags: ['force'],
  async run([word, file, ...rest], flags, output) {
    const names = Object.keys(actions) as Array<keyof typeof actions>
    const name = names.find((known) => known === word)
    if (word !== undefined && !name) {
      const meant = nearest(word, names)
      throw new UserError(
        `"${word}" is no verb of drydock snapshot.`,
        `${meant ? `Did you mean "${meant}"? ` : ''}Usage: drydock ${USAGE}`,
      )
    }
    if (!name || !file || rest.length > 0)
      throw new UserError('Say what to do with which file.', `Usage: drydock ${USAGE}`)
    await actions[name](file, flags, output)
  },
}

async function save(file: string, flags: Flags, output: Output): Promise<void> {
  const directory = existingCluster(flags.name, flags.data)
  const saved = await saveSnapshot({ directory, name: flags.name, file, force: flags.force })
  output.result(saved, [
    `Saved cluster ${flags.name} at revision ${saved.revision}, ${objects(saved)}, to ${saved.file} (${bytes(saved.size)}).`,
    "It holds the cluster's keys, so only you may read it (0600): who has it can read the cluster's Secrets and act as its administrator.",
    'What volumes and images hold is not in it.',
  ])
}

async function restore(file: string, flags: Flags, output: Output): Promise<void> {
  const directory = new DataDirectory(flags.name, flags.data)
  const stopNodes = (): Promise<void> => stopMachines(flags.name, output.note)
  const { name, force } = flags
  const restored = await restoreSnapshot({ directory, name, file, force, stopNodes })
  // Machines of these names take the place of those that the snapshot's nodes had.
  const nodes = restored.replaced ? undefined : restored.objects['nodes']
  const where = ['--name', name, ...(flags.data ? ['--data', flags.data] : []), ...(nodes ? ['--nodes', nodes] : [])]
  output.result({ file, name, data: directory.path, ...restored }, [
    `Cluster ${name} is as cluster ${restored.cluster} was at ${restored.taken} (revision ${restored.revision}): ${objects(restored)}.`,
    `Start it with \`drydock up ${where.join(' ')}\`.`,
  ])
}

async function status(file: string, _flags: Flags, output: Output): Promise<void> {
  await using opened = await openSnapshot(file)
  const { manifest, size } = opened
  const { parts: _, ...facts } = manifest
  const { mode } = await stat(file)
  const open = process.platform !== 'win32' && (mode & 0o077) !== 0
  output.result({ file, size, ...facts }, [
    `Cluster    ${manifest.cluster}`,
    `Taken      ${manifest.taken}`,
    `Revision   ${manifest.revision}`,
    `Size       ${bytes(size)}`,
    `Version    Drydock ${manifest.drydock}, schema ${manifest.schema}`,
    `Objects    ${countOf(manifest)}`,
    ...(open ? ["Warning    others may read this file, which holds the cluster's keys: chmod 600"] : []),
    '',
    ...table([['RESOURCE', 'OBJECTS'], ...Object.entries(manifest.objects).map(([kind, n]) => [kind, String(n)])]),
  ])
}

function objects(manifest: Pick<Manifest, 'objects'>): string {
  const count = countOf(manifest)
  return `${count} ${count === 1 ? 'object' : 'objects'}`
}

const bytes = (count: number): string =>
  count < 2 ** 20 ? `${(count / 2 ** 10).toFixed(1)} KiB` : `${(count / 2 ** 20).toFixed(1)} MiB`
