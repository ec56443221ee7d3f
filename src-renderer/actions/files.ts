/** Files out of containers and into them, one at a time (`kubectl cp` does the same); a shell in the container does the work. */
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { pickFile, saveFile } from '../api/files.ts'
import { runCommand, type ContainerRef } from '../api/run-command.ts'
import { runningIn } from '../dock/terminal-request.ts'
import { textAt } from '../kinds/view.ts'
import type { Action, ActionWorld } from './index.ts'
import { connecting } from './needs.ts'

/** Bytes of the largest file that is sent: all of it is in memory on the way. */
const largest = 64 * 1024 * 1024

const hasContainer: Action['applies'] = (view, pod) =>
  view.id === 'pods' && textAt(pod, 'status', 'phase') === 'Running' && runningIn(pod).length > 0

/** Asks for a container and a path in it. */
async function askPath(
  { ui, t }: ActionWorld,
  pod: KubeObject,
  words: { title: string; body: string; verb: string; path: string },
): Promise<(ContainerRef & { path: string }) | undefined> {
  const running = runningIn(pod)
  const { path, ...question } = words
  const answer = await ui.ask({
    ...question,
    fields: [
      { name: 'path', label: t('facts.path'), value: path },
      {
        name: 'container',
        label: t('logs.container'),
        value: running[0]!,
        options: running.map((name) => ({ value: name, text: name })),
      },
    ],
  })
  if (typeof answer !== 'object') return undefined
  const { name, namespace = 'default' } = pod.metadata
  return { namespace, pod: name, container: answer['container']!, path: answer['path']!.trim() }
}

/** A path that ends in `/` is a folder, and comes as an archive of what is in it. */
export function readingOf(path: string): { command: string[]; name: string } {
  const last = path.replace(/\/+$/, '').split('/').at(-1) || 'root'
  return path.endsWith('/')
    ? { command: ['tar', 'cf', '-', '-C', path, '.'], name: `${last}.tar` }
    : { command: ['cat', path], name: last }
}

const download: Action = {
  id: 'download',
  icon: 'download',
  needs: connecting('exec'),
  inMenu: true,
  applies: hasContainer,
  async run(world, _view, [pod]) {
    const { cluster, ui, t } = world
    const chosen = await askPath(world, pod!, {
      title: t('confirm.download', { name: pod!.metadata.name }),
      body: t('confirm.downloadBody'),
      verb: t('actions.download'),
      path: '/',
    })
    if (!chosen) return
    const { command, name } = readingOf(chosen.path)
    saveFile(name, await runCommand(cluster.kube, chosen, command))
    ui.toast('info', t('done.download', { name }))
  },
}

/** Reads as many bytes as there are: nothing tells a command that its input has ended. A folder takes the file under its own name. */
const write = 't=$2; [ -d "$t" ] && t="${t%/}/$3"; head -c "$1" > "$t"'

const upload: Action = {
  id: 'upload',
  icon: 'upload',
  needs: connecting('exec'),
  inMenu: true,
  applies: hasContainer,
  async run(world, _view, [pod]) {
    const { cluster, ui, t } = world
    const file = await pickFile()
    if (!file) return
    if (file.size > largest) return ui.toast('error', t('confirm.uploadLarge', { name: file.name }))
    const chosen = await askPath(world, pod!, {
      title: t('confirm.upload', { file: file.name, name: pod!.metadata.name }),
      body: t('confirm.uploadBody'),
      verb: t('actions.upload'),
      path: `/tmp/${file.name}`,
    })
    if (!chosen) return
    const command = ['/bin/sh', '-c', write, 'sh', String(file.size), chosen.path, file.name]
    await runCommand(cluster.kube, chosen, command, new Uint8Array(await file.arrayBuffer()))
    ui.toast('info', t('done.upload', { name: file.name }))
  },
}

export const fileActions: readonly Action[] = [download, upload]
