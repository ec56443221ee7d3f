import { Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { arrange, at, admin, type Arranged } from '../../registry/testing/arrange.ts'
import type { VerbContext } from './context.ts'
import { patch } from './write.ts'

const APPLY = 'application/apply-patch+yaml'
const manifest = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {x: "1"}\n'

/** A PATCH of the config map `a`, without a socket; resolves with the code of the answer. */
async function send({ registry, clock }: Arranged, query: string, type = APPLY, body = manifest): Promise<number> {
  let answered = 0
  const exchange = {
    info: { query: new URLSearchParams(query) },
    request: Readable.from([Buffer.from(body)]),
    user: admin,
    warn: () => {},
    header: (name: string) => (name === 'content-type' ? type : undefined),
    sendObject: (code: number) => void (answered = code),
  }
  const context = { registry, clock, exchange, target: at('v1', 'ConfigMap', 'd', 'a') }
  await patch(context as unknown as VerbContext)
  return answered
}

describe('PATCH', () => {
  test('that applies answers 201 when it creates and 200 when it changes', async () => {
    const arranged = await arrange()
    expect(await send(arranged, 'fieldManager=a')).toBe(201)
    expect(await send(arranged, 'fieldManager=a', APPLY, manifest.replace('"1"', '"2"'))).toBe(200)
    expect(await send(arranged, 'fieldManager=b&force=true')).toBe(200)
    await expect(send(arranged, 'fieldManager=a', APPLY, manifest.replace('"1"', '"2"'))).rejects.toMatchObject({
      message: 'Apply failed with 1 conflict: conflict with "b": .data.x',
    })
  })

  test('that applies names its manager', async () => {
    await expect(send(await arrange(), '')).rejects.toMatchObject({
      code: 422,
      message: 'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
    })
  })

  test('is forced only when it applies', async () => {
    await expect(send(await arrange(), 'force=true', 'application/merge-patch+json', '{}')).rejects.toMatchObject({
      code: 422,
      message: 'PatchOptions.meta.k8s.io "" is invalid: force: Forbidden: may not be specified for non-apply patch',
    })
  })
})
