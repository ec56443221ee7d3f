/** One block of a PEM text (RFC 7468). */
export interface PemBlock {
  /** `CERTIFICATE`. */
  type: string
  /** Whether lines such as `Proc-Type: …` stand before its body. */
  hasHeaders: boolean
  /** Base64 without line ends. */
  body: string
}

const BLOCK = /^-----BEGIN ([^\n]*?)-----[ \t\r]*\n([\s\S]*?)^-----END \1-----/gm
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/
const LINE = 64

/** The blocks of the text in order; what stands between them, and blocks that are no base64, are passed over. */
export function pemBlocks(text: string): PemBlock[] {
  return [...text.matchAll(BLOCK)].flatMap(([, type = '', inside = '']) => {
    const lines = inside.split('\n').map((line) => line.trim())
    const blank = lines.indexOf('')
    const hasHeaders = blank > 0 && lines.slice(0, blank).every((line) => line.includes(':'))
    const body = (hasHeaders ? lines.slice(blank + 1) : lines).join('')
    return body.length % 4 === 0 && BASE64.test(body) ? [{ type, hasHeaders, body }] : []
  })
}

/** A block without headers, in lines of 64 characters. `body` is base64. */
export function pemText(type: string, body: string): string {
  const lines = body.match(new RegExp(`.{1,${LINE}}`, 'g')) ?? []
  return [`-----BEGIN ${type}-----`, ...lines, `-----END ${type}-----`, ''].join('\n')
}
