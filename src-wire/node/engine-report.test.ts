import { Readable } from 'node:stream'
import { expect, it } from 'vitest'
import { reported } from './engine-report.ts'

it('ends well with a report that tells of no error', async () => {
  await reported(Readable.from([]))
  await reported(Readable.from(['{"status":"a"}\r\n\r\n{"status"', Buffer.from(':"b"}')]))
})

it('throws the error that the report tells, wherever it is cut', async () => {
  const line = '{"status":"a"}\n{"error":"no space left on device","errorDetail":{}}'
  for (const chunks of [[line], line.match(/./gs)!, [`${line}\n`, '{"status":"c"}']])
    await expect(reported(Readable.from(chunks))).rejects.toThrow('no space left on device')
})

it('throws when the engine goes away half-way', async () => {
  const report = new Readable({ read() {} })
  const ended = reported(report)
  report.push('{"status":"a"}\n')
  report.destroy(new Error('aborted'))
  await expect(ended).rejects.toThrow('aborted')
})
