import { arrange, at } from './arrange.ts'

/** What the server says against what is tried, without the head of the message; empty when it does it. */
export async function saidAgainst(attempt: () => Promise<unknown>): Promise<string> {
  try {
    await attempt()
    return ''
  } catch (error) {
    return (error as Error).message.replace(/^.*? is invalid: /, '')
  }
}

/** What the server says of an object that is wrong. */
export async function refusal(apiVersion: string, kind: string, body: object): Promise<string> {
  const { registry, write } = await arrange()
  const target = at(apiVersion, kind, 'd')
  if (target.descriptor.scope === 'Cluster') target.namespace = ''
  return saidAgainst(() => registry.create(target, { apiVersion, kind, metadata: { name: 'x' }, ...body }, write))
}

/** What it says of a change from one object to another. */
export async function change(apiVersion: string, kind: string, from: object, to: object): Promise<string> {
  const { registry, write } = await arrange()
  const target = at(apiVersion, kind, 'd', 'x')
  if (target.descriptor.scope === 'Cluster') target.namespace = ''
  const body = { apiVersion, kind, metadata: { name: 'x' }, ...from }
  const { resourceVersion } = (await registry.create({ ...target, name: '' }, body, write)).object.metadata
  return saidAgainst(() =>
    registry.update(target, { apiVersion, kind, metadata: { name: 'x', resourceVersion }, ...to }, write),
  )
}

/** A resource quota. */
export const hard = (amounts: object, more: object = {}) => ({ spec: { hard: amounts, ...more } })

/** A template of pods. */
export const template = (labels: object, spec: object = {}) => ({
  metadata: { labels },
  spec: { containers: [{ name: 'c', image: 'i' }], ...spec },
})
