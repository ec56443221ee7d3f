import { connect } from 'node:http2'
import type { ServerResponse } from 'node:http'
import { expect, it, onTestFinished } from 'vitest'
import { testCertificates as pki } from '../../../src-wire/testing/certificates.ts'
import { roomIn } from './http/exchange.ts'
import { identityIn, Listener } from './listener.ts'

const block = Buffer.alloc(256 * 1024)

async function answer(response: ServerResponse): Promise<void> {
  for (let i = 0; i < 4; i++) if (!response.write(block)) await roomIn(response)
  response.end()
}

it('One connection carries many long answers at once, as all informers of a program share one', async () => {
  const listener = new Listener({
    ...pki.server,
    ca: pki.ca,
    onRequest: (_, response) => void answer(response as ServerResponse),
    upgrades: () => false,
    onUpgrade: () => {},
  })
  const port = await listener.listen('127.0.0.1', 0)
  const client = connect(`https://127.0.0.1:${port}`, { ca: pki.ca, settings: { initialWindowSize: 1 << 20 } })
  client.setMaxListeners(0)
  client.on('error', () => {})
  onTestFinished(async () => {
    client.destroy()
    await listener.stop()
  })
  const ask = (): Promise<number> =>
    new Promise((resolve, reject) => {
      let length = 0
      const call = client.request({ ':path': '/' })
      call.on('data', (piece: Buffer) => (length += piece.length))
      call.once('end', () => resolve(length))
      call.once('error', reject)
    })
  const lengths: Array<Promise<number>> = []
  for (let i = 0; i < 10; i++) {
    for (let j = 0; j < 12; j++) lengths.push(ask())
    await new Promise(setImmediate)
  }
  expect(new Set(await Promise.all(lengths))).toEqual(new Set([4 * block.length]))
})

it('A certificate names its holder, their groups and at most one uid', () => {
  const uid = '1.3.6.1.4.1.57683.2'
  const identity = (subject: object) => identityIn({ subject: subject as never, fingerprint256: 'AB:12' })
  expect(identity({ CN: 'jane', O: ['dev', 'ops'], [uid]: 'u-1' })).toEqual({
    commonName: 'jane',
    organizations: ['dev', 'ops'],
    uid: 'u-1',
    fingerprint: 'ab12',
  })
  expect(identity({ CN: 'jane', O: 'dev' })).toEqual({
    commonName: 'jane',
    organizations: ['dev'],
    fingerprint: 'ab12',
  })
  expect(identity({ CN: 'jane', [uid]: ['u-1', 'u-2'] })).toBe('refused')
})
