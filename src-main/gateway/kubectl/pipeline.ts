import { StringDecoder } from 'node:string_decoder'
import type { Filter } from './filters.ts'

/** Who gets what comes through the filters behind a command. */
export interface PipelineOptions {
  /** What has come through all filters. */
  say(bytes: Uint8Array): void
  /** No line that follows will come through: who writes may end. */
  enough(): void
}

/** The way of a command's output through filters; without any it is passed on as it is. */
export interface Pipeline {
  write(bytes: Uint8Array): void
  /** No more comes. Returns the exit code of the last filter that judges; undefined where none does. */
  end(): number | undefined
}

/** Letters of a line that is not ended yet: longer ones are passed on in parts. */
const LONGEST = 8 << 20

/** Lines go through the filters one by one, each as soon as it is whole. */
export function createPipeline(filters: readonly Filter[], { say, enough }: PipelineOptions): Pipeline {
  if (filters.length === 0) return { write: say, end: () => undefined }
  const decoder = new StringDecoder('utf8')
  let rest = ''
  let isOver = false
  const pass = (lines: readonly string[], from: number): readonly string[] =>
    filters.slice(from).reduce((passed, filter) => {
      const told = passed.map((line) => filter.line(line))
      isOver ||= told.some(({ isEnough }) => isEnough)
      return told.flatMap((one) => one.lines)
    }, lines)
  const tell = (lines: readonly string[]): void => {
    if (lines.length > 0) say(Buffer.from(lines.map((line) => `${line}\n`).join('')))
  }
  const take = (lines: readonly string[]): void => {
    for (const line of lines) if (!isOver) tell(pass([line], 0))
    if (isOver) enough()
  }
  return {
    write(bytes) {
      if (isOver) return
      const lines = (rest + decoder.write(Buffer.from(bytes))).split('\n')
      rest = lines.pop() ?? ''
      if (rest.length > LONGEST) lines.push(rest.slice(0, LONGEST))
      rest = rest.length > LONGEST ? '' : rest
      take(lines)
    },
    end() {
      if (rest !== '' && !isOver) take([rest])
      for (const [at, filter] of filters.entries()) tell(pass(filter.end(), at + 1))
      return filters.findLast((filter) => filter.code)?.code?.()
    },
  }
}
