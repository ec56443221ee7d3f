import { EventEmitter } from 'node:events'
import { expect, it } from 'vitest'
import { outliveFullDisk } from './outlive-full-disk.ts'

const failure = (code: string): Error => Object.assign(new Error(code), { code })

it('a full disk under the log ends nobody, whatever else fails does', () => {
  const streams = [new EventEmitter(), new EventEmitter()]
  outliveFullDisk(streams)
  for (const stream of streams) {
    expect(() => stream.emit('error', failure('ENOSPC'))).not.toThrow()
    expect(() => stream.emit('error', failure('EPIPE'))).toThrow('EPIPE')
  }
})
