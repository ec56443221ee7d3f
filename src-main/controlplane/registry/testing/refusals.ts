import { arrange, at } from './arrange.ts'

/** What the server says of an object that is wrong, without the head of the message. */
export async function refusal(apiVersion: string, kind: string, body: object): Promise<string> {
  const { registry, write } = await arrange()
  const target = at(apiVersion, kind, 'd')
  if (target.descriptor.scope === 'Cluster') target.namespace = ''
  try {
    await registry.create(target, { apiVersion, kind, metadata: { name: 'x' }, ...body }, write)
    return ''
  } catch (error) {
    return (error as Error).message.replace(/^.*? is invalid: /, '')
  }
}

/** What it says of a change from one object to another. */
export async function change(apiVersion: string, kind: string, from: object, to: object): Promise<string> {
  const { registry, write } = await arrange()
  const target = at(apiVersion, kind, 'd', 'x')
  if (target.descriptor.scope === 'Cluster') target.namespace = ''
  const body = { apiVersion, kind, metadata: { name: 'x' }, ...from }
  const { resourceVersion } = (await registry.create({ ...target, name: '' }, body, write)).object.metadata
  try {
    await registry.update(target, { apiVersion, kind, metadata: { name: 'x', resourceVersion }, ...to }, write)
    return ''
  } catch (error) {
    return (error as Error).message.replace(/^.*? is invalid: /, '')
  }
}

/** A resource quota. */
export const hard = (amounts: object, more: object = {}) => ({ spec: { hard: amounts, ...more } })

/** A template of pods. */
export const template = (labels: object, spec: object = {}) => ({
  metadata: { labels },
  spec: { containers: [{ name: 'c', image: 'i' }], ...spec },
})
