import { copyFileSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, createSecureContext, createServer, type TLSSocket } from 'node:tls'
import { afterAll, describe, expect, it } from 'vitest'
import { FakeClock } from '../../../src-kube/machinery/clock.ts'
import { openPki } from './index.ts'

const root = mkdtempSync(join(tmpdir(), 'drydock-pki-'))
afterAll(() => rmSync(root, { recursive: true }))
const sans = { dns: [], ips: ['172.28.0.1'] }
const clock = (): FakeClock => new FakeClock(Date.now())

describe('openPki', () => {
  it('makes certificates with which server and client accept each other', async () => {
    const pki = await openPki(join(root, 'tls'), { clock: clock(), sans })
    const client = await pki.client('kubernetes-admin', ['system:masters', 'b'])
    const server = createServer({ ...pki.serving, ca: pki.ca.cert, requestCert: true, rejectUnauthorized: false })
    const subject = new Promise<unknown>((resolve) => {
      server.on('secureConnection', (socket: TLSSocket) =>
        resolve([socket.authorized, socket.getPeerCertificate().subject]),
      )
    })
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    const { port } = server.address() as AddressInfo
    const socket = connect({ port, host: '127.0.0.1', ca: pki.ca.cert, ...client })
    const [authorized, name] = (await subject) as [boolean, { CN: string; O: string[] }]
    expect(authorized).toBe(true)
    expect([name.CN, name.O]).toEqual(['kubernetes-admin', ['system:masters', 'b']])
    socket.destroy()
    server.close()
  })

  it('keeps what is good, in files only their owner reads, and re-issues for another address or near the end', async () => {
    const directory = join(root, 'kept')
    const time = clock()
    const first = await openPki(directory, { clock: time, sans })
    const again = await openPki(directory, { clock: time, sans })
    expect([again.ca, again.serving]).toEqual([first.ca, first.serving])
    expect(statSync(join(directory, 'ca.key')).mode & 0o777).toBe(0o600)
    const moved = await openPki(directory, { clock: time, sans: { dns: [], ips: ['172.28.9.1'] } })
    expect(moved.ca).toEqual(first.ca)
    expect(moved.serving.cert).not.toBe(first.serving.cert)
    await time.advance(340 * 24 * 3600_000)
    expect((await openPki(directory, { clock: time, sans: { dns: [], ips: ['172.28.9.1'] } })).serving.cert).not.toBe(
      moved.serving.cert,
    )
  })

  it('re-issues a certificate whose key is another: a crash came between the two files of a renewal', async () => {
    const [directory, elsewhere] = [join(root, 'torn'), join(root, 'elsewhere')]
    const before = await openPki(directory, { clock: clock(), sans })
    await openPki(elsewhere, { clock: clock(), sans })
    copyFileSync(join(elsewhere, 'apiserver.key'), join(directory, 'apiserver.key'))
    const after = await openPki(directory, { clock: clock(), sans })
    expect(after.ca).toEqual(before.ca)
    expect(after.serving.cert).not.toBe(before.serving.cert)
    expect(() => createSecureContext(after.serving)).not.toThrow()
  })

  it('refuses a request whose signature is not its own', async () => {
    const pki = await openPki(join(root, 'csr'), { clock: clock(), sans })
    await expect(
      pki.signer.parse('-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----'),
    ).rejects.toThrow(/ASN|schema|offset|length|Cannot/i)
  })
})
