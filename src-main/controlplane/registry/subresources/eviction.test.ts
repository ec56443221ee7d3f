import { describe, expect, test } from 'vitest'
import { arrange, at, pod } from '../testing/arrange.ts'

const p = at('v1', 'Pod', 'd', 'p')

// kubernetes.io, "API-initiated Eviction"; preconditions as of any deletion.
describe('an eviction with preconditions', () => {
  async function onNode() {
    const { registry, write } = await arrange()
    await registry.create(at('v1', 'Pod', 'd'), pod('p'), write)
    await registry.create({ ...p, subresource: 'binding' }, { metadata: { name: 'p' }, target: { name: 'n1' } }, write)
    const read = async () => (await registry.read(p)).object
    const evict = (preconditions: object) =>
      registry.create(
        { ...p, subresource: 'eviction' },
        { metadata: { name: 'p' }, deleteOptions: { preconditions } },
        write,
      )
    return { read, evict }
  }

  test('of another pod leaves this one as it is', async () => {
    const { read, evict } = await onNode()
    const before = await read()
    await expect(evict({ uid: 'another' })).rejects.toMatchObject({ code: 409 })
    await expect(evict({ resourceVersion: '1' })).rejects.toMatchObject({
      code: 409,
      message: expect.stringContaining('the ResourceVersion in the precondition (1) does not match'),
    })
    expect(await read()).toEqual(before)
  })

  test('of the pod as it was is not hindered by what it writes itself', async () => {
    const { read, evict } = await onNode()
    const { uid, resourceVersion } = (await read()).metadata
    await evict({ uid, resourceVersion })
    expect((await read()).metadata.deletionTimestamp).toBeDefined()
  })
})
