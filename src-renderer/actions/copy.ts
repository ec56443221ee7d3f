import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { cellsField } from '../api/cells.ts'
import { toYaml } from '../api/yaml.ts'
import type { KindView } from '../kinds/view.ts'
import type { Action, ActionWorld } from './index.ts'

/** One document for each object, as `kubectl apply -f -` takes them. Objects of a list say not what they are: their view does. */
export function manifestsOf({ group, version, kind }: KindView, objects: readonly KubeObject[]): string {
  const apiVersion = group ? `${group}/${version}` : version
  return objects
    .map((object) => {
      const { [cellsField]: _, ...fields } = object as KubeObject & { [cellsField]?: unknown }
      return toYaml({ ...fields, apiVersion, kind } as KubeObject)
    })
    .join('---\n')
}

/** The command that tells the same in a terminal; a resource is named with its group, so that no other is meant. */
function commandOf({ group, resource }: KindView, objects: readonly KubeObject[]): string {
  const { namespace } = objects[0]!.metadata
  const names = objects.map(({ metadata }) => metadata.name).join(' ')
  return `kubectl${namespace ? ` -n ${namespace}` : ''} get ${group ? `${resource}.${group}` : resource} ${names}`
}

const copyName: Action = {
  id: 'copy-name',
  icon: 'copy',
  key: 'c',
  many: true,
  inMenu: true,
  applies: () => true,
  run({ ui, t }, _view, objects) {
    const names = objects.map(({ metadata }) => metadata.name)
    return ui.copy(names.join('\n'), t('done.copied', { name: names.join(', ') }))
  },
}

/** What stands in a cell, offered where it was pointed at. */
export const copyCellAction = (text: string, t: ActionWorld['t']): Action => ({
  id: 'copy-cell',
  icon: 'copy',
  words: t('actions.copy-cell', { text: text.length > longestWords ? `${text.slice(0, longestWords)}…` : text }),
  inMenu: true,
  applies: () => true,
  run: ({ ui }) => ui.copy(text, t('done.copied', { name: text })),
})
/** Characters of a menu's line. */
const longestWords = 32

const copyYaml: Action = {
  id: 'copy-yaml',
  icon: 'copy',
  many: true,
  inMenu: true,
  applies: () => true,
  run: ({ ui, t }, view, objects) =>
    ui.copy(
      manifestsOf(view, objects),
      t('done.copied', { name: objects.map(({ metadata }) => metadata.name).join(', ') }),
    ),
}

const copyCommand: Action = {
  id: 'copy-command',
  icon: 'shell',
  many: true,
  inMenu: true,
  applies: () => true,
  async run({ ui, t }, view, objects) {
    // One command is for one namespace.
    const commands = [...Map.groupBy(objects, ({ metadata }) => metadata.namespace).values()]
    const text = commands.map((some) => commandOf(view, some)).join('\n')
    await ui.copy(text, t('data.copied', { key: text }))
  },
}

export const copyActions: readonly Action[] = [copyName, copyYaml, copyCommand]
