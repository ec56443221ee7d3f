import type { RouteLocationNormalizedLoaded } from 'vue-router'
import { views } from '../kinds/index.ts'
import { pluralOf } from '../kinds/plural.ts'
import { pages } from './pages.ts'

const own = 'Drydock'

/** What a window, its tab and a screen reader call a page: what is open, the list it is of, the cluster, the app. */
export function pageTitle(
  { name, params, query }: Pick<RouteLocationNormalizedLoaded, 'name' | 'params' | 'query'>,
  t: (key: string) => string,
): string {
  return [...partsOf(String(name), String(params['view'] ?? ''), t), String(params['cluster'] ?? '')]
    .toSpliced(0, 0, typeof query['sel'] === 'string' ? query['sel'] : '')
    .filter(Boolean)
    .concat(own)
    .join(' · ')
}

function partsOf(name: string, id: string, t: (key: string) => string): string[] {
  if (name === 'kind') {
    const kind = views.find((view) => view.id === id)?.kind
    return [kind ? pluralOf(kind) : id.split('.')[0]!]
  }
  if (name === 'settings') return [t('settings.title')]
  if (name === 'create') return [t('create.title')]
  const page = pages.find((one) => one.name === name || (one.name === 'helm' && name.startsWith('helm')))
  return page ? [t(page.title)] : []
}
