/** Objects as files: whole as YAML, or what their list says of them as a table. */
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { saveFile } from '../api/files.ts'
import type { KindView, ViewColumn } from '../kinds/view.ts'
import { manifestsOf } from './copy.ts'
import type { Action, ActionWorld } from './index.ts'

/** Named after the one object, or after the kind. */
const fileName = ({ resource }: KindView, objects: readonly KubeObject[], ending: string): string =>
  `${objects.length === 1 ? objects[0]!.metadata.name : resource}.${ending}`

/** A cell as RFC 4180 writes it. */
const quoted = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)

function cellOf({ health }: KindView, { kind, text, value }: ViewColumn, object: KubeObject): string {
  if (kind === 'status') return health?.(object).reason ?? ''
  if (kind !== 'age') return String(text ? text(object) : value(object))
  const at = Number(value(object))
  return at > 0 ? new Date(at).toISOString() : ''
}

/** A line of titles and one for each object, with all columns of the kind; ages are the times they count from (RFC 3339). */
export function tableOf(view: KindView, objects: readonly KubeObject[], t: ActionWorld['t']): string {
  const titles = view.columns.map(({ id, title }) => title ?? t(`columns.${id}`))
  const rows = objects.map((object) => view.columns.map((column) => cellOf(view, column, object)))
  return [titles, ...rows].map((cells) => `${cells.map(quoted).join(',')}\r\n`).join('')
}

interface Format {
  ending: string
  type: string
  textOf(view: KindView, objects: readonly KubeObject[], t: ActionWorld['t']): string
}

const saving = (id: string, { ending, type, textOf }: Format): Action => ({
  id,
  icon: 'download',
  many: true,
  inMenu: true,
  applies: () => true,
  run({ ui, t }, view, objects) {
    const name = fileName(view, objects, ending)
    saveFile(name, [textOf(view, objects, t)], type)
    ui.toast('info', t('done.download', { name }))
  },
})

export const saveActions: readonly Action[] = [
  saving('save-yaml', { ending: 'yaml', type: 'application/yaml', textOf: manifestsOf }),
  saving('save-csv', { ending: 'csv', type: 'text/csv', textOf: tableOf }),
]
