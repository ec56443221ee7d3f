import { describe, expect, it } from 'vitest'
import { pemBlocks, pemText } from './pem.ts'

const body = 'A'.repeat(68)

describe('PEM', () => {
  it('is written in lines of 64 characters and read back', () => {
    const text = pemText('CERTIFICATE', body)
    expect(text).toBe(`-----BEGIN CERTIFICATE-----\n${'A'.repeat(64)}\nAAAA\n-----END CERTIFICATE-----\n`)
    expect(pemBlocks(text)).toEqual([{ type: 'CERTIFICATE', hasHeaders: false, body }])
    expect(pemText('EMPTY', '')).toBe('-----BEGIN EMPTY-----\n-----END EMPTY-----\n')
  })

  it('may have words between blocks, headers in them and ends of lines of Windows', () => {
    const text = `root of all\r\n${pemText('A', 'AAAA').replaceAll('\n', '\r\n')}# more\n-----BEGIN B-----\nKey: value\n\nBBBB\n-----END B-----`
    expect(pemBlocks(text)).toEqual([
      { type: 'A', hasHeaders: false, body: 'AAAA' },
      { type: 'B', hasHeaders: true, body: 'BBBB' },
    ])
  })

  it('is not what is no base64 or does not end', () => {
    expect(pemBlocks(pemText('A', 'AAA') + pemText('A', 'A*AA') + '-----BEGIN A-----\nAAAA\n')).toEqual([])
    expect(pemBlocks('-----BEGIN A-----\nno header\n\nAAAA\n-----END A-----')).toEqual([])
  })
})
