import type { IncomingMessage } from 'node:http'

/** The `Status` a refused request answered with, or one made from its text. */
export async function statusOf(response: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  const text = Buffer.concat(chunks).toString('utf8')
  const parsed = parseJson(text)
  if (parsed && typeof parsed === 'object' && (parsed as { kind?: string }).kind === 'Status') return parsed
  return {
    kind: 'Status',
    apiVersion: 'v1',
    status: 'Failure',
    message: text.trim() || response.statusMessage,
    code: response.statusCode,
  }
}

/** Undefined for what is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
