import type { useUi } from '../stores/ui.ts'
import { objectNames } from './manifest.ts'
import { readRelease, type HelmRelease } from './release.ts'
import type { HelmUse } from './use-helm.ts'

interface World {
  ui: ReturnType<typeof useUi>
  helm: HelmUse
  t(key: string, values?: Record<string, unknown>): string
}

/** Asks before a release goes: names what goes with it, and offers to keep its history. */
export async function uninstall(
  { ui, helm, t }: World,
  { secret, status, namespace, name }: HelmRelease,
): Promise<void> {
  const isGone = status === 'uninstalled'
  // A revision that cannot be read has no names to tell; it may go all the same.
  const content = isGone ? undefined : await readRelease(secret).catch(() => undefined)
  const items = content ? objectNames(content.manifest) : []
  const reply = await ui.ask({
    title: t('helm.uninstallTitle', { name, namespace }),
    ...(items.length > 0 ? { items, body: t('helm.uninstallBody') } : {}),
    ...(isGone ? {} : { tick: t('helm.keepHistory') }),
    verb: t('helm.uninstallVerb'),
    danger: true,
  })
  if (reply !== false) await helm.change('uninstall', { namespace, name, keepHistory: reply === 'ticked' })
}
