import { StatusError, type StatusObject } from '../../../../src-kube/machinery/errors.ts'

/** What a webhook's server answered instead of a review. */
export class AnswerError extends Error {
  override readonly name = 'AnswerError'
}

/** What upstream's client makes of codes, whatever was said with them. */
const words: Readonly<Record<number, string>> = {
  400: 'the server rejected our request for an unknown reason',
  401: 'the server has asked for the client to provide credentials',
  404: 'the server could not find the requested resource',
  405: 'the server does not allow this method on the requested resource',
  409: 'the server reported a conflict',
  415: 'the body of the request was in an unknown format - accepted media types include: ',
  422: 'the server rejected our request due to an error in our request',
  429: 'the server has received too many requests and has asked us to try again later',
  503: 'the server is currently unable to handle the request',
  504: 'the server was unable to return a response in the time allotted, but may still be processing the request',
}

/** The refusal of a server, in the words of upstream's client: those of a `Status`, else made from the code and the text of the answer. */
export function answerError(code: number, body: string, type: string | undefined): AnswerError {
  const status = statusIn(body)
  if (status) return new AnswerError(StatusError.from(status).message)
  // Only text is told on.
  const said = type === undefined || type.startsWith('text/') ? body.trim() : 'unknown'
  if (code === 403 || code === 406) return new AnswerError(said)
  const known = words[code]
  if (known !== undefined) return new AnswerError(known)
  return new AnswerError(
    code >= 500
      ? `an error on the server (${JSON.stringify(said)}) has prevented the request from succeeding`
      : `the server responded with the status code ${code} but did not return more information`,
  )
}

function statusIn(body: string): Partial<StatusObject> | undefined {
  if (!body.startsWith('{')) return undefined
  try {
    const value = JSON.parse(body) as Partial<StatusObject>
    return value.kind === 'Status' ? value : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
