import { expect, it } from 'vitest'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import { channel } from '../../src-wire/gateway/frames.ts'
import type { Connection, StreamHandlers } from './connection.ts'
import { runCommand } from './run-command.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

/** Runs `cat /a` in a container; the streams that were opened, and what was written to them. */
function setup(input?: Uint8Array) {
  const opened: Array<{ path: string; handlers: StreamHandlers }> = []
  const sent: number[] = []
  const connection = partial<Connection>({
    open: ({ path }: { path: string }, handlers: StreamHandlers) => {
      opened.push({ path, handlers })
      return {
        write: (part: Uint8Array) => void sent.push(part.length),
        resize: () => undefined,
        close: () => undefined,
      }
    },
  })
  const ref = { namespace: 'shop', pod: 'web', container: 'main' }
  const run = runCommand({ connection, cluster: 'dev' }, ref, ['cat', '/a'], input)
  return { run, sent, path: opened[0]!.path, handlers: opened[0]!.handlers }
}

it('gives what a command wrote once it has ended well', async () => {
  const { run, path, handlers } = setup()
  expect(path).toContain('/namespaces/shop/pods/web/exec?container=main&command=cat&command=%2Fa&stdin=false')
  for (const part of ['ab', 'c']) handlers.data!(bytes(part), channel.stdout)
  handlers.closed({ status: { status: 'Success' } })
  expect(await new Blob(await run).text()).toBe('abc')
})

it('writes its input in parts, once the command runs', () => {
  const { sent, path, handlers } = setup(new Uint8Array(100_000))
  expect([path.includes('stdin=true'), sent]).toEqual([true, []])
  handlers.opened!()
  expect(sent).toEqual([65_536, 34_464])
})

it('fails in the words of the command, else of the server, and never gives half of it', async () => {
  const failed = setup()
  failed.handlers.data!(bytes('half'), channel.stdout)
  failed.handlers.data!(bytes('cat: /a: No such file\n'), channel.stderr)
  failed.handlers.closed({ status: { status: 'Failure', message: 'exit code 1' } })
  await expect(failed.run).rejects.toThrow('cat: /a: No such file')
  const refused = setup()
  refused.handlers.closed({ status: { status: 'Failure', message: 'container not found' } })
  await expect(refused.run).rejects.toThrow('container not found')
  const lost = setup()
  lost.handlers.closed({ lost: true })
  await expect(lost.run).rejects.toThrow('The connection was lost.')
})
