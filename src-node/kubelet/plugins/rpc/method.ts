import type { Message } from './message.ts'

/** A method of a service: its path (`/csi.v1.Node/NodeGetInfo`) and what is said and answered. */
export interface Method<AskIn, Ask, AnswerIn, Answer> {
  path: string
  request: Message<Ask, AskIn>
  response: Message<Answer, AnswerIn>
}

/** Methods are told apart by their paths alone. */
export const method = <AskIn, Ask, AnswerIn, Answer>(
  path: string,
  request: Message<Ask, AskIn>,
  response: Message<Answer, AnswerIn>,
): Method<AskIn, Ask, AnswerIn, Answer> => ({ path, request, response })
