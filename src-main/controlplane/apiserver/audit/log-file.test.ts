import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { FakeClock } from '../../../../src-kube/machinery/clock.ts'
import { AuditLog } from './log-file.ts'

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'drydock-audit-log-'))
  onTestFinished(() => rmSync(made, { recursive: true, force: true }))
  return made
}

test('Lines are there in order once it is closed, after those of before', async () => {
  const path = join(folder(), 'logs', 'audit.log')
  for (const turn of ['a', 'b']) {
    const log = new AuditLog({ path, clock: new FakeClock(), log: () => {} })
    for (let i = 0; i < 3; i++) log.add(`${turn}${i}`)
    await log.close()
  }
  expect(readFileSync(path, 'utf8')).toBe('a0\na1\na2\nb0\nb1\nb2\n')
})

test('A full file is put aside, and the oldest of those go', async () => {
  const directory = folder()
  const clock = new FakeClock()
  const log = new AuditLog({ path: join(directory, 'audit.log'), clock, maxBytes: 10, maxBackups: 2, log: () => {} })
  for (let i = 0; i < 5; i++) {
    log.add(`line ${i}`)
    await log.close()
    log.add(`more ${i}`)
    await log.close()
    await clock.advance(1000)
  }
  expect(readdirSync(directory).sort()).toEqual([
    'audit-2026-01-01T00-00-03.000.log',
    'audit-2026-01-01T00-00-04.000.log',
    'audit.log',
  ])
  expect(readFileSync(join(directory, 'audit.log'), 'utf8')).toBe('more 4\n')
})

test('What cannot be written is told to the log, and stops nobody', async () => {
  const told: string[] = []
  const log = new AuditLog({ path: folder(), clock: new FakeClock(), log: (message) => void told.push(message) })
  log.add('a')
  await log.close()
  expect(told).toEqual(['the audit log cannot be written'])
})
