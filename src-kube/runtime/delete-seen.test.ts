import type { Secret } from '#types/core/v1'
import { expect, it } from 'vitest'
import { refs } from '../client/refs.ts'
import { FakeTransport } from '../client/testing/fake-transport.ts'
import { createClient } from '../client/typed-client.ts'
import { conflict } from '../machinery/errors.ts'
import { deleteSeen } from './delete-seen.ts'

function arrange() {
  const server = new FakeTransport()
  const seen = server.put<Secret>(refs.secrets, { metadata: { name: 's', namespace: 'd' } })
  return { server, seen, remove: (options?: object) => deleteSeen(createClient(server), refs.secrets, seen, options) }
}

it('deletes what was seen, by its uid, as it is told', async () => {
  const { server, seen, remove } = arrange()
  await remove({ gracePeriodSeconds: 0 })
  expect(server.all(refs.secrets)).toEqual([])
  expect(server.calls.at(-1)?.body).toEqual({ gracePeriodSeconds: 0, preconditions: { uid: seen.metadata.uid } })
})

it('is content when it is gone already', async () => {
  const { server, remove } = arrange()
  server.remove(refs.secrets, 's', 'd')
  await remove()
  expect(server.calls).toHaveLength(1)
})

it('fails where another has its name by now', async () => {
  const { server, remove } = arrange()
  server.intercept = () => {
    throw conflict(refs.secrets, 's')
  }
  await expect(remove()).rejects.toMatchObject({ code: 409 })
})
